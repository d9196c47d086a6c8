package dev.pingora.server;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.event.RequestOutcome;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * What a client sees when the other side fails, or when it fails itself.
 */
@ExtendWith(EngineExtension.class)
class FailureTests {

	private static final Duration SHORT = Duration.ofMillis(200);

	/** A connection's first head has it from the accept: time enough to begin. */
	private static final Duration FIRST = Duration.ofSeconds(1);

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private final Endings endings = new Endings();

	private Proxies proxies() {
		return Proxies.to(this.origin).with((it) -> it.proxyListener(this.endings));
	}

	/** The client gets one answer, hears that it is the last one, and the end. */
	private static void assertRefused(RawClient client, int status) {
		RawResponse response = client.readResponse();
		assertThat(response.status()).isEqualTo(status);
		assertThat(response.headers().all("connection")).containsExactly("close");
		assertThat(client.awaitEnd()).isEqualTo(End.FIN);
		assertThat(client.received()).isEmpty();
	}

	/** The origin has seen the only request, and the end of its connection within it. */
	private void assertTruncated() {
		assertThat(this.origin.awaitRequest(1).content().isComplete()).isFalse();
		assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
		assertThat(this.origin.awaitRequest(1).content().isComplete()).isFalse();
		assertThat(this.origin.requestCount()).isOne();
	}

	@Test
	void refusedConnectionIsBadGateway() {
		int port = closedPort();
		try (ProxyServer server = Proxies.to(port).start()) {
			assertAnswered(server, 502);
		}
	}

	@Test
	void connectTimeoutIsGatewayTimeout() throws IOException {
		try (FullBacklog full = new FullBacklog();
				ProxyServer server = Proxies.to(full.port()).peer((peer) -> peer.connectTimeout(SHORT)).start()) {
			assertAnswered(server, 504);
		}
	}

	@Test
	void unknownNameIsBadGateway() {
		try (ProxyServer server = Proxies.to(80)
			.host("no-such-host.invalid")
			.peer((peer) -> peer.connectTimeout(Duration.ofSeconds(4)))
			.start(); RawClient client = Proxies.connect(server)) {
			// Without any name server the answer is a time-out.
			assertThat(client.get("/").readResponse().status()).isIn(502, 504);
		}
	}

	@Test
	void silentUpstreamIsGatewayTimeout() {
		Await.onSomeScale((time) -> {
			int connection = this.origin.acceptedConnections() + 1;
			try (ProxyServer server = Proxies.to(this.origin).peer((peer) -> peer.readTimeout(time)).start();
					RawClient client = Proxies.connect(server)) {
				assertThat(client.get("/hang").readResponse().status()).isEqualTo(504);
				assertThat(this.origin.awaitClosed(connection)).isNotEqualTo(End.OPEN);
				RawResponse next = client.get("/hello").readResponse();
				assertThat(next.status()).isIn(200, 504);
				return next.status() == 200;
			}
		});
	}

