package dev.pingora.server;

import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Where a response ends, RFC 9112 section 6.3, and what becomes of one that does not end
 * where it should, section 8.
 */
@ExtendWith(EngineExtension.class)
class ResponseLengthRulesTests {

	private static final String EVIL = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";

	private static String request(String method, String version) {
		return method + " /say HTTP/" + version + "\r\nHost: a\r\n\r\n";
	}

	// Without a body.

	@ParameterizedTest
	@CsvSource({ "HEAD, 200, Content-Length: 5, 5", "HEAD, 200, Transfer-Encoding: chunked,", "HEAD, 200, X-A: 1,",
			"HEAD, 404, Content-Length: 5, 5", "GET, 304, Content-Length: 5, 5",
			"GET, 304, Transfer-Encoding: chunked,", "HEAD, 304, Content-Length: 5, 5", "GET, 304, X-A: 1,",
			"GET, 204, X-A: 1,", "GET, 204, Content-Length: 0,", "HEAD, 204, X-A: 1,",
			"HEAD, 204, Content-Length: 0," })
	void responseWithoutBodyIsOverWithItsHead(String method, int status, String field, String length) {
		try (SaidResponse said = SaidResponse.of("HTTP/1.1 " + status + " X\r\n" + field + "\r\n\r\n");
				RawClient client = said.client()) {
			RawResponse response = client.send(request(method, "1.1")).readResponseTo(method);
			assertThat(response.status()).isEqualTo(status);
			// RFC 9110 section 8.6: the length of another response, and never in a 204
			assertThat(response.header("content-length")).isEqualTo(length);
			assertThat(response.headers().has("transfer-encoding")).isFalse();
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			said.assertNoFailure();
			said.assertReused();
		}
	}

	@ParameterizedTest
	@CsvSource({ "GET, Content-Length: 5", "GET, Transfer-Encoding: chunked", "HEAD, Content-Length: 5",
			"HEAD, Transfer-Encoding: chunked" })
	void noContentThatClaimsABodyIsNotTrusted(String method, String field) {
		try (SaidResponse said = SaidResponse.of("HTTP/1.1 204 No Content\r\n" + field + "\r\n\r\n");
				RawClient client = said.client()) {
			RawResponse response = client.send(request(method, "1.1")).readResponseTo(method);
			assertThat(response.status()).isEqualTo(204);
			assertThat(response.headers().has("content-length")).isFalse();
			assertThat(response.headers().has("transfer-encoding")).isFalse();
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			said.assertClosed();
		}
	}

	@ParameterizedTest
	@CsvSource({ "HEAD, 200, Content-Length: 44", "HEAD, 200, X-A: 1", "HEAD, 200, Transfer-Encoding: chunked",
			"GET, 304, Content-Length: 44", "GET, 304, X-A: 1", "GET, 204, Content-Length: 44", "GET, 204, X-A: 1",
			"GET, 204, Transfer-Encoding: chunked", "GET, 200, Content-Length: 0" })
	void whatFollowsAResponseWithoutBodyReachesNobody(String method, int status, String field) {
		try (SaidResponse said = SaidResponse.of("HTTP/1.1 " + status + " X\r\n" + field + "\r\n\r\n" + EVIL);
				RawClient client = said.client()) {
			assertThat(client.send(request(method, "1.1")).readResponseTo(method).status()).isEqualTo(status);
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			said.assertClosed();
		}
	}

	@ParameterizedTest
	@CsvSource({ "HEAD, 200", "GET, 204", "GET, 304" })
	void clientOfHttp10KeepsItsConnectionAfterAResponseWithoutBody(String method, int status) {
		try (SaidResponse said = SaidResponse.of("HTTP/1.1 " + status + " X\r\n\r\n");
				RawClient client = said.client()) {
			String request = method + " /say HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n";
			for (int i = 0; i < 2; i++) {
				assertThat(client.send(request).readResponseTo(method).status()).isEqualTo(status);
			}
			said.assertReused();
		}
	}

	// By length.

