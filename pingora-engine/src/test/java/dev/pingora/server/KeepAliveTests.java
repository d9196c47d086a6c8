package dev.pingora.server;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which connections go on after an exchange, on both sides, and how old peers are
 * treated: RFC 9112 sections 6.3 and 9.
 */
@ExtendWith(EngineExtension.class)
class KeepAliveTests {

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	@AutoClose
	private final ProxyServer server = Proxies.to(this.origin).start();

	@AutoClose
	private final RawClient client = Proxies.connect(this.server);

	@Test
	void sequentialRequestsShareOneConnectionOnEachSide() {
		for (int i = 0; i < 20; i++) {
			byte[] body = Octets.pattern(i, 0, 1 + i * 100);
			this.client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length + "\r\n\r\n")
				.send(body);
			assertThat(this.client.readResponse().body()).isEqualTo(body);
		}
		assertThat(this.origin.acceptedConnections()).isOne();
		assertThat(this.origin.requestCount()).isEqualTo(20);
	}

	@Test
	void clientsShareAnIdleUpstreamConnection() {
		this.client.get("/hello").readResponse();
		try (RawClient other = Proxies.connect(this.server)) {
			other.get("/hello").readResponse();
		}
		assertThat(this.origin.acceptedConnections()).isOne();
	}

	@Test
	void requestsAtOnceUseAConnectionEach() {
		CountDownLatch both = new CountDownLatch(2);
		this.origin.on("/both", (exchange) -> {
			both.countDown();
			exchange.await(both);
			exchange.respond(200, "both");
		});
		try (RawClient other = Proxies.connect(this.server)) {
			this.client.get("/both");
			assertThat(other.get("/both").readResponse().text()).isEqualTo("both");
			assertThat(this.client.readResponse().text()).isEqualTo("both");
		}
		assertThat(this.origin.acceptedConnections()).isEqualTo(2);
	}

	@Test
	void pipelinedRequestsAreAnsweredInOrder() {
		StringBuilder requests = new StringBuilder();
		for (int i = 0; i < 50; i++) {
			requests.append("GET /slow?ms=" + ((50 - i) % 5) + "&i=" + i + " HTTP/1.1\r\nHost: a\r\n\r\n");
			requests.append("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n").append(10 + i);
			requests.append("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n")
				.append(10 + i)
				.append("\r\n0\r\n\r\n");
		}
		this.client.sendInBackground(Octets.latin1(requests.toString()));
		for (int i = 0; i < 50; i++) {
			assertThat(this.client.readResponse().text()).isEqualTo("slow");
			assertThat(this.client.readResponse().text()).isEqualTo(String.valueOf(10 + i));
			assertThat(this.client.readResponse().text()).isEqualTo(String.valueOf(10 + i));
		}
		assertThat(this.origin.acceptedConnections()).isOne();
	}

	@Test
	void clientThatAsksForCloseGetsFinAfterTheResponse() {
		RawResponse response = this.client.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
			.readResponse();
		assertThat(response.text()).isEqualTo("hello");
		assertThat(response.headers().lists("connection", "close")).isTrue();
		assertThat(this.client.readAll()).isEmpty();
		assertThat(this.origin.awaitRequest(1).headers().has("connection")).isFalse();
		assertThat(this.origin.openConnections()).isOne();
	}

	@Test
	void oldClientGetsABodyThatFinDelimits() {
		RawResponse response = this.client.send("GET /chunked?n=100000 HTTP/1.0\r\nHost: a\r\n\r\n").readResponse();
		assertThat(response.headers().has("transfer-encoding")).isFalse();
		assertThat(response.headers().has("content-length")).isFalse();
		assertThat(response.body()).isEqualTo(Octets.pattern(100_000));
		assertThat(this.origin.awaitRequest(1).head()).startsWith("GET /chunked?n=100000 HTTP/1.1\r\n");
	}

	@Test
	void oldClientThatAsksForKeepAliveGetsIt() {
		for (int i = 0; i < 3; i++) {
			RawResponse response = this.client
				.send("GET /bytes?n=10 HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n")
				.readResponse();
			assertThat(response.headers().lists("connection", "keep-alive")).isTrue();
			assertThat(response.body()).hasSize(10);
		}
		RawResponse last = this.client.send("GET /bytes?n=10 HTTP/1.0\r\nHost: a\r\n\r\n").readResponse();
		assertThat(last.body()).hasSize(10);
		assertThat(this.client.readAll()).isEmpty();
	}

	@Test
	void oldClientThatAsksForKeepAliveButCanNotHaveItIsTold() {
		RawResponse response = this.client
			.send("GET /chunked?n=10 HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
			.readResponse();
		assertThat(response.headers().lists("connection", "keep-alive")).isFalse();
		assertThat(response.body()).hasSize(10);
	}

	@Test
	void oldClientWithoutHostIsServedAndTheOriginGetsAHost() {
		assertThat(this.client.send("GET /hello HTTP/1.0\r\n\r\n").readResponse().text()).isEqualTo("hello");
		// RFC 9112, 3.2.
		assertThat(this.origin.awaitRequest(1).headers().all("host")).hasSize(1);
	}

	@Test
	void bodyThatTheOriginDelimitsByFinIsChunkedForTheClient() {
		this.origin.on("/until-close", (exchange) -> {
			exchange.head(200, "Content-Type: text/plain").writePattern(3, 0, 300_000);
			exchange.finish();
		});
		RawResponse response = this.client.get("/until-close").readResponse();
		assertThat(response.headers().lists("transfer-encoding", "chunked")).isTrue();
		assertThat(response.body()).isEqualTo(Octets.pattern(3, 0, 300_000));
		assertThat(this.client.get("/hello").readResponse().text()).isEqualTo("hello");
		assertThat(this.origin.acceptedConnections()).isEqualTo(2);
	}

	@Test
	void emptyBodyThatTheOriginDelimitsByFinComesThrough() {
		this.origin.on("/until-close", (exchange) -> {
			exchange.head(200);
			exchange.finish();
		});
		assertThat(this.client.get("/until-close").readResponse().body()).isEmpty();
		assertThat(this.client.get("/hello").readResponse().text()).isEqualTo("hello");
	}

	@Test
	void oldOriginIsNotAskedTwiceOnOneConnection() {
		this.origin.on("/old", (exchange) -> exchange.write("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold"));
		for (int i = 1; i <= 2; i++) {
			RawResponse response = this.client.get("/old").readResponse();
			assertThat(response.statusLine()).isEqualTo("HTTP/1.1 200 OK");
			assertThat(response.text()).isEqualTo("old");
			assertThat(this.origin.awaitClosed(i)).isEqualTo(End.FIN);
		}
		assertThat(this.origin.acceptedConnections()).isEqualTo(2);
	}

	@Test
	void oldOriginThatKeepsAliveIsAskedAgain() {
		this.origin.on("/old", (exchange) -> exchange
			.write("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nold"));
		this.client.get("/old").readResponse();
		assertThat(this.client.get("/old").readResponse().text()).isEqualTo("old");
		assertThat(this.origin.acceptedConnections()).isOne();
	}

	@Test
	void originThatAsksForCloseIsNotAskedAgain() {
		this.origin.on("/last", (exchange) -> exchange.respond(200, "last", "Connection: close"));
		RawResponse response = this.client.get("/last").readResponse();
		assertThat(response.headers().has("connection")).isFalse();
		assertThat(this.origin.awaitClosed(1)).isEqualTo(End.FIN);
		this.client.get("/hello").readResponse();
		assertThat(this.origin.acceptedConnections()).isEqualTo(2);
	}

	@Test
	void originThatSaysMoreThanItWasAskedIsNotAskedAgain() {
		this.origin.on("/more", (exchange) -> exchange
			.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"));
		assertThat(this.client.get("/more").readResponse().text()).isEqualTo("hi");
		assertThat(this.client.get("/hello").readResponse().text()).isEqualTo("hello");
		assertThat(this.origin.acceptedConnections()).isEqualTo(2);
	}

	@Test
	void octetsOnAnIdleUpstreamConnectionCloseIt() {
		CountDownLatch answered = new CountDownLatch(1);
		this.origin.on("/late", (exchange) -> {
			exchange.respond(200, "hi");
			exchange.await(answered);
			exchange.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
		});
		assertThat(this.client.get("/late").readResponse().text()).isEqualTo("hi");
		answered.countDown();
		assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
		assertThat(this.client.get("/hello").readResponse().text()).isEqualTo("hello");
	}

	@Test
	void idleUpstreamConnectionIsClosedAfterItsTimeout() {
		try (ProxyServer impatient = Proxies.to(this.origin)
			.peer((peer) -> peer.idleTimeout(Duration.ofMillis(100)))
			.start(); RawClient other = Proxies.connect(impatient)) {
			other.get("/hello").readResponse();
			assertThat(this.origin.awaitClosed(1)).isEqualTo(End.FIN);
			assertThat(other.get("/hello").readResponse().text()).isEqualTo("hello");
		}
	}

	@Test
	void noConnectionIsKeptIfNoneMayBeIdle() {
		try (ProxyServer frugal = Proxies.to(this.origin).peer((peer) -> peer.idleTimeout(Duration.ZERO)).start();
				RawClient other = Proxies.connect(frugal)) {
			other.get("/hello").readResponse();
			other.get("/hello").readResponse();
		}
		assertThat(this.origin.acceptedConnections()).isEqualTo(2);
		Await.until("both closed", () -> this.origin.openConnections() == 0);
	}

}
