package dev.pingora.autoconfigure;

import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicListener;
import dev.pingora.panic.PanicSite;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.context.WebServerGracefulShutdownLifecycle;
import org.springframework.context.ApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How the server ends.
 */
class PingoraServerLifecycleTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PingoraAutoConfiguration.class, LifecycleAutoConfiguration.class,
				ApplicationAvailabilityAutoConfiguration.class))
		.withPropertyValues("pingora.listeners[0].address=127.0.0.1", "pingora.listeners[0].port=0",
				"pingora.threads=1", "pingora.transport=nio", "pingora.routes[0].id=a");

	@Test
	void requestInFlightFinishes() {
		CountDownLatch release = new CountDownLatch(1);
		CompletableFuture<Void> closed = new CompletableFuture<>();
		try (RawOrigin origin = RawOrigin.start((exchange) -> {
			exchange.await(release);
			exchange.respond(200, "in time");
		})) {
			this.runner.withPropertyValues("pingora.routes[0].uri=http://localhost:" + origin.port()).run((context) -> {
				ProxyServer server = context.getBean(ProxyServer.class);
				try (RawClient client = RawClient.connect(server.port("http"))) {
					client.get("/wait");
					origin.awaitRequest(1);
					new Thread(() -> {
						context.getSourceApplicationContext().close();
						closed.complete(null);
					}).start();
					Await.until("the server drains", () -> !server.isRunning());
					assertThat(closed).isNotDone();
					release.countDown();
					assertThat(client.readResponse().text()).isEqualTo("in time");
				}
				Await.until("the context is closed", closed::isDone);
			});
		}
	}

	@Test
	void requestThatTakesTooLongIsAbortedWithinThePhase() {
		try (RawOrigin origin = RawOrigin.start((exchange) -> exchange.hang())) {
			this.runner
				.withPropertyValues("pingora.routes[0].uri=http://localhost:" + origin.port(),
						"spring.lifecycle.timeout-per-shutdown-phase=1s")
				.run((context) -> {
					try (RawClient client = RawClient.connect(context.getBean(ProxyServer.class).port("http"))) {
						client.get("/wait");
						origin.awaitRequest(1);
						context.getSourceApplicationContext().close();
						assertThat(client.readResponse().status()).isEqualTo(503);
					}
				});
		}
	}

	@Test
	void everythingIsServedWhileReadinessIsDown() {
		try (RawOrigin origin = RawOrigin.start()) {
			running(origin, "pingora.shutdown.delay=2s").run((context) -> {
				ProxyServer server = context.getBean(ProxyServer.class);
				ApplicationAvailability availability = context.getBean(ApplicationAvailability.class);
				try (RawClient kept = RawClient.connect(server.port("http"));
						RawClient idle = RawClient.connect(server.port("http"))) {
					assertThat(kept.get("/hello").readResponse().headers().lists("connection", "close")).isFalse();
					assertThat(idle.get("/hello").readResponse().status()).isEqualTo(200);
					long began = System.nanoTime();
					CompletableFuture<Void> closed = close(context);
					Await.until("readiness to go down",
							() -> availability.getReadinessState() == ReadinessState.REFUSING_TRAFFIC);
					assertThat(server.isRunning()).isTrue();
					Await.until("quiescing", () -> isServedForTheLastTime(server));
					assertThat(kept.get("/hello").readResponse().headers().lists("connection", "close")).isTrue();
					assertThat(kept.awaitEnd()).isEqualTo(End.FIN);
					assertThat(server.isRunning()).isTrue();
					assertThat(idle.awaitEnd()).isEqualTo(End.FIN);
					assertThat(closed).succeedsWithin(Await.PATIENCE);
					assertThat(System.nanoTime() - began).isGreaterThan(Duration.ofSeconds(2).toNanos());
				}
			});
		}
	}

	private static boolean isServedForTheLastTime(ProxyServer server) {
		try (RawClient client = RawClient.connect(server.port("http"))) {
			return client.get("/hello").readResponse().headers().lists("connection", "close");
		}
	}

	@Test
	void interruptEndsTheDelayAndTheGrace() throws Exception {
		try (RawOrigin origin = RawOrigin.start()) {
			running(origin, "pingora.shutdown.delay=20s").run((context) -> {
				ProxyServer server = context.getBean(ProxyServer.class);
				try (RawClient client = RawClient.connect(server.port("http"))) {
					client.get("/hang");
					origin.awaitRequest(1);
					Thread stopping = new Thread(context.getBean(PingoraServerLifecycle.class)::stop);
					stopping.start();
					Await.until("the delay", () -> stopping.getState() == Thread.State.TIMED_WAITING);
					stopping.interrupt();
					assertThat(client.readResponse().status()).isEqualTo(503);
					stopping.join(Await.PATIENCE.toMillis());
					assertThat(stopping.isAlive()).isFalse();
				}
			});
		}
	}

	@Test
	void listenerOfReadinessThatPanicsDoesNotKeepTheServerFromDraining() {
		CountDownLatch release = new CountDownLatch(1);
		try (RawOrigin origin = RawOrigin.start((exchange) -> {
			exchange.await(release);
			exchange.respond(200, "in time");
		})) {
			running(origin).withInitializer((context) -> context.addApplicationListener((event) -> {
				if (event instanceof AvailabilityChangeEvent<?>) {
					throw new IllegalStateException("a bug");
				}
			})).run((context) -> {
				ProxyServer server = context.getBean(ProxyServer.class);
				try (RawClient client = RawClient.connect(server.port("http"))) {
					client.get("/wait");
					origin.awaitRequest(1);
					CompletableFuture<Void> closed = close(context);
					Await.until("draining", () -> !server.isRunning());
					release.countDown();
					assertThat(client.readResponse().text()).isEqualTo("in time");
					assertThat(closed).succeedsWithin(Await.PATIENCE);
					assertThat(server.isolation().totals().total()).isOne();
				}
			});
		}
	}

	@Test
	void readinessIsNotTouchedIfTheServerDoesNotStart() throws Exception {
		Queue<AvailabilityChangeEvent<?>> changes = new ConcurrentLinkedQueue<>();
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			this.runner
				.withPropertyValues("pingora.routes[0].uri=http://localhost:1", "pingora.shutdown.delay=20s",
						"pingora.listeners[0].port=" + taken.getLocalPort())
				.withInitializer((context) -> context.addApplicationListener((event) -> {
					if (event instanceof AvailabilityChangeEvent<?> change) {
						changes.add(change);
					}
				}))
				.run((context) -> assertThat(context).getFailure().hasRootCauseInstanceOf(BindException.class));
		}
		assertThat(changes).isEmpty();
	}

	@Test
	void contextThatFailsAfterTheStartEndsTheServer() {
		List<ProxyServer> servers = new ArrayList<>();
		this.runner.withPropertyValues("pingora.routes[0].uri=http://localhost:1")
			.withInitializer((context) -> context.addApplicationListener((event) -> {
				if (event instanceof ContextRefreshedEvent refreshed) {
					servers.add(refreshed.getApplicationContext().getBean(ProxyServer.class));
					throw new IllegalStateException("a bug");
				}
			}))
			.run((context) -> assertThat(context).getFailure().hasMessage("a bug"));
		assertThat(servers).singleElement().satisfies((server) -> assertThat(server.isRunning()).isFalse());
	}

	@Test
	void gravePanicLeavesLivenessAloneUnlessAListenerSaysOtherwise() {
		try (RawOrigin origin = RawOrigin.start()) {
			running(origin).run((context) -> assertThat(afterOutOfMemory(context)).isEqualTo(LivenessState.CORRECT));
			running(origin).withUserConfiguration(RestartWhenInDoubt.class)
				.run((context) -> assertThat(afterOutOfMemory(context)).isEqualTo(LivenessState.BROKEN));
		}
	}

	private static LivenessState afterOutOfMemory(AssertableApplicationContext context) {
		AvailabilityChangeEvent.publish(context, LivenessState.CORRECT);
		PanicIsolation isolation = context.getBean(PanicIsolation.class);
		isolation.observe(PanicSite.of(PanicSite.ENGINE, null), "", (nothing) -> {
			throw new OutOfMemoryError("Java heap space");
		});
		isolation.close(); // after telling the listeners
		return context.getBean(ApplicationAvailability.class).getLivenessState();
	}

	@Configuration(proxyBeanMethods = false)
	static class RestartWhenInDoubt {

		@Bean
		PanicListener restartWhenInDoubt(ApplicationContext context) {
			return (panic) -> {
				if (panic.cause() instanceof OutOfMemoryError) {
					AvailabilityChangeEvent.publish(context, LivenessState.BROKEN);
				}
			};
		}

	}

	private ApplicationContextRunner running(RawOrigin origin, String... properties) {
		return this.runner.withPropertyValues("pingora.routes[0].uri=http://localhost:" + origin.port())
			.withPropertyValues(properties);
	}

	private static CompletableFuture<Void> close(AssertableApplicationContext context) {
		return CompletableFuture.runAsync(context.getSourceApplicationContext()::close);
	}

	@Test
	void graceIsBootsTimeoutLessAMargin() {
		assertThat(ShutdownGrace.of(new MockEnvironment())).isEqualTo(Duration.ofSeconds(29));
		MockEnvironment environment = new MockEnvironment().withProperty("spring.lifecycle.timeout-per-shutdown-phase",
				"500ms");
		assertThat(ShutdownGrace.of(environment)).isEqualTo(Duration.ofMillis(450));
	}

	@Test
	void startsAfterBootsWebServersAndEndsBeforeThem() {
		WebServer webServer = new WebServer() {

			@Override
			public void start() {
			}

			@Override
			public void stop() {
			}

			@Override
			public int getPort() {
				return -1;
			}

		};
		// The phases of their start and of the management server are lower still.
		assertThat(PingoraServerLifecycle.PHASE)
			.isGreaterThan(new WebServerGracefulShutdownLifecycle(webServer).getPhase());
	}

	@Test
	void isNotPaused() {
		this.runner.withPropertyValues("pingora.routes[0].uri=http://localhost:1").run((context) -> {
			SmartLifecycle lifecycle = context.getBean(PingoraServerLifecycle.class);
			assertThat(lifecycle.getPhase()).isEqualTo(PingoraServerLifecycle.PHASE);
			assertThat(lifecycle.isPauseable()).isFalse();
		});
	}

}
