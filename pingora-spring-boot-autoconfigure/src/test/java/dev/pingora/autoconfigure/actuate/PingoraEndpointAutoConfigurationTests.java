package dev.pingora.autoconfigure.actuate;

import java.util.List;
import java.util.Map;

import javax.management.MBeanServer;
import javax.management.ObjectName;

import dev.pingora.autoconfigure.PingoraAutoConfiguration;
import dev.pingora.autoconfigure.ProxyServerCustomizer;
import dev.pingora.autoconfigure.actuate.PingoraDescriptor.RouteDescriptor;
import dev.pingora.balancing.Backend;
import dev.pingora.balancing.LoadBalancer;
import dev.pingora.balancing.Selection;
import dev.pingora.balancing.Upstream;
import dev.pingora.http.RequestHeader;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicResponse;
import dev.pingora.panic.PanicSite;
import dev.pingora.proxy.ProxyHttp;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.RouteTrace;
import dev.pingora.proxy.Router;
import dev.pingora.proxy.Session;
import dev.pingora.server.ProxyServer;
import dev.pingora.server.RetryOptions;
import dev.pingora.upstream.HttpPeer;
import org.junit.jupiter.api.Test;

import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.jmx.JmxEndpointAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.jmx.JmxAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * When the endpoints are there, and what they show of routers made by code.
 */
class PingoraEndpointAutoConfigurationTests {

