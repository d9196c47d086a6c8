package dev.pingora.server;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pingora.connector.DnsOptions;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.ResponseHeader;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.FailedAttempt;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.DnsServer;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.OriginRequest;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.upstream.HttpPeer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A client that fails to send its body at a moment at which something else goes on:
 * nobody else gets the request.
 */
@ExtendWith(EngineExtension.class)
class ClientFailureTests {

	private static final String NAME = "other.pingora.test";

	private static final String BAD_CHUNK = "ZZ\r\n";

	private final CountDownLatch entered = new CountDownLatch(1);

	private final CountDownLatch gate = new CountDownLatch(1);

	private final AtomicInteger calls = new AtomicInteger();

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	@AutoClose
	private final DnsServer dns = DnsServer.start();

	private void pass() {
		this.entered.countDown();
		Await.until("the gate is open", () -> this.gate.getCount() == 0);
	}

	/** Calls a peer of which nobody knows yet where it is after the first two. */
	private final class ElsewhereAtLast implements ProxyFilter {

		private final AtomicInteger attempts = new AtomicInteger();

		private final HttpPeer near = HttpPeer.of("127.0.0.1", ClientFailureTests.this.origin.port());

		private final HttpPeer elsewhere;

		private ElsewhereAtLast(int port) {
			this.elsewhere = HttpPeer.of(NAME, port);
		}

		@Override
		public HttpPeer upstreamPeer(Session session) {
			return (this.attempts.incrementAndGet() > 2) ? this.elsewhere : this.near;
		}

		@Override
		@Blocking
		public ProxyException failToConnect(Session session, HttpPeer peer, ProxyException error) {
			ClientFailureTests.this.calls.incrementAndGet();
			pass();
			return error;
		}

	}

	@Test
	void failureOfTheClientWhileAnotherPeerIsDialledIsNoFailureToConnect() throws IOException {
		this.origin.on("/stale", (exchange) -> exchange.reset());
		this.dns.put(NAME, 60, "127.0.0.1").silent(true);
		DnsOptions options = DnsOptions.builder()
			.servers(this.dns.address())
			.queryTimeout(Duration.ofSeconds(30))
			.build();
		try (RawOrigin other = RawOrigin.start();
				ProxyServer server = Proxies.to(1, 2, 3)
					.filter(new ElsewhereAtLast(other.port()))
					.with((it) -> it.dns(options))
					.start();
				RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			client.send("PUT /stale HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
			Await.until("it is asked where the other is", () -> this.dns.queries(NAME) > 0);
			client.send(BAD_CHUNK);
			Await.until("an answer, or a call", () -> client.hasInput() || this.entered.getCount() == 0);
			this.dns.answerLate();
			// the loop has heard of the address
			try (RawClient next = Proxies.connect(server)) {
				assertThat(next.get("/hello").readResponse().text()).isEqualTo("hello");
			}
			assertThat(other.requests()).extracting(OriginRequest::method).containsExactly("GET");
			this.gate.countDown();
			assertThat(client.readResponse().status()).isEqualTo(400);
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			Await.until("nothing is active", () -> server.activeRequests() == 0);
			assertThat(this.calls).hasValue(0);
			assertThat(other.requestCount()).isOne();
		}
	}

	/** Thinks that another peer might do better, and takes its time to say so. */
	private final class Picky implements ProxyFilter {

		@Override
		@Blocking
		public void upstreamResponseFilter(Session session, ResponseHeader response) throws ProxyException {
			ClientFailureTests.this.calls.incrementAndGet();
			pass();
			throw ProxyException.internal(ErrorType.httpStatus(503), "not good enough").retryable();
		}

		/** Without one nothing of the body would be kept. */
		@Override
		public ProxyException errorWhileProxy(Session session, FailedAttempt failure) {
			return failure.error().retryable();
		}

	}

	@Test
	void failureOfTheClientWhileAFilterBlocksForbidsTheRetryThatTheFilterWants() {
		this.origin.on("/early", (exchange) -> exchange.respond(200, "early"));
		try (ProxyServer server = Proxies.to(this.origin).filter(new Picky()).start();
				RawClient client = Proxies.connect(server)) {
			client.send("POST /early HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
			Await.until("the call has begun", () -> this.entered.getCount() == 0);
			client.send(BAD_CHUNK);
			try (RawClient bystander = Proxies.connect(server)) { // the loop has seen it
				bystander.send("GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
				assertThat(bystander.readResponse().status()).isEqualTo(400);
			}
			this.gate.countDown();
			// The call wants another attempt, which the client's failure forbids.
			assertThat(client.readResponse().status()).isEqualTo(400);
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			Await.until("nothing is active", () -> server.activeRequests() == 0);
			assertThat(this.calls).hasValue(1);
			assertThat(this.origin.requestCount()).isOne();
		}
	}

}
