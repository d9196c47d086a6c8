package dev.pingora.autoconfigure.actuate;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

import dev.pingora.autoconfigure.PingoraAutoConfiguration;
import dev.pingora.autoconfigure.actuate.PingoraDescriptor.WatchdogDescriptor;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.panic.Supervision;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.RawClient;
import dev.pingora.watchdog.WatchdogStatus;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the server's health tells.
 */
class PingoraHealthAutoConfigurationTests {

	private final ApplicationContextRunner withoutActuator = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PingoraAutoConfiguration.class, PingoraHealthAutoConfiguration.class))
		.withPropertyValues("pingora.listeners[0].address=127.0.0.1", "pingora.listeners[0].port=0",
				"pingora.threads=1", "pingora.transport=nio", "pingora.routes[0].id=a",
				"pingora.routes[0].uri=http://127.0.0.1:1");

	private final ApplicationContextRunner runner = this.withoutActuator
		.withConfiguration(AutoConfigurations.of(HealthContributorAutoConfiguration.class));

	private static Health health(AssertableApplicationContext context) {
		Health health = context.getBean("pingoraHealthIndicator", HealthIndicator.class).health();
		assertThat(health).isNotNull();
		return health;
	}

	@Test
	void runningServerIsUpWithDetails() {
		this.runner.run((context) -> {
			context.getBean(PanicIsolation.class)
				.record(PanicSite.of(PanicSite.ENGINE, null), new StackOverflowError());
			Health health = health(context);
			assertThat(health.getStatus()).isEqualTo(Status.UP);
			assertThat(health.getDetails()).containsEntry("panics", Map.of("total", 1L, "lastFiveMinutes", 1L))
				.containsEntry("activeRequests", 0);
			assertThat(health.getDetails().get("transport")).asString().startsWith("nio");
			assertThat(health.getDetails().get("listeners")).asString()
				.contains("name=http", "address=127.0.0.1", "port=" + context.getBean(ProxyServer.class).port("http"));
		});
	}

	@Test
	void heldLoopIsNamedAndTheServerStaysUp() {
		CountDownLatch gate = new CountDownLatch(1);
		ProxyFilter holding = new ProxyFilter() {

			@Override
			public Outcome requestFilter(Session session) {
				Await.until("the gate", () -> gate.getCount() == 0);
				return session.respond(204);
			}

		};
		this.runner.withBean("holding", ProxyFilter.class, () -> holding).run((context) -> {
			assertThat(health(context).getDetails()).containsEntry("heldLoops", List.of())
				.containsEntry("loopOverruns", 0L);
			try (RawClient client = RawClient.connect(context.getBean(ProxyServer.class).port("http"))) {
				client.get("/");
				Await.until("the watchdog", () -> !context.getBean(ProxyServer.class).watchdog().held().isEmpty());
				Health health = health(context);
				WatchdogDescriptor shown = ServerDescriptions.watchdog(context.getBean(ProxyServer.class).watchdog());
				gate.countDown();
				assertThat(shown.recent()).singleElement()
					.satisfies((held) -> assertThat(held.stack()).asString().contains("requestFilter"));
				assertThat(health.getStatus()).isEqualTo(Status.UP);
				assertThat(health.getDetails().get("heldLoops")).asString()
					.contains("filter=holding", "phase=requestFilter", "route=a", "thread=pingora-loop", "heldMs=");
				assertThat(client.readResponse().status()).isEqualTo(204);
			}
		});
	}

	@Test
	void noThreadWatchesWithoutABudget() {
		this.runner.withPropertyValues("pingora.watchdog.loop-budget=0")
			.run((context) -> assertThat(context.getBean(ProxyServer.class).watchdog())
				.isEqualTo(WatchdogStatus.off()));
	}

	@Test
	void stoppedServerIsDown() {
		this.runner.run((context) -> {
			context.getBean(ProxyServer.class).close();
			assertThat(health(context).getStatus()).isEqualTo(Status.DOWN);
			assertThat(health(context).getDetails()).containsEntry("reason", "the server does not accept clients");
		});
	}

	@Test
	void serverIsDownAfterAGravePanic() {
		this.runner.run((context) -> {
			context.getBean(PanicIsolation.class)
				.record(PanicSite.of(PanicSite.ENGINE, null), new InternalError("a bug in the JVM"));
			assertThat(health(context).getStatus()).isEqualTo(Status.DOWN);
			assertThat(health(context).getDetails()).containsEntry("reason", "panic 1 puts the process in doubt");
			assertThat(health(context).getDetails().get("gravePanic")).asString()
				.contains("id=1", "java.lang.InternalError: a bug in the JVM", "wait for a minute");
		});
	}

	@Test
	void backgroundTaskThatPanicsIsNamedAndTheServerStaysUp() {
		ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
		try {
			this.runner.run((context) -> {
				Supervision supervision = context.getBean(PanicIsolation.class)
					.supervise("discovery", executor, Duration.ofMinutes(1), () -> {
						throw new IllegalStateException("a bug");
					});
				Await.until("the panic", () -> !supervision.isHealthy());
				assertThat(health(context).getStatus()).isEqualTo(Status.UP);
				assertThat(health(context).getDetails()).containsEntry("failingBackgroundTasks", List.of("discovery"));
			});
		}
		finally {
			executor.shutdownNow();
		}
	}

	@Test
	void indicatorCanBeSwitchedOff() {
		this.runner.withPropertyValues("management.health.pingora.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("pingoraHealthIndicator"));
	}

	@Test
	void indicatorIsAbsentWithoutActuator() {
		this.withoutActuator.withClassLoader(new FilteredClassLoader("org.springframework.boot.health"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(ProxyServer.class)
				.doesNotHaveBean("pingoraHealthIndicator"));
	}

	@Test
	void indicatorIsAbsentWithoutServer() {
		this.runner.withPropertyValues("pingora.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("pingoraHealthIndicator"));
	}

	@Test
	void usersIndicatorReplacesOurs() {
		this.runner.withBean("pingoraHealthIndicator", HealthIndicator.class, () -> () -> Health.unknown().build())
			.run((context) -> assertThat(health(context).getStatus()).isEqualTo(Status.UNKNOWN));
	}

}