	private final ApplicationContextRunner unrouted = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(PingoraAutoConfiguration.class, PingoraEndpointAutoConfiguration.class))
		.withPropertyValues("pingora.listeners[0].address=127.0.0.1", "pingora.listeners[0].port=0",
				"pingora.threads=1", "pingora.transport=nio");

	private final ApplicationContextRunner unexposed = this.unrouted.withPropertyValues("pingora.routes[0].id=a",
			"pingora.routes[0].uri=http://127.0.0.1:1", "pingora.routes[1].id=b",
			"pingora.routes[1].uri=http://127.0.0.1:1");

	private final ApplicationContextRunner runner = this.unexposed
		.withPropertyValues("management.endpoints.web.exposure.include=panics,pingora");

	private static PingoraDescriptor pingora(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed();
		return context.getBean(PingoraEndpoint.class).pingora();
	}

	@Test
	void endpointsAreThereWhenExposed() {
		this.runner.run((context) -> assertThat(context).hasSingleBean(PanicsEndpoint.class)
			.hasSingleBean(PingoraEndpoint.class));
	}

	@Test
	void endpointsAreAbsentUnlessExposed() {
		this.unexposed.run((context) -> assertThat(context).hasNotFailed()
			.doesNotHaveBean(PanicsEndpoint.class)
			.doesNotHaveBean(PingoraEndpoint.class));
	}

	@Test
	void endpointsCanBeSwitchedOff() {
		this.runner
			.withPropertyValues("management.endpoint.panics.access=NONE", "management.endpoint.pingora.access=NONE")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(PanicsEndpoint.class)
				.doesNotHaveBean(PingoraEndpoint.class));
	}

	@Test
	void endpointsAreAbsentWithoutActuator() {
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(ProxyServer.class)
				.doesNotHaveBean(PanicsEndpoint.class)
				.doesNotHaveBean(PingoraEndpoint.class));
	}

	@Test
	void endpointsAreAbsentWithoutServer() {
		this.runner.withPropertyValues("pingora.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(PanicsEndpoint.class)
				.doesNotHaveBean(PingoraEndpoint.class));
	}

	@Test
	void urisThatAreAlikeAreOneUpstream() {
		this.runner.run((context) -> {
			assertThat(pingora(context).routes()).extracting(RouteDescriptor::upstream)
				.containsExactly("127.0.0.1:1", "127.0.0.1:1");
			assertThat(pingora(context).routes()).extracting(RouteDescriptor::predicates)
				.containsExactly(List.of(), List.of());
			assertThat(pingora(context).upstreams()).hasSize(1);
		});
	}

	@Test
	void customizersChangeWhatIsInEffect() {
		this.runner
			.withBean(ProxyServerCustomizer.class,
					() -> (builder) -> builder.panicResponse(PanicResponse.ERROR_PAGE)
						.retries(new RetryOptions(1, RetryOptions.defaults().budget(), 0)))
			.run((context) -> assertThat(pingora(context).settings()).containsEntry("pingora.retries.max", 1)
				.containsEntry("pingora.panic.response", "error-page")
				.containsEntry("pingora.retries.budget", 10_000L)
				.containsEntry("pingora.upstream-defaults.connect-timeout", 1000L));
	}

	@Test
	void forwardingIsShownByTheNamesOfItsProperties() {
		this.runner
			.withPropertyValues("pingora.downstream.trusted-proxies=10.0.0.0/8, unix", "pingora.downstream.via=edge")
			.run((context) -> assertThat(pingora(context).settings())
				.containsEntry("pingora.downstream.forwarded-headers", "append")
				.containsEntry("pingora.downstream.forwarded-style", "x-forwarded")
				.containsEntry("pingora.downstream.trusted-proxies", List.of("10.0.0.0/8", "unix"))
				.containsEntry("pingora.downstream.via", "edge")
				.doesNotContainKeys("pingora.downstream.forwarded.mode", "pingora.downstream.mode"));
	}

	@Test
	void userRouterShowsItsClassAndTheRoutesThatItTells() {
		this.unrouted.withPropertyValues("management.endpoints.web.exposure.include=*")
			.withBean(Router.class, OwnRouter::new)
			.run((context) -> {
				PingoraDescriptor pingora = pingora(context);
				assertThat(pingora.router()).isEqualTo(OwnRouter.class.getName());
				assertThat(pingora.routes())
					.containsExactly(new RouteDescriptor("own", null, List.of(), "own-upstream"));
				assertThat(pingora.upstreams().get(0).loadBalancing()).isEqualTo(FirstBackend.class.getName());
			});
	}

	@Test
	void userProxyIsOneRoute() {
		this.unrouted.withPropertyValues("management.endpoints.web.exposure.include=*")
			.withBean(OwnProxy.class)
			.run((context) -> assertThat(pingora(context).routes()).singleElement().satisfies((route) -> {
				assertThat(route.id()).isEqualTo("proxy");
				assertThat(route.upstream()).isNull();
				assertThat(route.filters().get(0).phases()).containsExactly("newContext", "upstreamPeer");
			}));
	}

	@Test
	void closedServerIsShown() {
		this.runner.run((context) -> {
			context.getBean(ProxyServer.class).close();
			assertThat(pingora(context).running()).isFalse();
			assertThat(pingora(context).listeners()).isEmpty();
			assertThat(pingora(context).routes()).hasSize(2);
		});
	}

	@Test
	void panicsOutsideRequestsAreShown() {
		this.runner.run((context) -> {
			context.getBean(PanicIsolation.class).record(PanicSite.of(PanicSite.ENGINE, null), new HostileException());
			PanicsDescriptor panics = context.getBean(PanicsEndpoint.class).panics(null, null);
			assertThat(panics.totals()).containsExactly(new PanicsDescriptor.SiteTotal("engine", null, null, 1));
			PanicDescriptor panic = panics.recent().get(0);
			assertThat(panic.request()).isNull();
			assertThat(panic.exception().message()).isEqualTo("(the message can't be told)");
			assertThat(panic.frames()).isEmpty();
			assertThat(panic.reports()).isEmpty();
			PanicDescriptor single = context.getBean(PanicsEndpoint.class).panic(panic.id());
			assertThat(single).isNotNull();
			assertThat(single.stackTrace()).containsExactly(HostileException.class.getName());
		});
	}

	@Test
	void endpointsCanBeUsedOverJmx() {
		this.runner
			.withConfiguration(AutoConfigurations.of(JmxAutoConfiguration.class, EndpointAutoConfiguration.class,
					JmxEndpointAutoConfiguration.class))
			.withPropertyValues("spring.jmx.enabled=true", "management.endpoints.jmx.exposure.include=panics,pingora")
			.run((context) -> {
				context.getBean(PanicIsolation.class)
					.record(PanicSite.of(PanicSite.ENGINE, null), new StackOverflowError());
				MBeanServer mBeans = context.getBean(MBeanServer.class);
				String name = "org.springframework.boot:type=Endpoint,name=";
				Object pingora = mBeans.invoke(ObjectName.getInstance(name + "Pingora"), "pingora", new Object[0],
						new String[0]);
				assertThat(pingora).asString().contains("nio (as configured)");
				Object panic = mBeans.invoke(ObjectName.getInstance(name + "Panics"), "panic", new Object[] { 1L },
						new String[] { Long.class.getName() });
				assertThat(panic).isInstanceOf(Map.class).asString().contains("java.lang.StackOverflowError");
			});
	}

	static final class OwnRouter implements Router {

		private final Route route = Route.of("own", List.of(),
				Upstream.of("own-upstream", List.of(Backend.of(HttpPeer.of("127.0.0.1", 1))), new FirstBackend()));

		@Override
		public Route find(RequestHeader request, RouteTrace trace) {
			return this.route;
		}

		@Override
		public List<Route> routes() {
			return List.of(this.route);
		}

	}

	static final class FirstBackend implements LoadBalancer {

		@Override
		public Selection prepare(List<Backend> backends) {
			return (hash, attempt) -> backends.get(0);
		}

	}

	static final class OwnProxy implements ProxyHttp<Object> {

		@Override
		public Object newContext() {
			return new Object();
		}

		@Override
		public HttpPeer upstreamPeer(Session session, Object context) {
			return HttpPeer.of("127.0.0.1", 1);
		}

	}

	@SuppressWarnings("serial")
	static final class HostileException extends RuntimeException {

		@Override
		public String getMessage() {
			throw new StackOverflowError("another bug");
		}

		@Override
		public StackTraceElement[] getStackTrace() {
			throw new IllegalStateException("another bug");
		}

		@Override
		public String toString() {
			throw new IllegalStateException("another bug");
		}

	}

}
