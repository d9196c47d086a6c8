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
 * it: RFC 9112 sections 2, 3, 5, 6 and 11.2.
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
		return Stream.concat(Stream.concat(framings(), lines()), hosts());
	}

	private static Stream<Arguments> framings() {
		return Stream.of(length("both length and coding", "5\r\nTransfer-Encoding: chunked"),
				bad("both coding and length", POST + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"),
				length("two equal lengths", "5\r\nContent-Length: 5"), length("two lengths", "5\r\nContent-Length: 6"),
				length("list of equal lengths", "5, 5"), length("list of lengths", "5, 6"),
				length("signed length", "+5"), length("negative length", "-5"), length("hexadecimal length", "0x5"),
				length("length with a space", "5 5"), length("length in letters", "five"), length("empty length", ""),
				length("fraction", "5.0"), length("length beyond a long", "9223372036854775808"),
				length("length that wraps around", "18446744073709551621"),
				arguments("other coding", 501, POST + "Transfer-Encoding: gzip, chunked\r\n\r\n"),
				coding("chunked not last", "chunked, gzip"), coding("unknown coding", "xchunked"),
				coding("chunked twice", "chunked, chunked"), coding("identity", "identity"), coding("empty coding", ""),
				coding("two coding fields", "chunked\r\nTransfer-Encoding: chunked"),
				coding("quoted coding", "\"chunked\""), coding("vertical tab before coding", "\u000bchunked"),
				coding("parameter of coding", "chunked;a=b"),
				bad("coding in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"),
				bad("space in coding's name", POST + "Transfer-Encoding : chunked\r\n\r\n"));
	}

	private static Stream<Arguments> lines() {
		return Stream.of(bad("bare CR in value", GET + "X: a\rb\r\n\r\n"),
				bad("bare CR as line end", "GET / HTTP/1.1\rHost: a\r\r\n\r\n"),
				bad("bare LF after field", GET + "X: a\nY: b\r\n\r\n"),
				bad("bare LF after request line", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
				bad("bare LF as end of head", GET + "X: a\r\n\n"), bad("NUL in value", GET + "X: a\0b\r\n\r\n"),
				bad("NUL in name", GET + "X\0Y: a\r\n\r\n"), bad("NUL in target", request("GET /a\0b HTTP/1.1")),
				bad("control character in value", GET + "X: a\u0001\r\n\r\n"),
				bad("DEL in value", GET + "X: a\u007f\r\n\r\n"), bad("line fold", GET + "X: a\r\n b\r\n\r\n"),
				bad("line fold by tab", GET + "X: a\r\n\tb\r\n\r\n"),
				bad("fold after request line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
				bad("space before colon", GET + "X : a\r\n\r\n"), bad("empty field name", GET + ": a\r\n\r\n"),
				bad("field without colon", GET + "X\r\n\r\n"), bad("field name not ASCII", GET + "X\u00e4: a\r\n\r\n"),
				bad("separator in name", GET + "X(Y): a\r\n\r\n"), bad("HTTP/0.9", "GET /\r\n\r\n"),
				bad("lower-case version", request("GET / http/1.1")), bad("no version number", request("GET / HTTP/")),
				bad("version with more digits", request("GET / HTTP/1.10")),
				bad("double space before version", request("GET /  HTTP/1.1")),
				bad("double space before target", request("GET  / HTTP/1.1")),
				bad("tab in request line", request("GET\t/ HTTP/1.1")),
				bad("space at the end of request line", request("GET / HTTP/1.1 ")),
				bad("space before method", request(" GET / HTTP/1.1")),
				bad("space in target", request("GET /a b HTTP/1.1")), bad("no method", request("/ HTTP/1.1")),
				bad("bad method", request("G{T / HTTP/1.1")), bad("relative target", request("GET a HTTP/1.1")),
				bad("asterisk for GET", request("GET * HTTP/1.1")),
				arguments("HTTP/2.0", 505, request("GET / HTTP/2.0")),
				arguments("HTTP/1.2", 505, request("GET / HTTP/1.2")),
				arguments("preface of HTTP/2", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
				arguments("CONNECT", 405, request("CONNECT a:443 HTTP/1.1")),
				bad("TLS client hello", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\r\n\r\n"));
	}

	private static Stream<Arguments> hosts() {
		return Stream.of(bad("no Host", "GET / HTTP/1.1\r\nX: a\r\n\r\n"), bad("two Hosts", GET + "Host: a\r\n\r\n"),
				host("empty Host", ""), host("Host with a path", "a/b"), host("Host with user", "b@a"),
				host("Host with a space", "a b"), host("list of Hosts", "a, b"), host("Host with a query", "a?b"),
				host("Host with a fragment", "a#b"), host("Host with a backslash", "a\\b"),
				host("Host not ASCII", "\u00e4"), bad("target with a bad port", request("GET http://a:b/ HTTP/1.1")),
				bad("target with user", request("GET http://u@a/ HTTP/1.1")),
				bad("target of another scheme", request("GET ftp://a/ HTTP/1.1")),
				bad("target without authority", request("GET http:///x HTTP/1.1")));
	}

	private static Arguments bad(String what, String request) {
		return arguments(what, 400, request);
	}

	private static Arguments length(String what, String value) {
		return bad(what, POST + "Content-Length: " + value + "\r\n\r\n");
	}

	private static Arguments coding(String what, String value) {
		return bad(what, POST + "Transfer-Encoding: " + value + "\r\n\r\n");
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
	void malformedChunkIsRefusedAndTheRequestNeverCompletes(String what, String body) {
		try (RawClient client = Proxies.connect(this.server)) {
			client.send(CHUNKED);
			this.origin.awaitRequest(1);
			client.send(body);
			assertThat(client.readResponse().status()).isEqualTo(400);
			assertThat(client.shutdownOutput().awaitEnd()).isEqualTo(End.FIN);
		}
		assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
		assertThat(this.origin.requests()).hasSize(1)
			.allSatisfy((request) -> assertThat(request.content().isComplete()).isFalse());
		assertServerLives();
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
