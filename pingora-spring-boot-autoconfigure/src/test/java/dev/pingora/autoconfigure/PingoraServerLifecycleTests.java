package dev.pingora.autoconfigure;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.SmartLifecycle;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How the server ends.
 */
class PingoraServerLifecycleTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PingoraAutoConfiguration.class, LifecycleAutoConfiguration.class))
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
						assertThat(client.awaitEnd()).isIn(End.RESET, End.FIN);
					}
				});
		}
	}

	@Test
	void graceIsBootsTimeoutLessAMargin() {
		assertThat(ShutdownGrace.of(new MockEnvironment())).isEqualTo(Duration.ofSeconds(29));
		MockEnvironment environment = new MockEnvironment().withProperty("spring.lifecycle.timeout-per-shutdown-phase",
				"500ms");
		assertThat(ShutdownGrace.of(environment)).isEqualTo(Duration.ofMillis(450));
	}

	@Test
	void endsWithBootsWebServersAndIsNotPaused() {
		this.runner.withPropertyValues("pingora.routes[0].uri=http://localhost:1").run((context) -> {
			SmartLifecycle lifecycle = context.getBean(PingoraServerLifecycle.class);
			assertThat(lifecycle.getPhase()).isEqualTo(Integer.MAX_VALUE - 1024);
			assertThat(lifecycle.isPauseable()).isFalse();
		});
	}

}
