package dev.pingora.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RejectedRequest;
import dev.pingora.event.RequestOutcome;
import dev.pingora.event.RequestSummary;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.FailedAttempt;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.RequestEnd;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import dev.pingora.transport.Transport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * What clients see while a server quiesces, drains, and comes to the end of its grace
 * period.
 */
@ExtendWith(EngineExtension.class)
class ShutdownTests {

	private static final Duration LONG = Duration.ofMinutes(5);

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private final CountDownLatch gate = new CountDownLatch(1);

	private final CountDownLatch entered = new CountDownLatch(1);

	private final Queue<RequestSummary> finished = new ConcurrentLinkedQueue<>();

	private final Queue<RejectedRequest> rejected = new ConcurrentLinkedQueue<>();

	private Proxies proxies() {
		this.origin.on("/gated", (exchange) -> {
			exchange.await(this.gate);
			exchange.respond(200, "gated");
		});
		this.origin.on("/begun", (exchange) -> {
			exchange.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
			exchange.await(this.gate);
			exchange.write("world");
		});
		return Proxies.to(this.origin).with((it) -> it.proxyListener(new ProxyListener() {

			@Override
			public void requestFinished(FinishedRequest request) {
				ShutdownTests.this.finished.add(request.summary());
			}

			@Override
			public void requestRejected(RejectedRequest request) {
				ShutdownTests.this.rejected.add(request);
			}

		}));
	}

	private CompletableFuture<Integer> drain(ProxyServer server, Duration grace) {
		return CompletableFuture.supplyAsync(() -> server.drain(grace));
	}

	private static void stop(AutoCloseable server) {
		assertThatNoException().isThrownBy(server::close);
	}

	private static void assertLast(RawResponse response, String text) {
		assertThat(response.status()).isEqualTo(200);
		assertThat(response.text()).isEqualTo(text);
		assertThat(response.headers().lists("connection", "close")).isTrue();
	}

	private void assertShutdown(RequestSummary summary) {
		assertThat(summary.outcome()).isEqualTo(RequestOutcome.ERROR);
		ProxyException error = summary.error();
		assertThat(error).isNotNull();
		assertThat(error.type()).isEqualTo(ErrorType.SHUTDOWN);
		assertThat(error.source()).isEqualTo(ErrorSource.INTERNAL);
	}

	private RequestSummary onlyFinished() {
		Await.until("a finished request", () -> !this.finished.isEmpty());
		assertThat(this.finished).hasSize(1);
		return this.finished.element();
	}

	// Quiescing.

	@Test
	void quiescedServerServesEachConnectionOnceMore() {
		try (ProxyServer server = proxies().start();
				RawClient kept = Proxies.connect(server);
				RawClient silent = Proxies.connect(server)) {
			assertThat(kept.get("/hello").readResponse().headers().lists("connection", "close")).isFalse();
			server.quiesce();
			server.quiesce();
			assertThat(kept.patience(Duration.ofMillis(200)).awaitEnd()).isEqualTo(End.OPEN);
			assertLast(kept.patience(Await.PATIENCE).get("/hello").readResponse(), "hello");
			assertThat(kept.awaitEnd()).isEqualTo(End.FIN);
			assertLast(silent.get("/hello").readResponse(), "hello");
			assertThat(silent.awaitEnd()).isEqualTo(End.FIN);
			assertThat(server.isRunning()).isTrue();
			try (RawClient fresh = Proxies.connect(server)) {
				assertLast(fresh.get("/hello").readResponse(), "hello");
				assertThat(fresh.awaitEnd()).isEqualTo(End.FIN);
			}
		}
	}

	@Test
	void clientWhoseResponseHadBegunWithoutCloseMayAskOnceMore() {
		try (ProxyServer server = proxies().start(); RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/begun").readHead().headers().lists("connection", "close")).isFalse();
			server.quiesce();
			this.gate.countDown();
			assertThat(client.read(10)).asString().isEqualTo("helloworld");
			assertLast(client.get("/hello").readResponse(), "hello");
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
		}
	}

	@Test
	void serverThatDoesNotRunIsNotQuiesced() {
		try (ProxyServer server = proxies().build()) {
			server.quiesce();
			server.start();
			try (RawClient client = Proxies.connect(server)) {
				assertThat(client.get("/hello").readResponse().headers().lists("connection", "close")).isFalse();
			}
		}
	}

	// Draining.

	@Test
	void requestThatFollowsTheLastResponseAtOnceIsServedWhileDraining() {
		try (ProxyServer server = proxies().start(); RawClient client = Proxies.connect(server)) {
			client.get("/begun").readHead();
			CompletableFuture<Integer> drained = drain(server, LONG);
			Await.until("draining", () -> !server.isRunning());
			this.gate.countDown();
			assertThat(client.read(10)).asString().isEqualTo("helloworld");
			assertLast(client.get("/hello").readResponse(), "hello");
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			assertThat(drained.join()).isZero();
		}
	}

	/** Holds the event loop, which a filter must not do, until the gate opens. */
	private final class Holding implements ProxyFilter {