	@Test
	void upstreamThatFallsSilentWithinItsBodyAbortsTheResponse() {
		this.origin.on("/part", (exchange) -> {
			exchange.head(200, "Content-Length: 100").write("part");
			exchange.hang();
		});
		Await.onSomeScale((time) -> {
			try (ProxyServer server = Proxies.to(this.origin).peer((peer) -> peer.readTimeout(time)).start();
					RawClient client = Proxies.connect(server);
					RawClient next = Proxies.connect(server)) {
				if (client.get("/part").readHead().status() == 504) {
					return false;
				}
				assertThat(client.awaitEnd()).isEqualTo(End.RESET);
				RawResponse response = next.get("/hello").readResponse();
				assertThat(response.status()).isIn(200, 504);
				return response.status() == 200;
			}
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "/close", "/reset" })
	void upstreamThatEndsBeforeItsResponseIsBadGateway(String path) {
		try (ProxyServer server = Proxies.to(this.origin).start(); RawClient client = Proxies.connect(server)) {
			assertThat(client.get(path).readResponse().status()).isEqualTo(502);
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
		}
	}

	static Stream<Arguments> truncations() {
		String head = "HTTP/1.1 200 OK\r\n";
		return Stream.of(arguments("by length", head + "Content-Length: 10\r\n\r\nhello"),
				arguments("chunked, after a chunk", head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
				arguments("chunked, within a chunk", head + "Transfer-Encoding: chunked\r\n\r\n6\r\nhello"),
				arguments("chunked, within the last one",
						head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"),
				arguments("broken chunk", head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nxyz\r\n"));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("truncations")
	void truncatedResponseIsNeverTakenForAWholeOne(String what, String response) {
		this.origin.on("/cut", (exchange) -> {
			exchange.write(response);
			exchange.finish();
		});
		try (ProxyServer server = Proxies.to(this.origin).start(); RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/cut").awaitEnd()).isEqualTo(End.RESET);
			assertThat(Octets.latin1(client.received())).doesNotContain("\r\n0\r\n");
			assertServerLives(server);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "HTTP/1.0", "HTTP/1.1" })
	void responseThatAResetTruncatesIsReset(String version) {
		CountDownLatch read = new CountDownLatch(1);
		this.origin.on("/cut", (exchange) -> {
			exchange.head(200, "Transfer-Encoding: chunked").chunk(Octets.latin1("hello"));
			exchange.await(read);
			exchange.reset();
		});
		try (ProxyServer server = Proxies.to(this.origin).start(); RawClient client = Proxies.connect(server)) {
			client.send("GET /cut " + version + "\r\nHost: a\r\n\r\n").readHead();
			client.read(5);
			read.countDown();
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
		}
	}

	static Stream<Arguments> garbage() {
		String head = "HTTP/1.1 200 OK\r\n";
		return Stream.of(arguments("no HTTP", "SSH-2.0-OpenSSH\r\n\r\n"),
				arguments("bad status", "HTTP/1.1 2x0 OK\r\n\r\n"),
				arguments("four digits", "HTTP/1.1 2000 OK\r\n\r\n"), arguments("no status", "HTTP/1.1\r\n\r\n"),
				arguments("HTTP/2.0", "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"),
				arguments("bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"),
				arguments("folded field", head + "X: a\r\n b\r\nContent-Length: 0\r\n\r\n"),
				arguments("space before colon", head + "Content-Length : 0\r\n\r\n"),
				arguments("NUL in value", head + "X: \0\r\nContent-Length: 0\r\n\r\n"),
				arguments("length and coding",
						head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
				arguments("two lengths", head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
				arguments("signed length", head + "Content-Length: +5\r\n\r\nhello"),
				arguments("unknown coding", head + "Transfer-Encoding: gzip\r\n\r\nhello"),
				arguments("unasked upgrade", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
				arguments("endless head", head + "X: " + "a".repeat(100_000) + "\r\n\r\n"),
				arguments("too many fields", head + "X: a\r\n".repeat(300) + "Content-Length: 0\r\n\r\n"));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("garbage")
	void garbageFromUpstreamIsBadGatewayAndItsConnectionClosed(String what, String response) {
		this.origin.on("/garbage", (exchange) -> {
			exchange.write(response);
			exchange.hang();
		});
		try (ProxyServer server = Proxies.to(this.origin).start(); RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/garbage").readResponse().status()).isEqualTo(502);
			assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
		}
	}

	@Test
	void connectionLimitOfAPeerIsServiceUnavailable() {
		try (ProxyServer server = Proxies.to(this.origin).peer((peer) -> peer.maxConnections(1)).start();
				RawClient client = Proxies.connect(server)) {
			try (RawClient first = Proxies.connect(server)) {
				first.get("/hang");
				this.origin.awaitRequest(1);
				assertThat(client.get("/hello").readResponse().status()).isEqualTo(503);
			}
			this.origin.awaitClosed(1);
			Await.until("a free connection", () -> client.get("/hello").readResponse().status() == 200);
		}
	}

	@Test
	void slowHeadIsRequestTimeout() {
		try (ProxyServer server = proxies().downstream((it) -> it.headerTimeout(FIRST)).start();
				RawClient client = Proxies.connect(server)) {
			assertRefused(client.send("GET / HTTP/1.1\r\nHo"), 408);
			this.endings.awaitRejected(ErrorType.READ_TIMEDOUT);
			assertThat(this.origin.acceptedConnections()).isZero();
			assertServerLives(server);
		}
	}

	@Test
	void slowHeadOfALaterRequestIsRequestTimeout() {
		try (ProxyServer server = proxies().downstream((it) -> it.headerTimeout(FIRST)).start();
				RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			assertRefused(client.send("GET / HTTP/1.1\r\nHo"), 408);
			this.endings.awaitRejected(ErrorType.READ_TIMEDOUT);
			assertThat(this.origin.requestCount()).isOne();
			assertServerLives(server);
		}
	}

	@Test
	void clientThatNeverSpeaksIsClosedSilently() {
		try (ProxyServer server = proxies().downstream((it) -> it.headerTimeout(SHORT)).start();
				RawClient client = Proxies.connect(server)) {
			assertThat(client.readAll()).isEmpty();
			Await.until("no connection", () -> server.listeners().get(0).connections() == 0);
			this.endings.assertNothingBut(0);
			assertThat(this.origin.acceptedConnections()).isZero();
		}
	}

	@Test
	void idleClientIsClosedSilently() {
		try (ProxyServer server = proxies().downstream((it) -> it.idleTimeout(SHORT)).start();
				RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			assertThat(client.readAll()).isEmpty();
			Await.until("no connection", () -> server.listeners().get(0).connections() == 0);
			this.endings.assertNothingBut(1);
			assertThat(this.origin.ended(1)).isEqualTo(End.OPEN);
		}
	}

	@Test
	void slowBodyIsRequestTimeout() {
		try (ProxyServer server = proxies().downstream((it) -> it.readTimeout(SHORT)).start();
				RawClient client = Proxies.connect(server)) {
			assertRefused(client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello"), 408);
			this.endings.awaitFailed(ErrorType.READ_TIMEDOUT, RequestOutcome.ERROR);
			assertTruncated();
			assertServerLives(server);
		}
	}

	@Test
	void clientThatDoesNotReadIsReset() {
		try (ProxyServer server = proxies().downstream((it) -> it.writeTimeout(SHORT)).start();
				RawClient client = RawClient.connect("127.0.0.1", server.port("http"), 4096)) {
			client.get("/bytes?n=50000000");
			assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
			this.endings.awaitFailed(ErrorType.WRITE_TIMEDOUT, RequestOutcome.ABORTED);
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
			assertThat(this.origin.requestCount()).isOne();
		}
	}

	@Test
	void bodyThatIsDeclaredTooLargeIsRefused() {
		try (ProxyServer server = proxies().downstream((it) -> it.maxBodySize(1000)).start();
				RawClient client = Proxies.connect(server)) {
			assertRefused(client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n"), 413);
			this.endings.awaitRejected(ErrorType.BODY_TOO_LARGE);
			assertThat(this.origin.acceptedConnections()).isZero();
			assertServerLives(server);
		}
	}

	@Test
	void bodyThatGrowsTooLargeIsRefused() {
		try (ProxyServer server = proxies().downstream((it) -> it.maxBodySize(1000)).start();
				RawClient client = Proxies.connect(server)) {
			client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
			String chunk = "1f4\r\n" + "x".repeat(500) + "\r\n";
			client.send(chunk + chunk);
			this.origin.awaitRequest(1);
			assertRefused(client.send("1\r\nx\r\n"), 413);
			this.endings.awaitFailed(ErrorType.BODY_TOO_LARGE, RequestOutcome.ERROR);
			assertTruncated();
			assertServerLives(server);
		}
	}

	@Test
	void refusalOfAGrowingBodyReachesAClientThatGoesOnSending() {
		byte[] chunk = Octets.latin1("4000\r\n" + "x".repeat(0x4000) + "\r\n");
		try (ProxyServer server = proxies().downstream((it) -> it.maxBodySize(1000)).start();
				RawClient client = Proxies.connect(server)) {
			client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
			this.origin.awaitRequest(1);
			for (int i = 0; i < 8; i++) {
				client.send(chunk);
			}
			assertRefused(client, 413);
			this.endings.awaitFailed(ErrorType.BODY_TOO_LARGE, RequestOutcome.ERROR);
			assertTruncated();
			assertServerLives(server);
		}
	}

	@Test
	void largestBodyThatIsAllowedComesThrough() {
		try (ProxyServer server = Proxies.to(this.origin).downstream((it) -> it.maxBodySize(5)).start();
				RawClient client = Proxies.connect(server)) {
			client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
			assertThat(client.readResponse().text()).isEqualTo("hello");
			client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
			assertThat(client.readResponse().text()).isEqualTo("hello");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "X: %s", "%s: x" })
	void headThatIsTooLargeIsRefused(String field) {
		try (ProxyServer server = proxies().downstream((it) -> it.maxHeaderSize(4096)).start();
				RawClient client = Proxies.connect(server)) {
			client.send("GET / HTTP/1.1\r\nHost: a\r\n" + field.formatted("a".repeat(5000)) + "\r\n\r\n");
			assertRefused(client, 431);
			this.endings.awaitRejected(ErrorType.HEADER_TOO_LARGE);
			assertThat(this.origin.acceptedConnections()).isZero();
			assertServerLives(server);
		}
	}

	@Test
	void headOfTooManyFieldsIsRefused() {
		try (ProxyServer server = proxies().downstream((it) -> it.maxHeaderCount(10)).start();
				RawClient client = Proxies.connect(server)) {
			client.send("GET /hello HTTP/1.1\r\nHost: a\r\n" + "X: a\r\n".repeat(9) + "\r\n");
			assertThat(client.readResponse().status()).isEqualTo(200);
			client.send("GET /hello HTTP/1.1\r\nHost: a\r\n" + "X: a\r\n".repeat(10) + "\r\n");
			assertRefused(client, 431);
			this.endings.awaitRejected(ErrorType.HEADER_TOO_LARGE);
			assertThat(this.origin.requestCount()).isOne();
			assertServerLives(server);
		}
	}

	private static void assertAnswered(ProxyServer server, int status) {
		try (RawClient client = Proxies.connect(server)) {
			for (int i = 0; i < 2; i++) {
				RawResponse response = client.get("/").readResponse();
				assertThat(response.status()).isEqualTo(status);
				assertThat(response.header("cache-control")).contains("no-store");
			}
		}
	}

	private static void assertServerLives(ProxyServer server) {
		try (RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
		}
	}

	private static int closedPort() {
		try (RawOrigin gone = RawOrigin.start()) {
			return gone.port();
		}
	}

	@Test
	void answerAfterWhichTheConnectionEndsSaysSo() {
		ProxyFilter filter = new ProxyFilter() {

			@Override
			public Outcome requestFilter(Session session) throws ProxyException {
				throw ProxyException.downstream(ErrorType.INVALID_HTTP_HEADER, "a refusal");
			}

		};
		try (ProxyServer server = Proxies.to(this.origin).filter(filter).start();
				RawClient client = Proxies.connect(server)) {
			RawResponse response = client.get("/hello").readResponse();
			assertThat(response.status()).isEqualTo(400);
			assertThat(response.header("Connection")).isEqualTo("close");
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
		}
	}

}
