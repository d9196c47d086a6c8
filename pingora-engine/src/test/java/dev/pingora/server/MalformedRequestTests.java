package dev.pingora.server;

import java.util.stream.Stream;

import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * What two recipients could read differently is refused, and nobody upstream ever sees
 * it: what the tests of single rules don't send, bodies that come with their heads, and
 * what becomes of the requests before and behind (RFC 9112 section 11.2).
 */
@ExtendWith(EngineExtension.class)
class MalformedRequestTests {

	private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n";

	private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\n";

	private static final String CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n";

	@AutoClose
	private final RawOrigin origin = RawOrigin.start((exchange) -> exchange.respond(200, exchange.readBody()));

	@AutoClose
	private final ProxyServer server = Proxies.to(this.origin).start();

	static Stream<Arguments> heads() {
		return Stream.of(
				bad("both length and coding", POST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
				bad("both coding and length", POST + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"),
				bad("bare LF as end of head", GET + "X: a\r\n\n"), bad("NUL in name", GET + "X\0Y: a\r\n\r\n"),
				bad("control character in value", GET + "X: a\u0001\r\n\r\n"),
				bad("DEL in value", GET + "X: a\u007f\r\n\r\n"),
				bad("fold after request line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
				bad("field name not ASCII", GET + "X\u00e4: a\r\n\r\n"),
				bad("separator in name", GET + "X(Y): a\r\n\r\n"), bad("space in target", request("GET /a b HTTP/1.1")),
				arguments("CONNECT", 405, request("CONNECT a:443 HTTP/1.1")),
				bad("no Host", "GET / HTTP/1.1\r\nX: a\r\n\r\n"), host("Host with user", "b@a"),
				host("list of Hosts", "a, b"), bad("target without authority", request("GET http:///x HTTP/1.1")));
	}

	private static Arguments bad(String what, String request) {
		return arguments(what, 400, request);
	}

	private static Arguments host(String what, String value) {
		return bad(what, "GET / HTTP/1.1\r\nHost: " + value + "\r\n\r\n");
	}

	private static String request(String line) {
		return line + "\r\nHost: a\r\n\r\n";
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("heads")
	void malformedHeadIsRefusedAndTheConnectionClosed(String what, int status, String request) {
		try (RawClient client = Proxies.connect(this.server)) {
			client.send(request);
			RawResponse response = client.readResponse();
			assertThat(response.status()).isEqualTo(status);
			assertThat(response.headers().lists("connection", "close")).isTrue();
			assertThat(client.shutdownOutput().awaitEnd()).isEqualTo(End.FIN);
			assertThat(client.received()).isEmpty();
		}
		assertThat(this.origin.requestCount()).isZero();
		assertServerLives();
	}

	static Stream<Arguments> bodies() {
		return Stream.of(arguments("not a size", "xyz\r\nabc\r\n0\r\n\r\n"), arguments("signed size", "+3\r\nabc\r\n"),
				arguments("negative size", "-3\r\nabc\r\n"), arguments("hexadecimal prefix", "0x3\r\nabc\r\n"),
				arguments("space before size", " 3\r\nabc\r\n"), arguments("space after size", "3 \r\nabc\r\n"),
				arguments("empty size", "\r\nabc\r\n"), arguments("size beyond a long", "10000000000000003\r\nabc\r\n"),
				arguments("many zeros", "0000000000000000000000003\r\nabc\r\n"),
				arguments("bare LF after size", "3\nabc\r\n"), arguments("bare CR after size", "3\rabc\r\n"),
				arguments("no CRLF after chunk", "3\r\nabc0\r\n\r\n"),
				arguments("bare LF after chunk", "3\r\nabc\n0\r\n\r\n"),
				arguments("chunk longer than its size", "3\r\nabcd\r\n0\r\n\r\n"),
				arguments("bare LF in extension", "3;a\nabc\r\n0\r\n\r\n"),
				arguments("control character in extension", "3;a\0\r\nabc\r\n0\r\n\r\n"),
				arguments("endless extension", "3;" + "a".repeat(5_000) + "\r\nabc\r\n0\r\n\r\n"),
				arguments("trailer without colon", "3\r\nabc\r\n0\r\nX\r\n\r\n"),
				arguments("folded trailer", "3\r\nabc\r\n0\r\nX: a\r\n b\r\n\r\n"),
				arguments("bare LF after trailers", "3\r\nabc\r\n0\r\nX: a\r\n\n"));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("bodies")
	void malformedChunkThatComesWithItsHeadIsRefused(String what, String body) {
		try (RawClient client = Proxies.connect(this.server)) {
			client.send(CHUNKED + body);
			assertThat(client.readResponse().status()).isEqualTo(400);
			assertThat(client.shutdownOutput().awaitEnd()).isEqualTo(End.FIN);
		}
		assertServerLives();
		assertThat(this.origin.requests()).filteredOn((request) -> request.path().equals("/"))
			.allSatisfy((request) -> assertThat(request.content().isComplete()).isFalse());
	}

	@Test
	void whatFollowsAMalformedRequestIsNotServed() {
		try (RawClient client = Proxies.connect(this.server)) {
			client.send(POST + "Content-Length: +5\r\n\r\n").get("/hello");
			assertThat(client.readResponse().status()).isEqualTo(400);
			assertThat(client.shutdownOutput().awaitEnd()).isEqualTo(End.FIN);
			assertThat(client.received()).isEmpty();
		}
		assertThat(this.origin.requestCount()).isZero();
	}

	@Test
	void requestsBeforeAMalformedOneAreAnswered() {
		try (RawClient client = Proxies.connect(this.server)) {
			client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost : a\r\n\r\n");
			assertThat(client.readResponse().text()).isEqualTo("hello");
			assertThat(client.readResponse().status()).isEqualTo(400);
			assertThat(client.shutdownOutput().awaitEnd()).isEqualTo(End.FIN);
		}
		assertThat(this.origin.requestCount()).isOne();
	}

	@Test
	void emptyLineBeforeARequestIsIgnored() {
		try (RawClient client = Proxies.connect(this.server)) {
			assertThat(client.send("\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n").readResponse().text())
				.isEqualTo("hello");
		}
	}

	private void assertServerLives() {
		try (RawClient client = Proxies.connect(this.server)) {
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
		}
	}

}