		@Override
		public Outcome requestFilter(Session session) {
			if (session.request().path().equals("/hold")) {
				ShutdownTests.this.entered.countDown();
				await(ShutdownTests.this.gate);
			}
			return Outcome.CONTINUE;
		}

	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void clientsInTheBacklogAreServedBeforeThePortCloses(Transport transport) {
		List<RawClient> clients = new ArrayList<>();
		try (ProxyServer server = proxies().filter(new Holding()).with((it) -> it.transport(transport)).start();
				RawClient holding = Proxies.connect(server)) {
			holding.get("/hold");
			await(this.entered);
			for (int i = 0; i < 100; i++) {
				clients.add(Proxies.connect(server).get("/hello"));
			}
			CompletableFuture<Integer> drained = drain(server, LONG);
			Await.until("draining", () -> !server.isRunning());
			this.gate.countDown();
			for (RawClient client : clients) {
				assertLast(client.readResponse(), "hello");
			}
			assertThat(drained.join()).isZero();
		}
		finally {
			clients.forEach(RawClient::close);
		}
	}

	// The end of the grace period.

	@Test
	void requestWithoutAResponseIsAnsweredAtTheEndOfTheGrace() {
		ProxyFilter retrying = new ProxyFilter() {

			@Override
			public ProxyException errorWhileProxy(Session session, FailedAttempt failure) {
				return failure.error().retryable();
			}

		};
		try (ProxyServer server = proxies().filter(retrying).start(); RawClient client = Proxies.connect(server)) {
			client.get("/hang");
			this.origin.awaitRequest(1);
			assertThat(server.drain(Duration.ofMillis(50))).isEqualTo(1);
			RawResponse response = client.readResponse();
			assertThat(response.status()).isEqualTo(503);
			assertThat(response.headers().lists("connection", "close")).isTrue();
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			assertShutdown(onlyFinished());
			assertThat(onlyFinished().status()).isEqualTo(503);
			assertThat(this.origin.requestCount()).isEqualTo(1);
		}
	}

	@Test
	void requestWhoseResponseHasBegunIsResetAtTheEndOfTheGrace() {
		try (ProxyServer server = proxies().start(); RawClient client = Proxies.connect(server)) {
			client.get("/begun").readHead();
			assertThat(server.drain(Duration.ofMillis(50))).isEqualTo(1);
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
			assertShutdown(onlyFinished());
			this.gate.countDown();
		}
	}

	@Test
	void requestWhoseBodyIsStillComingIsAnsweredAtTheEndOfTheGrace() {
		try (ProxyServer server = proxies().start(); RawClient client = Proxies.connect(server)) {
			client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
			this.origin.awaitRequest(1);
			assertThat(server.drain(Duration.ofMillis(50))).isEqualTo(1);
			assertThat(client.readResponse().status()).isEqualTo(503);
			assertShutdown(onlyFinished());
		}
	}

	@Test
	void halfARequestHeadIsRefusedAtTheEndOfTheGrace() {
		try (ProxyServer server = proxies().start(); RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			client.send("GET /hel");
			assertThat(server.drain(Duration.ofMillis(300))).isZero();
			assertThat(client.readResponse().status()).isEqualTo(503);
			assertThat(this.rejected).hasSize(1);
			assertThat(this.rejected.element().error().type()).isEqualTo(ErrorType.SHUTDOWN);
		}
	}

	@Test
	void idleConnectionEndsCleanlyWithoutAnyGrace() {
		try (ProxyServer server = proxies().start(); RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			assertThat(server.drain(Duration.ZERO)).isZero();
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
		}
	}

	/** Blocks until the gate opens, whatever interrupts it. */
	private class Stubborn implements ProxyFilter {

		final CountDownLatch returned = new CountDownLatch(1);

		void block() {
			ShutdownTests.this.entered.countDown();
			boolean open = false;
			while (!open) {
				try {
					open = ShutdownTests.this.gate.await(10, TimeUnit.SECONDS);
				}
				catch (InterruptedException ignored) {
					// as some code does
				}
			}
			this.returned.countDown();
		}

	}

	private final class StubbornRequestFilter extends Stubborn {

		@Override
		@Blocking
		public Outcome requestFilter(Session session) {
			block();
			return Outcome.CONTINUE;
		}

	}

	private final class StubbornLogging extends Stubborn {

		@Override
		@Blocking
		public void logging(Session session, RequestEnd end) {
			block();
		}

	}

	@Test
	void requestWhoseBlockingCallDoesNotEndIsAnsweredAndLeft() {
		Stubborn stubborn = new StubbornRequestFilter();
		try (ProxyServer server = proxies().filter(stubborn).start(); RawClient client = Proxies.connect(server)) {
			client.get("/hello");
			await(this.entered);
			CompletableFuture<Integer> drained = drain(server, Duration.ofMillis(50));
			assertThat(client.readResponse().status()).isEqualTo(503);
			assertThat(drained.join()).isEqualTo(1);
			assertThat(this.finished).isEmpty();
			this.gate.countDown();
			assertShutdown(onlyFinished());
			assertThat(server.isolation().totals().total()).isZero();
		}
	}

	@Test
	void loggingThatDoesNotEndLeavesTheResponseWhole() {
		Stubborn stubborn = new StubbornLogging();
		try (ProxyServer server = proxies().filter(stubborn).start(); RawClient client = Proxies.connect(server)) {
			client.get("/hello");
			await(this.entered);
			assertThat(client.readResponse().text()).isEqualTo("hello");
			stop(server);
			this.gate.countDown();
			assertThat(onlyFinished().outcome()).isEqualTo(RequestOutcome.PROXIED);
			assertThat(server.isolation().totals().total()).isZero();
		}
	}

}
