package dev.pingora.protocol.h1;

import java.util.List;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link H1Framing}.
 */
class H1FramingTests {

	private static H1Framing request(String version, String fields) throws ProxyException {
		H1Framing framing = new H1Framing(ErrorSource.DOWNSTREAM);
		framing.request(Heads.request("POST / HTTP/" + version + "\r\nHost: a\r\n" + lines(fields) + "\r\n"));
		return framing;
	}

	private static H1Framing response(String version, int status, String fields, boolean toHead) throws ProxyException {
		H1Framing framing = new H1Framing(ErrorSource.UPSTREAM);
		framing.response(Heads.response("HTTP/" + version + " " + status + " X\r\n" + lines(fields) + "\r\n"), toHead);
		return framing;
	}

	// Fields are divided by bars.
	private static String lines(String fields) {
		return fields.isEmpty() ? "" : fields.replace("|", "\r\n") + "\r\n";
	}

	@ParameterizedTest
	@CsvSource(delimiter = '!', ignoreLeadingAndTrailingWhitespace = false,
			value = { "''!NONE!0", "Content-Length: 0!NONE!0", "Content-Length: 1!LENGTH!1",
					"content-length: 007!LENGTH!7", "Content-Length: 999999999999999999!LENGTH!999999999999999999",
					"Transfer-Encoding: chunked!CHUNKED!0", "transfer-encoding:CHUNKED!CHUNKED!0" })
	void lengthOfARequestIsTold(String fields, H1Framing.Body body, long length) throws ProxyException {
		H1Framing framing = request("1.1", fields);
		assertThat(framing.body()).isEqualTo(body);
		assertThat(framing.length()).isEqualTo(length);
	}

	@ParameterizedTest
	@ValueSource(strings = { "Content-Length: 1|Content-Length: 1", "Content-Length: 1|Content-Length: 2",
			"Content-Length: 1, 1", "Content-Length:", "Content-Length: -1", "Content-Length: +1",
			"Content-Length: 1 ,", "Content-Length: 0x1", "Content-Length: 1 2", "Content-Length: 1000000000000000000",
			"Content-Length: 99999999999999999999", "Content-Length: \u00b2", "Content-Length: 1e3",
			"Content-Length: 1|Transfer-Encoding: chunked", "Transfer-Encoding: chunked|Content-Length: 0",
			"Transfer-Encoding: identity", "Transfer-Encoding:", "Transfer-Encoding: gzip, , chunked",
			"Transfer-Encoding: chunked, gzip, chunked", "Transfer-Encoding: gzip;q=1, chunked",
			"Transfer-Encoding: chunked, chunked", "Transfer-Encoding: chunked, identity",
			"Transfer-Encoding: xchunked", "Transfer-Encoding: chunked;q=1", "Transfer-Encoding: \"chunked\"",
			"Transfer-Encoding: ,chunked", "Transfer-Encoding: chunked|Transfer-Encoding: chunked",
			"Transfer-Encoding: chunked|Transfer-Encoding:", "Transfer-Encoding: \u00a0chunked" })
	void ambiguousLengthIsRefusedOnBothSides(String fields) {
		assertThatExceptionOfType(ProxyException.class).isThrownBy(() -> request("1.1", fields)).satisfies((error) -> {
			assertThat(error.type()).isEqualTo(ErrorType.INVALID_FRAMING);
			assertThat(error.status()).isEqualTo(400);
		});
		for (boolean toHead : new boolean[] { false, true }) {
			assertThatExceptionOfType(ProxyException.class).isThrownBy(() -> response("1.1", 200, fields, toHead))
				.satisfies((error) -> assertThat(error.status()).isEqualTo(502));
		}
	}

	// RFC 9112 section 6.1
	@ParameterizedTest
	@ValueSource(strings = { "gzip, chunked", "gzip,\tdeflate , Chunked", "identity, chunked", "xchunked, chunked" })
	void codingBeforeChunkedIsNotImplemented(String coding) {
		String field = "Transfer-Encoding: " + coding;
		assertThatExceptionOfType(ProxyException.class).isThrownBy(() -> request("1.1", field)).satisfies((error) -> {
			assertThat(error.type()).isEqualTo(ErrorType.UNSUPPORTED_CODING);
			assertThat(error.status()).isEqualTo(501);
		});
		assertThatExceptionOfType(ProxyException.class).isThrownBy(() -> response("1.1", 200, field, false))
			.satisfies((error) -> assertThat(error.status()).isEqualTo(502));
	}