	@ParameterizedTest
	@ValueSource(strings = { "x", EVIL, "\r\n", "0\r\n\r\n" })
	void whatFollowsABodyOfAKnownLengthReachesNobody(String more) {
		try (SaidResponse said = SaidResponse.of("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi" + more);
				RawClient client = said.client()) {
			assertThat(client.get("/say").readResponse().text()).isEqualTo("hi");
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			said.assertClosed();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "x", EVIL, "\r\n", "0\r\n\r\n" })
	void whatFollowsTheLastChunkReachesNobody(String more) {
		try (SaidResponse said = SaidResponse
			.of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n" + more);
				RawClient client = said.client()) {
			assertThat(client.get("/say").readResponse().text()).isEqualTo("hi");
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			said.assertClosed();
		}
	}

	// RFC 9112 section 7.1.1: they are for the next hop only.
	@ParameterizedTest
	@ValueSource(strings = { "5;a\r\n", "5 ; a\t= \"b\\\" \u00e4\" ;c=d;e\r\n" })
	void extensionsReachNobody(String size) {
		try (SaidResponse said = SaidResponse
			.of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size + "hello\r\n0;last\r\n\r\n");
				RawClient client = said.client()) {
			assertThat(client.get("/say").readResponse().text()).isEqualTo("hello");
			assertThat(Octets.latin1(client.received())).isEmpty();
			said.assertNoFailure();
			said.assertReused();
		}
	}

	static Stream<Arguments> broken() {
		String length = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
		String chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
		return Stream.of(arguments("short", length + "hello", "connection_closed"),
				arguments("no octet of the body", length, "connection_closed"),
				arguments("no last chunk", chunked, "connection_closed"),
				arguments("end within a chunk", chunked + "5\r\nhel", "connection_closed"),
				arguments("end within a size", chunked + "5", "connection_closed"),
				arguments("end within the last chunk", chunked + "0\r\n", "connection_closed"),
				arguments("end within the trailers", chunked + "0\r\nX-A: 1\r\n", "connection_closed"),
				arguments("bad size", chunked + "xyz\r\n", "invalid_body"),
				arguments("negative size", chunked + "-5\r\nhello\r\n0\r\n\r\n", "invalid_body"),
				arguments("hexadecimal prefix", chunked + "0x5\r\nhello\r\n0\r\n\r\n", "invalid_body"),
				arguments("space before the size", chunked + " 5\r\nhello\r\n0\r\n\r\n", "invalid_body"),
				arguments("space after the size", chunked + "5 \r\nhello\r\n0\r\n\r\n", "invalid_body"),
				arguments("overflowing size", chunked + "10000000000000005\r\nhello\r\n0\r\n\r\n", "invalid_body"),
				arguments("empty size", chunked + "\r\nhello\r\n0\r\n\r\n", "invalid_body"),
				arguments("size that ends with LF", chunked + "5\nhello\r\n0\r\n\r\n", "invalid_body"),
				arguments("chunk longer than its size", chunked + "4\r\nhello\r\n0\r\n\r\n", "invalid_body"),
				arguments("chunk that ends with LF", chunked + "5\r\nhello\n0\r\n\r\n", "invalid_body"),
				arguments("bad extension", chunked + "5;a=\u0000\r\nhello\r\n0\r\n\r\n", "invalid_body"),
				arguments("endless extension", chunked + "5;" + "a".repeat(5_000) + "\r\nhello\r\n0\r\n\r\n",
						"invalid_body"),
				arguments("many extensions", chunked + ("1;" + "a".repeat(1000) + "\r\nx\r\n").repeat(20) + "0\r\n\r\n",
						"invalid_body"),
				arguments("no extension but delimiters", chunked + "5;;==\r\nhello\r\n0\r\n\r\n", "invalid_body"),
				arguments("quotes in an extension's name", chunked + "5;a\"b\"c\r\nhello\r\n0\r\n\r\n", "invalid_body"),
				arguments("extension without a name", chunked + "5; = ;\r\nhello\r\n0\r\n\r\n", "invalid_body"),
				arguments("bad trailer", chunked + "0\r\nno trailer\r\n\r\n", "invalid_http_header"),
				arguments("folded trailer", chunked + "0\r\nX-A: 1\r\n 2\r\n\r\n", "invalid_http_header"),
				arguments("too many trailers", chunked + "0\r\n" + "X-A: 1\r\n".repeat(300) + "\r\n",
						"header_too_large"));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("broken")
	void bodyThatIsNotWholeIsNeverTakenForAWholeOne(String what, String response, String error) {
		try (SaidResponse said = SaidResponse.thenFin(response); RawClient client = said.client()) {
			assertThat(client.get("/say").awaitEnd()).isEqualTo(End.RESET);
			assertThat(Octets.latin1(client.received())).doesNotContain("\r\n0\r\n");
			said.assertFailure(error);
			said.assertClosed();
		}
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("broken")
	void clientOfHttp10CanTellThatItsBodyIsNotWhole(String what, String response, String error) {
		try (SaidResponse said = SaidResponse.thenFin(response); RawClient client = said.client()) {
			// A body that ends with FIN would look whole.
			assertThat(client.send(request("GET", "1.0")).awaitEnd()).isEqualTo(End.RESET);
			said.assertFailure(error);
			said.assertClosed();
		}
	}

	// Until the connection's end.

	@Test
	void bodyUntilTheEndIsChunkedForAClientOfHttp11() {
		try (SaidResponse said = SaidResponse.thenFin("HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\nhello");
				RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.headers().all("transfer-encoding")).containsExactly("chunked");
			assertThat(response.headers().has("connection")).isFalse();
			assertThat(response.text()).isEqualTo("hello");
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			said.assertNoFailure();
		}
	}

	@Test
	void bodyUntilTheEndEndsWithTheConnectionForAClientOfHttp10() {
		try (SaidResponse said = SaidResponse.thenFin("HTTP/1.0 200 OK\r\n\r\nhello");
				RawClient client = said.client()) {
			RawResponse response = client.send("GET /say HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
				.readResponse();
			assertThat(response.headers().has("transfer-encoding")).isFalse();
			assertThat(response.headers().all("connection")).containsExactly("close");
			assertThat(response.text()).isEqualTo("hello");
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			said.assertNoFailure();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "1.0", "1.1" })
	void bodyUntilTheEndThatAResetEndsIsTruncated(String version) {
		CountDownLatch read = new CountDownLatch(1);
		try (SaidResponse said = SaidResponse.by((exchange) -> {
			exchange.write("HTTP/1.1 200 OK\r\n\r\nhello");
			exchange.await(read);
			exchange.reset();
		}); RawClient client = said.client()) {
			client.send(request("GET", version)).readHead();
			client.read(version.equals("1.0") ? 5 : 10);
			read.countDown();
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
			assertThat(client.received()).isEmpty();
			said.assertFailure("read_error");
		}
	}

	@Test
	void bodyUntilTheEndThatIsEmptyIsWhole() {
		try (SaidResponse said = SaidResponse.thenFin("HTTP/1.1 200 OK\r\n\r\n"); RawClient client = said.client()) {
			assertThat(client.get("/say").readResponse().text()).isEmpty();
			said.assertNoFailure();
		}
	}

	@Test
	void whatLooksLikeAResponseIsABodyUntilTheEnd() {
		try (SaidResponse said = SaidResponse.thenFin("HTTP/1.1 200 OK\r\n\r\n" + EVIL);
				RawClient client = said.client()) {
			assertThat(client.get("/say").readResponse().text()).isEqualTo(EVIL);
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 205, 299, 404, 500, 600, 999 })
	void otherStatusHasABodyLikeAnyResponse(int status) {
		try (SaidResponse said = SaidResponse.of("HTTP/1.1 " + status + " X\r\nContent-Length: 2\r\n\r\nhi");
				RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.status()).isEqualTo(status);
			assertThat(response.text()).isEqualTo("hi");
			said.assertReused();
		}
	}

}
