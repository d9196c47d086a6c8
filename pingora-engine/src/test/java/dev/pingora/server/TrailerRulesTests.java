package dev.pingora.server;

import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Collectors;

import dev.pingora.error.ErrorType;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.OriginRequest;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Trailers: RFC 9112 section 7.1.2, RFC 9110 section 6.5.
 */
@ExtendWith(EngineExtension.class)
class TrailerRulesTests {

	private static final String CHUNKED = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

	@AutoClose
	private final RuleServer rules = new RuleServer();

	private OriginRequest forward(String trailers) {
		return this.rules.forwards(CHUNKED + "3\r\nabc\r\n0\r\n" + trailers + "\r\n");
	}

	@Test
	void trailersAreForwardedAsTrailers() {
		OriginRequest request = forward("X-sum: 1 \u00e4\r\nx-SUM:2\r\nETag: \"a\"\r\ngrpc-status: 0\r\nX-Empty:\r\n");
		assertThat(request.content().trailers().entries()).containsExactly(Map.entry("X-sum", "1 \u00e4"),
				Map.entry("x-SUM", "2"), Map.entry("ETag", "\"a\""), Map.entry("grpc-status", "0"),
				Map.entry("X-Empty", ""));
		assertThat(request.head()).isEqualTo(CHUNKED);
	}

	// RFC 9110 section 6.5.1: fields of framing, routing, authentication, request
	// modifiers and content format are neither merged into the head nor forwarded.
	@ParameterizedTest
	@ValueSource(strings = { "Content-Length: 5", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip",
			"TE: trailers", "Trailer: X", "Connection: close", "Connection: X-Kept", "Keep-Alive: x", "Upgrade: h2c",
			"Proxy-Connection: x", "Host: evil", "HOST: evil", "Forwarded: for=evil", "Via: 1.1 evil",
			"X-Forwarded-For: evil", "X-Forwarded-Host: evil", "X-Forwarded-Proto: https", "X-Real-IP: evil",
			"Authorization: evil", "Proxy-Authorization: evil", "Cookie: evil", "Set-Cookie: evil",
			"Cache-Control: no-store", "Pragma: x", "Range: bytes=0-1", "If-Match: x", "If-None-Match: x",
			"If-Range: x", "Expect: 100-continue", "Expect: evil", "Max-Forwards: 0", "Content-Type: text/evil",
			"Content-Encoding: gzip", "Content-Range: bytes 0-1/2", "Location: evil" })
	void trailerThatBelongsIntoAHeadIsDropped(String trailer) {
		OriginRequest request = forward("X-Kept: 1\r\n" + trailer + "\r\nx-also: 2\r\n");
		assertThat(request.content().trailers().entries()).containsExactly(Map.entry("X-Kept", "1"),
				Map.entry("x-also", "2"));
		assertThat(request.head()).isEqualTo(CHUNKED);
		assertThat(request.body()).isEqualTo("abc".getBytes());
	}

	// Forwarding is off here: what else looks like these is dropped in the other modes
	// only (ForwardedHeadersTests).
	@ParameterizedTest
	@ValueSource(strings = { "X-Forwarded-For", "x-forwarded-host", "X-FORWARDED-PORT", "X-Forwarded-Prefix",
			"X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via" })
	void trailerThatTellsOfTheClientIsDroppedWhateverTheMode(String name) {
		OriginRequest request = forward(
				name + ": evil\r\nX-Forwarded-User: a\r\nX-Forwarded: b\r\nX_Forwarded_For: c\r\nX_Real_IP: d\r\n");
		assertThat(request.content().trailers().entries()).containsExactly(Map.entry("X-Forwarded-User", "a"),
				Map.entry("X-Forwarded", "b"), Map.entry("X_Forwarded_For", "c"), Map.entry("X_Real_IP", "d"));
		assertThat(request.head()).isEqualTo(CHUNKED);
	}

	@Test
	void trailersOfWhichNothingIsLeftAreNone() {
		OriginRequest request = forward("Host: evil\r\nContent-Length: 3\r\n");
		assertThat(request.content().trailers().entries()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "X", ": a", "X : a", " X: a", "X: a\r\n b", "X: a\r\n\tb", "X: a\rb", "X: a\0b",
			"X\u00e4: a", "X: \u007f", "X(Y): a", "X: a\nY: b", "Content-Length : 3", "Host: a\0b" })
	void malformedTrailerIsRefused(String trailer) {
		this.rules.refusesBody(CHUNKED, "3\r\nabc\r\n0\r\n" + trailer + "\r\n\r\n", ErrorType.INVALID_HTTP_HEADER);
	}

	@ParameterizedTest
	@ValueSource(strings = { "\n", "X: a\n\r\n", "X: a\r\n\n", "X: a\r\r\n", "\r\r\n" })
	void trailerLineEndsWithCrAndLf(String trailers) {
		this.rules.refusesBody(CHUNKED, "3\r\nabc\r\n0\r\n" + trailers + "GET / HTTP/1.1\r\n\r\n",
				ErrorType.INVALID_HTTP_HEADER);
	}

	@Test
	void trailersAreCounted() {
		String trailers = IntStream.range(0, 51).mapToObj((i) -> "X-" + i + ": a\r\n").collect(Collectors.joining());
		this.rules.refusesBody(CHUNKED, "3\r\nabc\r\n0\r\n" + trailers + "\r\n", ErrorType.HEADER_TOO_LARGE);
	}

	// Dropped ones are not kept, but not free either.
	@ParameterizedTest
	@ValueSource(strings = { "X: ", "Cookie: " })
	void trailersAreMeasured(String name) {
		String line = name + "a".repeat(1000) + "\r\n";
		this.rules.refusesBody(CHUNKED, "3\r\nabc\r\n0\r\n" + line.repeat(9) + "\r\n", ErrorType.HEADER_TOO_LARGE);
	}

}
