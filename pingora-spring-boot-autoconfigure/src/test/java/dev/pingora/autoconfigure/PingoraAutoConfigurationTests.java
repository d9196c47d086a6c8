package dev.pingora.autoconfigure;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RequestSummary;
import dev.pingora.http.RequestHeader;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicListener;
import dev.pingora.panic.PanicSite;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.ProxyHttp;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.RouteTrace;
import dev.pingora.proxy.Router;
import dev.pingora.proxy.Session;
import dev.pingora.server.ListenerOptions;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.upstream.HttpPeer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which beans there are, and when they back off.
 */
class PingoraAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PingoraAutoConfiguration.class, TaskExecutionAutoConfiguration.class))
		.withPropertyValues("pingora.listeners[0].address=127.0.0.1", "pingora.listeners[0].port=0",
				"pingora.threads=1", "pingora.transport=nio");

	private final ApplicationContextRunner routed = this.runner.withPropertyValues("pingora.routes[0].id=a",
			"pingora.routes[0].uri=http://127.0.0.1:1");

	@Test
	void serverIsMadeStartedAndStopped() {
		ProxyServer[] server = new ProxyServer[1];
		this.routed.run((context) -> {
			assertThat(context).hasSingleBean(ProxyServer.class)
				.hasSingleBean(Router.class)
				.hasSingleBean(PanicIsolation.class)
				.hasSingleBean(PingoraServerLifecycle.class);
			server[0] = context.getBean(ProxyServer.class);
			assertThat(server[0].isRunning()).isTrue();
			assertThat(server[0].port("http")).isPositive();
			assertThat(server[0].isolation()).isSameAs(context.getBean(PanicIsolation.class));
			assertThat(Thread.getAllStackTraces().keySet()).as("what keeps the JVM alive").anySatisfy((thread) -> {
				assertThat(thread.getName()).startsWith("pingora-loop");
				assertThat(thread.isDaemon()).isFalse();
			});
		});
		assertThat(server[0].isRunning()).isFalse();
	}

	@Test
	void nothingIsMadeWhenDisabled() {
		this.runner.withPropertyValues("pingora.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(ProxyServer.class)
				.doesNotHaveBean(PanicIsolation.class));
	}

	@ParameterizedTest
	@ValueSource(strings = { "none", "io.sentry", "io.micrometer", "io.micrometer.core", "io.micrometer.tracing",
			"org.springframework.boot.actuate", "org.springframework.boot.health",
			"org.springframework.boot.actuate org.springframework.boot.health io.micrometer io.sentry "
					+ "jakarta.validation org.hibernate" })
	void worksWithoutWhatIsOptional(String absent) {
		Class<?>[] all = ImportCandidates.load(AutoConfiguration.class, getClass().getClassLoader())
			.getCandidates()
			.stream()
			.filter((name) -> name.startsWith("dev.pingora."))
			.map((name) -> ClassUtils.resolveClassName(name, null))
			.toArray(Class<?>[]::new);
		assertThat(all).hasSizeGreaterThan(5);
		this.routed.withConfiguration(AutoConfigurations.of(all))
			.withPropertyValues("pingora.access-log.enabled=true", "pingora.access-log.path=target/optional-access.log",
					"sentry.dsn=http://key@127.0.0.1:1/1")
			.withClassLoader(new FilteredClassLoader(absent.split(" ")))
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(ProxyServer.class);
				try (RawClient client = RawClient.connect(context.getBean(ProxyServer.class).port("http"))) {
					assertThat(client.get("/").readResponse().status()).isEqualTo(502);
				}
			});
	}

	@Test
	void bootsOwnExecutorStays() {
		this.routed.run((context) -> {
			assertThat(context).hasBean("applicationTaskExecutor").hasBean("pingoraTaskExecutor");
			assertThat(context.getBean(AsyncTaskExecutor.class)).isSameAs(context.getBean("applicationTaskExecutor"));
			assertThat(context.getBean("pingoraTaskExecutor")).isInstanceOf(PanicIsolatingTaskExecutor.class);
			assertThat(context.getBean(ProxyServer.class).executor()).isNotNull();
		});
	}

	@Test
	void asManyPanicsAreRememberedAsConfigured() {
		this.routed.withPropertyValues("pingora.panic.history=2").run((context) -> {
			PanicIsolation isolation = context.getBean(PanicIsolation.class);
			for (int i = 0; i < 3; i++) {
				isolation.record(PanicSite.of(PanicSite.ENGINE, null), new IllegalStateException("a bug"));
			}
			assertThat(isolation.recent()).extracting(Panic::id).containsExactly(3L, 2L);
		});
	}

	@Test
	void panicHistoryOutOfRangeIsToldLikeAnyMistake() {
		this.routed.withPropertyValues("pingora.panic.history=0", "pingora.threads=-1")
			.run((context) -> assertThat(context.getStartupFailure()).rootCause()
				.hasMessageContainingAll("pingora.panic.history", "pingora.threads"));
	}

	@Test
	void panicListenersAreTold() {
		this.routed.withUserConfiguration(Listeners.class).run((context) -> {
			context.getBean("pingoraTaskExecutor", Executor.class).execute(() -> {
				throw new IllegalStateException("a bug");
			});
			Listeners listeners = context.getBean(Listeners.class);
			Await.until("the listener is told", () -> !listeners.panics.isEmpty());
			assertThat(listeners.panics).extracting((panic) -> panic.site().phase())
				.containsExactly(PanicSite.EXECUTOR);
		});
	}

	@Test
	void requestIsProxiedAndObserved() {
		try (RawOrigin origin = RawOrigin.start()) {
			this.runner.withUserConfiguration(Listeners.class)
				.withPropertyValues("pingora.routes[0].id=a", "pingora.routes[0].uri=http://localhost:" + origin.port(),
						"pingora.routes[0].filters[0]=AddResponseHeader=X-Gateway, pingora")
				.run((context) -> {
					try (RawClient client = RawClient.connect(context.getBean(ProxyServer.class).port("http"))) {
						client.get("/hello");
						assertThat(client.readResponse().header("X-Gateway")).isEqualTo("pingora");
					}
					Listeners listeners = context.getBean(Listeners.class);
					Await.until("the listener is told", () -> !listeners.requests.isEmpty());
					assertThat(listeners.requests.get(0).route()).isEqualTo("a");
				});
		}
	}

	@Test
	void globalFiltersComeFirstInOrderAndRouteOnlyOnesWhereNamed() {
		this.runner.withUserConfiguration(Filters.class)
			.withPropertyValues("pingora.routes[0].id=a", "pingora.routes[0].uri=http://h:1",
					"pingora.routes[0].predicates[0]=Path=/a", "pingora.routes[0].filters[0]=StripPrefix=1",
					"pingora.routes[0].filters[1]=geo", "pingora.routes[1].id=b", "pingora.routes[1].uri=http://h:1")
			.run((context) -> {
				Router router = context.getBean(Router.class);
				assertThat(names(router, "/a")).containsExactly("first", "second", "StripPrefix", "geo");
				assertThat(names(router, "/b")).containsExactly("first", "second");
				assertThat(router.find(RequestHeader.of("GET", "/a"), new RouteTrace()).filters()).last()
					.extracting(NamedFilter::blockingPhases)
					.asString()
					.isEqualTo("[REQUEST_FILTER]");
			});
	}

	private static List<String> names(Router router, String path) throws Exception {
		return router.find(RequestHeader.of("GET", path), new RouteTrace())
			.filters()
			.stream()
			.map(NamedFilter::name)
			.toList();
	}

	@Test
	void blockingFilterRunsOnTheTaskExecutor() {
		this.routed.withUserConfiguration(BlockingFilter.class).run((context) -> {
			try (RawClient client = RawClient.connect(context.getBean(ProxyServer.class).port("http"))) {
				client.get("/");
				assertThat(client.readResponse().status()).isEqualTo(204);
			}
			Thread thread = context.getBean(BlockingFilter.class).thread.get(5, TimeUnit.SECONDS);
			assertThat(thread.getName()).startsWith("pingora-task-");
		});
	}

	@Test
	void usersProxyReplacesTheRoutes() {
		this.runner.withUserConfiguration(OwnProxy.class).run((context) -> {
			assertThat(context).hasNotFailed();
			Route route = context.getBean(Router.class).find(RequestHeader.of("GET", "/"), new RouteTrace());
			assertThat(route.id()).isEqualTo("proxy");
			assertThat(route.filters()).singleElement();
		});
	}

	@Test
	void usersRouterReplacesTheRoutes() {
		this.runner.withUserConfiguration(OwnRouter.class)
			.run((context) -> assertThat(context).hasNotFailed()
				.getBean(Router.class)
				.isSameAs(context.getBean("ownRouter")));
	}

	@Test
	void usersServerReplacesTheConfiguredOne() {
		this.runner.withUserConfiguration(OwnServer.class).run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(ProxyServer.class);
			assertThat(context.getBean(ProxyServer.class).port("own")).isPositive();
		});
	}

	@Test
	void usersIsolationAndExecutorReplaceTheConfiguredOnes() {
		this.routed.withUserConfiguration(OwnParts.class).run((context) -> {
			assertThat(context).hasSingleBean(PanicIsolation.class);
			assertThat(context.getBean(ProxyServer.class).isolation()).isSameAs(context.getBean("ownIsolation"));
			assertThat(context.getBean("pingoraTaskExecutor")).isNotInstanceOf(PanicIsolatingTaskExecutor.class);
			assertThat(context.getBean(ProxyServer.class).executor()).isNull();
		});
	}

	@Test
	void customizersAreCalledInOrder() {
		this.routed.withUserConfiguration(Customizers.class).run((context) -> {
			assertThat(context.getBean(Customizers.class).called).containsExactly("first", "second");
			assertThat(context.getBean(ProxyServer.class).port("extra")).isPositive();
		});
	}

	@Test
	void missingRoutesFailTheStart() {
		this.runner.run((context) -> assertThat(context).getFailure()
			.hasRootCauseInstanceOf(InvalidPingoraConfigurationException.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class Listeners {

		private final List<Panic> panics = new CopyOnWriteArrayList<>();

		private final List<RequestSummary> requests = new CopyOnWriteArrayList<>();

		@Bean
		PanicListener panicListener() {
			return this.panics::add;
		}

		@Bean
		ProxyListener proxyListener() {
			return new ProxyListener() {

				@Override
				public void requestFinished(FinishedRequest request) {
					Listeners.this.requests.add(request.summary());
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Filters {

		@Bean
		@Order(2)
		ProxyFilter second() {
			return new ProxyFilter() {
			};
		}

		@Bean
		@Order(1)
		ProxyFilter first() {
			return new ProxyFilter() {
			};
		}

		@Bean
		@RouteOnly
		Geo geo() {
			return new Geo();
		}

	}

	@Blocking
	static class Geo implements ProxyFilter {

		@Override
		public Outcome requestFilter(Session session) {
			return Outcome.CONTINUE;
		}

	}

	@Blocking
	static class BlockingFilter implements ProxyFilter {

		private final CompletableFuture<Thread> thread = new CompletableFuture<>();

		@Override
		public Outcome requestFilter(Session session) {
			this.thread.complete(Thread.currentThread());
			return session.respond(204);
		}

	}

	static class OwnProxy implements ProxyHttp<String> {

		@Override
		public String newContext() {
			return "";
		}

		@Override
		public HttpPeer upstreamPeer(Session session, String context) {
			return HttpPeer.of("127.0.0.1", 1);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnRouter {

		@Bean
		Router ownRouter() {
			Route route = Route.of("own", List.of(), null);
			return (request, trace) -> route;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnServer {

		@Bean
		ProxyServer ownServer() {
			Route route = Route.of("own", List.of(), null);
			return ProxyServer.builder()
				.threads(1)
				.listener(ListenerOptions.of("own", "127.0.0.1", 0))
				.router((request, trace) -> route)
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnParts {

		@Bean
		PanicIsolation ownIsolation() {
			return new PanicIsolation(List.of());
		}

		@Bean(defaultCandidate = false)
		AsyncTaskExecutor pingoraTaskExecutor() {
			return Runnable::run;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Customizers {

		private final List<String> called = new CopyOnWriteArrayList<>();

		@Bean
		@Order(2)
		ProxyServerCustomizer second() {
			return (builder) -> this.called.add("second");
		}

		@Bean
		@Order(1)
		ProxyServerCustomizer first() {
			return (builder) -> {
				this.called.add("first");
				builder.listener(ListenerOptions.of("extra", "127.0.0.1", 0));
			};
		}

	}

}
