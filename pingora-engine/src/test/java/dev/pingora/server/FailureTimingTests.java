package dev.pingora.server;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.BodyChunk;
import dev.pingora.http.ResponseHeader;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.FailedAttempt;
import dev.pingora.proxy.Outcome;
import dev.pingora.panic.PanicResponse;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.RequestEnd;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.upstream.HttpPeer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What comes of an attempt after its failure, while a filter's call still blocks.
 */
@ExtendWith(EngineExtension.class)
class FailureTimingTests {

	private static final String POST = "POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n";

	private final CountDownLatch entered = new CountDownLatch(1);

	private final CountDownLatch gate = new CountDownLatch(1);

	private final AtomicInteger calls = new AtomicInteger();

	private final AtomicInteger released = new AtomicInteger();

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private void pass() {
		this.entered.countDown();
		Await.until("the gate is open", () -> this.gate.getCount() == 0);
	}

	private void awaitEntered() {
		Await.until("the call has begun", () -> this.entered.getCount() == 0);
	}

	/** Panics at the body; logging takes its time. */
	private final class SlowToLog implements ProxyFilter {

		@Override
		public Outcome requestFilter(Session session) {
			session.onRelease(FailureTimingTests.this.released::incrementAndGet);
			return Outcome.CONTINUE;
		}

		@Override
		public void requestBodyFilter(Session session, BodyChunk chunk) {
			throw new IllegalStateException("a bug");
		}

		@Override
		public void upstreamResponseFilter(Session session, ResponseHeader response) {
			FailureTimingTests.this.calls.incrementAndGet();
		}

		@Override
		@Blocking
		public void logging(Session session, RequestEnd end) {
			pass();
		}

	}

	@Test
	void answerThatComesAfterAPanicsErrorPageIsOfNoInterest() {
		CountDownLatch answer = new CountDownLatch(1);
		this.origin.on("/late", (exchange) -> {
			exchange.await(answer);
			exchange.respond(200, "late");
		});
		try (ProxyServer server = Proxies.to(this.origin)
			.filter(new SlowToLog())
			.with((it) -> it.panicResponse(PanicResponse.ERROR_PAGE))
			.start(); RawClient client = Proxies.connect(server)) {
			client.send(POST);
			this.origin.awaitRequest(1);
			client.send("hi");
			awaitEntered();
			assertThat(client.readResponse().status()).isEqualTo(500);
			answer.countDown();
			assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
			this.gate.countDown();
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			Await.until("nothing is active", () -> server.activeRequests() == 0);
			assertThat(this.released).hasValue(1);
			assertThat(this.calls).hasValue(0);
		}
	}

	/** Has its own idea of what the failure is. */
	private final class Judging implements ProxyFilter {

		@Override
		public void requestBodyFilter(Session session, BodyChunk chunk) throws ProxyException {
			throw ProxyException.internal(ErrorType.httpStatus(422), "not that");
		}

		@Override
		@Blocking
		public ProxyException errorWhileProxy(Session session, FailedAttempt failure) {
			pass();
			return failure.error();
		}

		@Override
		public int failToProxy(Session session, ProxyException error, int status) {
			FailureTimingTests.this.calls.incrementAndGet();
			return status;
		}

	}

	@Test
	void peerThatGoesWhileAFilterJudgesTheFailureChangesNothing() {
		CountDownLatch go = new CountDownLatch(1);
		CountDownLatch gone = new CountDownLatch(1);
		this.origin.on("/late", (exchange) -> {
			exchange.await(go);
			exchange.reset();
			gone.countDown();
		});
		try (ProxyServer server = Proxies.to(this.origin).filter(new Judging()).start();
				RawClient client = Proxies.connect(server)) {
			client.send(POST);
			this.origin.awaitRequest(1);
			client.send("hi");
			awaitEntered();
			go.countDown();
			Await.until("the peer is gone", () -> gone.getCount() == 0);
			try (RawClient other = Proxies.connect(server)) { // the loop has seen it
				other.get("/hello").readResponse();
			}
			this.gate.countDown();
			assertThat(client.readResponse().status()).isEqualTo(422);
			assertThat(this.calls).hasValue(1);
		}
	}

	@Test
	void endOfTheServerIsNoFailureToConnect() throws IOException {
		ProxyFilter counting = new ProxyFilter() {
			@Override
			@Blocking
			public ProxyException failToConnect(Session session, HttpPeer peer, ProxyException error) {
				FailureTimingTests.this.calls.incrementAndGet();
				return error.retryable();
			}
		};
		try (FullBacklog silent = new FullBacklog();
				ProxyServer server = Proxies.to(silent.port())
					.filter(counting)
					.peer((peer) -> peer.connectTimeout(Duration.ofSeconds(20)))
					.start();
				RawClient client = Proxies.connect(server)) {
			client.get("/x");
			Await.until("it is dialling", () -> ((DefaultProxyServer) server).upstreamConnections() == 1);
			CompletableFuture<Integer> drained = CompletableFuture
				.supplyAsync(() -> server.drain(Duration.ofMillis(1)));
			assertThat(client.readResponse().status()).isEqualTo(503);
			assertThat(drained).succeedsWithin(Await.PATIENCE);
			assertThat(this.calls).hasValue(0);
		}
	}

}