	// RFC 9110 section 10.1.1
	@Test
	void onlyContinueMayBeExpected() throws ProxyException {
		for (String expectation : List.of("100-continue", "100-Continue", "100-continue, 100-continue", ",", "")) {
			assertThat(request("1.1", "Expect: " + expectation).body()).isEqualTo(H1Framing.Body.NONE);
		}
		for (String expectation : List.of("100-continu", "200-ok", "100-continue, x", "\"100-continue\"", "a=b")) {
			assertThatExceptionOfType(ProxyException.class).as(expectation)
				.isThrownBy(() -> request("1.1", "Expect: " + expectation))
				.satisfies((error) -> assertThat(error.status()).isEqualTo(417));
		}
		assertThat(response("1.1", 204, "Expect: x", false).body()).isEqualTo(H1Framing.Body.NONE);
	}

	@Test
	void chunksInHttp10AreRefused() {
		assertThatExceptionOfType(ProxyException.class)
			.isThrownBy(() -> request("1.0", "Transfer-Encoding: chunked|Connection: keep-alive"));
		assertThatExceptionOfType(ProxyException.class)
			.isThrownBy(() -> response("1.0", 200, "Transfer-Encoding: chunked", false));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '!', ignoreLeadingAndTrailingWhitespace = false,
			value = { "1.1!200!''!false!UNTIL_CLOSE", "1.1!200!Content-Length: 5!false!LENGTH",
					"1.1!200!Content-Length: 0!false!NONE", "1.1!200!Transfer-Encoding: chunked!false!CHUNKED",
					"1.1!200!Content-Length: 5!true!NONE", "1.1!200!Transfer-Encoding: chunked!true!NONE",
					"1.1!200!''!true!NONE", "1.1!204!Content-Length: 5!false!NONE",
					"1.1!304!Content-Length: 5!false!NONE", "1.1!304!''!false!NONE", "1.1!100!''!false!NONE",
					"1.1!103!Transfer-Encoding: chunked!false!NONE", "1.1!205!''!false!UNTIL_CLOSE",
					"1.0!200!''!false!UNTIL_CLOSE", "1.1!404!''!false!UNTIL_CLOSE" })
	void lengthOfAResponseFollowsFromStatusAndMethod(String version, int status, String fields, boolean toHead,
			H1Framing.Body body) throws ProxyException {
		assertThat(response(version, status, fields, toHead).body()).isEqualTo(body);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '!', ignoreLeadingAndTrailingWhitespace = false,
			value = { "1.1!''!true", "1.1!Connection: close!false", "1.1!Connection: CLOSE!false",
					"1.1!Connection: keep-alive, close!false", "1.1!Connection: x|Connection: , close ,!false",
					"1.1!Connection: closed!true", "1.1!Connection: not-close!true", "1.1!Connection: keep-alive!true",
					"1.1!Connection:!true", "1.1!X-Connection: close!true", "1.0!''!false",
					"1.0!Connection: keep-alive!true", "1.0!Connection: Keep-Alive!true",
					"1.0!Connection: keep-alive, close!false", "1.0!Keep-Alive: timeout=5!false" })
	void connectionGoesOnIfBothWantIt(String version, String fields, boolean goesOn) throws ProxyException {
		assertThat(request(version, fields).isKeepAlive()).isEqualTo(goesOn);
		String withLength = fields.isEmpty() ? "Content-Length: 0" : fields + "|Content-Length: 0";
		assertThat(response(version, 200, withLength, false).isKeepAlive()).isEqualTo(goesOn);
	}

	@Test
	void responseUntilCloseEndsTheConnection() throws ProxyException {
		assertThat(response("1.1", 200, "", false).isKeepAlive()).isFalse();
		assertThat(response("1.1", 200, "", true).isKeepAlive()).isTrue();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '!',
			value = { "204!Content-Length: 5!false", "204!Transfer-Encoding: chunked!false",
					"204!Content-Length: 0!true", "204!X: y!true", "100!Content-Length: 5!false",
					"103!Transfer-Encoding: chunked!false", "103!Content-Length: 0!true", "304!Content-Length: 5!true",
					"304!Transfer-Encoding: chunked!true" })
	void responseThatClaimsABodyWhereNoneCanBeEndsTheConnection(int status, String fields, boolean goesOn)
			throws ProxyException {
		for (boolean toHead : new boolean[] { false, true }) {
			assertThat(response("1.1", status, fields, toHead).isKeepAlive()).isEqualTo(goesOn);
		}
	}

	@Test
	void nothingOfOneMessageShowsInTheNext() throws ProxyException {
		H1Framing framing = new H1Framing(ErrorSource.DOWNSTREAM);
		framing.request(Heads.request("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"));
		framing.request(Heads.request("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
		assertThat(framing.body()).isEqualTo(H1Framing.Body.CHUNKED);
		assertThat(framing.length()).isZero();
		assertThat(framing.isKeepAlive()).isTrue();
		framing.request(Heads.request("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
		assertThat(framing.body()).isEqualTo(H1Framing.Body.NONE);
	}

}
