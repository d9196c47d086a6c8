package dev.pingora.server;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import dev.pingora.http.RequestHeader;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.OriginExchange;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Idle connections on which an origin says something, or ends: RFC 9112 sections 9.2 and
 * 9.5. Nobody else gets to hear it.
 */
@ExtendWith(EngineExtension.class)
class PoisonedConnectionTests {

	private static final String EVIL = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	@AutoClose("shutdownNow")
	private final ExecutorService executor = Executors.newFixedThreadPool(2,
			(work) -> new Thread(work, "test-blocking"));

	private final CountDownLatch answered = new CountDownLatch(1);

	private final CountDownLatch said = new CountDownLatch(1);

	private void afterwards(String octets) {
		this.origin.on("/late", (exchange) -> {
			exchange.respond(200, "ok");
			exchange.await(this.answered);
			exchange.write(octets);
			exchange.hang();
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { EVIL, "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n", "x", "\r\n",
			"HTTP/1.1 103 Early Hints\r\n\r\n" })
	void whatIsSaidWhileNobodyAsksEndsTheConnection(String octets) {
		afterwards(octets);
		try (ProxyServer server = Proxies.to(this.origin).start(); RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/late").readResponse().text()).isEqualTo("ok");
			this.answered.countDown();
			assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
			for (int i = 0; i < 3; i++) {
				assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			}
			assertThat(this.origin.awaitRequest(2).connection()).isEqualTo(2);
		}
	}

	/** Holds a request back that has its connection already. */
	private final class Late implements ProxyFilter {

		private final CountDownLatch entered = new CountDownLatch(1);

		private final CountDownLatch go = new CountDownLatch(1);

		@Override
		@Blocking
		public void upstreamRequestFilter(Session session, RequestHeader request) {
			if (request.hasHeader("x-late") && session.attempts() == 1) {
				this.entered.countDown();
				Await.until("the test", () -> this.go.getCount() == 0);
			}
		}

	}

	@ParameterizedTest
	@CsvSource({ "GET, say", "POST, say", "GET, fin", "POST, fin", "GET, reset", "POST, reset" })
	void requestThatWasNotSentYetIsSentElsewhere(String method, String how) throws InterruptedException {
		Late late = new Late();
		this.origin.on("/late", (exchange) -> {
			exchange.respond(200, "ok");
			exchange.await(this.answered);
			spoil(exchange, how);
		});
		try (ProxyServer server = Proxies.to(this.origin)
			.filter(late)
			.with((it) -> it.blockingExecutor(this.executor))
			.start(); RawClient client = Proxies.connect(server); RawClient other = Proxies.connect(server)) {
			client.get("/late").readResponse();
			client.send(method + " /echo HTTP/1.1\r\nHost: a\r\nX-Late: 1\r\nContent-Length: 2\r\n\r\nhi");
			Await.until("the filter", () -> late.entered.getCount() == 0);
			this.answered.countDown();
			Await.until("the mischief", () -> this.said.getCount() == 0 || this.origin.openConnections() == 0);
			other.get("/hello").readResponse();
			other.get("/hello").readResponse();
			late.go.countDown();
			// Nothing was sent, so it may be sent now whatever its method.
			assertThat(client.readResponse().text()).isEqualTo("hi");
			assertThat(this.origin.requests()).filteredOn((request) -> request.path().equals("/echo")).hasSize(1);
		}
	}

	private void spoil(OriginExchange exchange, String how) throws Exception {
		switch (how) {
			case "say" -> {
				exchange.write(EVIL);
				this.said.countDown();
				exchange.hang();
			}
			case "fin" -> exchange.finish();
			default -> exchange.reset();
		}
	}

	@Test
	void lateBodyOfAResponseWithoutBodyReachesNobody() {
		this.origin.on("/late", (exchange) -> {
			exchange.head(200, "Content-Length: 44");
			exchange.await(this.answered);
			exchange.write(EVIL);
			exchange.hang();
		});
		try (ProxyServer server = Proxies.to(this.origin).start(); RawClient client = Proxies.connect(server)) {
			String request = "HEAD /late HTTP/1.1\r\nHost: a\r\n\r\n";
			assertThat(client.send(request).readResponseTo("HEAD").header("content-length")).isEqualTo("44");
			this.answered.countDown();
			assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
		}
	}

	@Test
	void garbageInPlaceOfASecondResponseIsBadGatewayAndNotAskedAgain() {
		this.origin.on("/twice", (exchange) -> {
			if (exchange.request().order() == 1) {
				exchange.respond(200, "ok");
			}
			else {
				exchange.write("hello, this is a body\r\n\r\n");
				exchange.hang();
			}
		});
		try (ProxyServer server = Proxies.to(this.origin).start(); RawClient client = Proxies.connect(server)) {
			client.get("/twice").readResponse();
			RawResponse response = client.get("/twice").readResponse();
			assertThat(response.status()).isEqualTo(502);
			assertThat(this.origin.requestCount()).isEqualTo(2);
			assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
		}
	}

	@Test
	void closeThatRacesWithTheNextRequestIsNotNoticed() {
		int rounds = 200;
		this.origin.on("/once", (exchange) -> {
			exchange.respond(200, "once");
			exchange.finish(); // without a word
		});
		try (ProxyServer server = Proxies.to(this.origin).start(); RawClient client = Proxies.connect(server)) {
			for (int i = 0; i < rounds; i++) {
				assertThat(client.get("/once").readResponse().text()).isEqualTo("once");
			}
		}
	}

	@Test
	void clientThatGoesAwayEndsTheConnectionAtOnce() {
		this.origin.on("/endless", (exchange) -> {
			exchange.head(200, "Transfer-Encoding: chunked");
			while (this.origin.ended(1) == End.OPEN) {
				exchange.chunk(new byte[1000]);
			}
		});
		try (ProxyServer server = Proxies.to(this.origin).start(); RawClient client = Proxies.connect(server)) {
			client.get("/endless").readHead();
			client.read(10_000);
			client.abort();
			Await.until("no request", () -> server.activeRequests() == 0);
			assertThat(this.origin.awaitClosed(1)).isEqualTo(End.RESET);
			try (RawClient other = Proxies.connect(server)) {
				assertThat(other.get("/hello").readResponse().text()).isEqualTo("hello");
			}
			assertThat(this.origin.awaitRequest(2).connection()).isEqualTo(2);
		}
	}

}
