package dev.pingora.server;

import java.util.stream.Stream;

import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Heads of responses that are refused: RFC 9112 sections 4, 5 and 6.
 */
@ExtendWith(EngineExtension.class)
class ResponseHeadRulesTests {

	private static final String OK = "HTTP/1.1 200 OK\r\n";

	private static final String HEAD = "invalid_http_header";

	private static final String FRAMING = "invalid_framing";

	// RFC 9110 section 8.6, RFC 9112 sections 6.1 to 6.3
	static Stream<Arguments> lengths() {
		return Stream.of("Content-Length: 5\r\nContent-Length: 5", "Content-Length: 5\r\nContent-Length: 6",
				"Content-Length: 5, 5", "Content-Length: 5,6", "Content-Length: +5", "Content-Length: -5",
				"Content-Length: 0x5", "Content-Length: 5 5", "Content-Length: 5.0", "Content-Length:",
				"Content-Length: five", "Content-Length: 18446744073709551621", "Content-Length: 9223372036854775808",
				"Content-Length: " + "0".repeat(40) + "5", "Content-Length: 5\r\nTransfer-Encoding: chunked",
				"Transfer-Encoding: chunked\r\nContent-Length: 5", "Transfer-Encoding: gzip",
				"Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, gzip",
				"Transfer-Encoding: chunked, chunked", "Transfer-Encoding: identity",
				"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Transfer-Encoding: xchunked",
				"Transfer-Encoding: chunked;q=0.5", "Transfer-Encoding: \"chunked\"", "Transfer-Encoding:",
				"Transfer-Encoding: \u00a0chunked")
			.map((fields) -> arguments(fields, OK + fields + "\r\n\r\nhello",
					fields.endsWith("gzip, chunked") ? "unsupported_coding" : FRAMING));
	}

	static Stream<Arguments> fields() { // RFC 9112 section 5, RFC 9110 section 5.5
		return Stream.of("X-A: 1\r\n 2", "X-A: 1\r\n\t2", " X-A: 1", "X-A : 1", "X-A\t: 1", ": 1", "no colon", "X A: 1",
				"X-\u00e9: 1", "X-A: a\u0000b", "X-A: a\rb", "X-A: a\nb", "X-A: a\u0007b", "X-A: a\u007fb", "X(A): 1")
			.map((line) -> arguments(line, OK + line + "\r\nContent-Length: 5\r\n\r\nhello", HEAD));
	}

	static Stream<Arguments> statusLines() { // RFC 9112 section 4
		String version = "unsupported_version";
		return Stream
			.of(arguments("HTTP/1.1 20 OK", HEAD), arguments("HTTP/1.1 2000 OK", HEAD),
					arguments("HTTP/1.1 2x0 OK", HEAD), arguments("HTTP/1.1 -20 OK", HEAD),
					arguments("HTTP/1.1 099 OK", HEAD), arguments("HTTP/1.1  200 OK", HEAD),
					arguments("HTTP/1.1\t200 OK", HEAD), arguments("HTTP/1.1 200\tOK", HEAD),
					arguments("HTTP/1.1 200 O\u0000K", HEAD), arguments("HTTP/1.1 200 O\rK", HEAD),
					arguments("HTTP/1.1", HEAD), arguments("HTTP/1.1 ", HEAD), arguments(" HTTP/1.1 200 OK", HEAD),
					arguments("\r\nHTTP/1.1 200 OK", HEAD), arguments("http/1.1 200 OK", HEAD),
					arguments("HTTP/1 200 OK", HEAD), arguments("HTTP/11 200 OK", HEAD), arguments("ICY 200 OK", HEAD),
					arguments("SSH-2.0-OpenSSH_9.6", HEAD), arguments("+OK POP3 server ready", HEAD),
					arguments("HTTP/0.9 200 OK", version), arguments("HTTP/1.2 200 OK", version),
					arguments("HTTP/2.0 200 OK", version), arguments("HTTP/3.0 200 OK", version))
			.map((arguments) -> {
				String line = (String) arguments.get()[0];
				return arguments(line, line + "\r\nContent-Length: 5\r\n\r\nhello", arguments.get()[1]);
			});
	}

	static Stream<Arguments> others() {
		return Stream.of(
				arguments("chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
						FRAMING),
				arguments("chunks in HTTP/1.0 that keeps alive",
						"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
						FRAMING),
				arguments("lines that end with LF", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", HEAD),
				arguments("a line that ends with CR", "HTTP/1.1 200 OK\rContent-Length: 5\r\n\r\nhello", HEAD),
				arguments("a head of 64 KiB", OK + "X-A: " + "a".repeat(65_536) + "\r\n\r\n", "header_too_large"),
				arguments("a line without end", OK + "a".repeat(200_000), "header_too_large"),
				arguments("201 fields", OK + "X-A: 1\r\n".repeat(201) + "\r\n", "header_too_large"));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource({ "lengths", "fields", "statusLines", "others" })
	void malformedHeadIsBadGatewayAndItsConnectionClosed(String what, String response, String error) {
		try (SaidResponse said = SaidResponse.of(response); RawClient client = said.client()) {
			RawResponse answer = client.get("/say").readResponse();
			assertThat(answer.status()).isEqualTo(502);
			assertThat(answer.text()).isEmpty();
			assertThat(said.origin().requestCount()).isOne();
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			said.assertFailure(error);
			said.assertClosed();
		}
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("lengths")
	void ambiguousLengthIsRefusedEvenWhereItMeansNothing(String what, String response, String error) {
		try (SaidResponse said = SaidResponse.of(response); RawClient client = said.client()) {
			String request = "HEAD /say HTTP/1.1\r\nHost: a\r\n\r\n";
			assertThat(client.send(request).readResponseTo("HEAD").status()).isEqualTo(502);
			said.assertFailure(error);
			said.assertClosed();
		}
	}

	@ParameterizedTest
	@CsvSource({ "HTTP/1.1 200, HTTP/1.1 200 ", "'HTTP/1.1 200 ', HTTP/1.1 200 ",
			"HTTP/1.1 299 Rather  fine \u00e9, HTTP/1.1 299 Rather  fine \u00e9", "HTTP/1.0 200 OK, HTTP/1.1 200 OK" })
	void reasonIsForwardedAsItIsAndMayBeMissing(String line, String forwarded) {
		try (SaidResponse said = SaidResponse.of(line + "\r\nContent-Length: 2\r\n\r\nok");
				RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.statusLine().strip()).isEqualTo(forwarded.strip());
			assertThat(response.text()).isEqualTo("ok");
			said.assertNoFailure();
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 60_000, 64_000 })
	void largeHeadBelowTheLimitIsForwarded(int size) {
		String value = "a".repeat(size);
		try (SaidResponse said = SaidResponse.of(OK + "X-A: " + value + "\r\nContent-Length: 2\r\n\r\nok");
				RawClient client = said.client()) {
			assertThat(client.get("/say").readResponse().header("x-a")).isEqualTo(value);
			said.assertReused();
		}
	}

}
