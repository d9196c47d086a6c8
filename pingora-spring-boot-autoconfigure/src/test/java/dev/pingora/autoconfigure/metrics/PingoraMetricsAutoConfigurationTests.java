package dev.pingora.autoconfigure.metrics;

import java.util.List;

import dev.pingora.autoconfigure.PingoraAutoConfiguration;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.Router;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the meters count.
 */
class PingoraMetricsAutoConfigurationTests {

	private static final PanicSite SITE = new PanicSite("requestFilter", "geo", "orders", null);

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PingoraAutoConfiguration.class, PingoraMetricsAutoConfiguration.class))
		.withPropertyValues("pingora.listeners[0].address=127.0.0.1", "pingora.listeners[0].port=0",
				"pingora.threads=1", "pingora.transport=nio", "pingora.routes[0].id=a",
				"pingora.routes[0].uri=http://127.0.0.1:1");

	private static double count(MeterRegistry registry, String phase, String filter, String route) {
		return registry.get("pingora.panics")
			.tag("phase", phase)
			.tag("filter", filter)
			.tag("route", route)
			.functionCounter()
			.count();
	}

	@Test
	void panicsAreCountedBySite() {
		this.runner.withBean(MeterRegistry.class, SimpleMeterRegistry::new).run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			PanicIsolation isolation = context.getBean(PanicIsolation.class);
			assertThat(registry.find("pingora.panics").functionCounters()).isEmpty();
			isolation.record(SITE, new IllegalStateException());
			isolation.record(SITE, new IllegalStateException());
			isolation.record(PanicSite.of(PanicSite.ENGINE, null), new IllegalStateException());
			Await.until("both sites have a meter",
					() -> registry.find("pingora.panics").functionCounters().size() == 2);
			assertThat(count(registry, "requestFilter", "geo", "orders")).isEqualTo(2);
			assertThat(count(registry, "engine", "none", "none")).isEqualTo(1);
		});
	}

	@Test
	void droppedNewsLosesNoCount() {
		this.runner.withBean(MeterRegistry.class, SimpleMeterRegistry::new).run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			PanicIsolation isolation = context.getBean(PanicIsolation.class);
			for (int i = 0; i < 20_000; i++) {
				isolation.record(SITE, new IllegalStateException());
			}
			Await.until("the site has a meter", () -> !registry.find("pingora.panics").functionCounters().isEmpty());
			assertThat(count(registry, "requestFilter", "geo", "orders")).isEqualTo(20_000);
		});
	}

	@Test
	void metersAreAbsentWithoutRegistry() {
		this.runner.run((context) -> assertThat(context).hasNotFailed()
			.hasSingleBean(ProxyServer.class)
			.doesNotHaveBean(PanicMeters.class)
			.doesNotHaveBean(ReportMeters.class)
			.doesNotHaveBean(RequestMeters.class)
			.doesNotHaveBean(ServerMeters.class));
	}

	@Test
	void metersAreAbsentWithoutMicrometer() {
		this.runner.withClassLoader(new FilteredClassLoader("io.micrometer"))
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(ProxyServer.class));
	}

	@Test
	void metersAreAbsentWithoutServer() {
		this.runner.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
			.withPropertyValues("pingora.enabled=false")
			.run((context) -> {
				assertThat(context).hasNotFailed().doesNotHaveBean(PanicMeters.class);
				assertThat(context.getBean(MeterRegistry.class).getMeters()).isEmpty();
			});
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void upstreamOfSeveralRoutesIsCountedOnceAndNobodyIsWarned(CapturedOutput output) {
		this.runner.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
			.withPropertyValues("pingora.routes[1].id=b", "pingora.routes[1].uri=http://127.0.0.1:1")
			.run((context) -> assertThat(context.getBean(MeterRegistry.class)
				.get("pingora.upstream.backends")
				.tags("upstream", "127.0.0.1:1", "state", "unchecked")
				.gauges()).singleElement().satisfies((gauge) -> assertThat(gauge.value()).isEqualTo(1)));
		assertThat(output).doesNotContain("already registered");
	}

	@Test
	void routerOfTheUsersOwnHasNoBackendsToCount() {
		Router router = (request, trace) -> Route.of("mine", List.of(), null);
		this.runner.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
			.withBean(Router.class, () -> router)
			.withPropertyValues("pingora.routes=")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				MeterRegistry registry = context.getBean(MeterRegistry.class);
				assertThat(registry.find("pingora.upstream.backends").gauges()).isEmpty();
				assertThat(registry.find("pingora.upstream.connections").gauges()).hasSize(2);
				assertThat(registry.get("pingora.downstream.connections").tag("listener", "http").gauge().value())
					.isZero();
			});
	}

	@Test
	void primaryRegistryIsTheOneThatIsUsed() {
		this.runner.withBean("one", MeterRegistry.class, SimpleMeterRegistry::new)
			.withBean("two", MeterRegistry.class, SimpleMeterRegistry::new, (definition) -> definition.setPrimary(true))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean("one", MeterRegistry.class).find("pingora.requests.active").gauge())
					.isNull();
				assertThat(context.getBean("two", MeterRegistry.class).find("pingora.requests.active").gauge())
					.isNotNull();
			});
	}

	@Test
	void severalRegistriesAreFedByTheCompositeOfSpringBoot() {
		this.runner
			.withConfiguration(AutoConfigurations.of(MetricsAutoConfiguration.class,
					CompositeMeterRegistryAutoConfiguration.class))
			.withBean("one", MeterRegistry.class, SimpleMeterRegistry::new)
			.withBean("two", MeterRegistry.class, SimpleMeterRegistry::new)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				for (String name : List.of("one", "two")) {
					assertThat(context.getBean(name, MeterRegistry.class).find("pingora.requests.active").gauge())
						.isNotNull();
				}
			});
	}

	@Test
	void severalRegistriesOfWhichNoneIsPrimaryGetNoMeters() {
		this.runner.withBean("one", MeterRegistry.class, SimpleMeterRegistry::new)
			.withBean("two", MeterRegistry.class, SimpleMeterRegistry::new)
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(RequestMeters.class));
	}

}
