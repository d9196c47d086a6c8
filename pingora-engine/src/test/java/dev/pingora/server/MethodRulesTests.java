package dev.pingora.server;

import dev.pingora.error.ErrorType;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.OriginRequest;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Methods that mean something to a gateway: RFC 9110 section 9.3, and
 * {@code Max-Forwards} of section 7.6.2.
 */
@ExtendWith(EngineExtension.class)
class MethodRulesTests {

	@AutoClose
	private final RuleServer rules = new RuleServer();

	// Section 9.3.6: a gateway is no tunnel
	@ParameterizedTest
	@ValueSource(strings = { "CONNECT a:443", "CONNECT a", "CONNECT /", "CONNECT *", "CONNECT http://a/",
			"connect a:443", "Connect 127.0.0.1:22", "CONNECT [::1]:443" })
	void connectIsNotAllowed(String line) {
		RawResponse response = this.rules.refuses(line + " HTTP/1.1\r\nHost: a:443\r\n\r\n", 405,
				ErrorType.METHOD_NOT_ALLOWED);
		assertAllows(response);
	}

	// Section 9.3.8: the answer to a TRACE shows the client what filters have added.
	@ParameterizedTest
	@ValueSource(strings = { "Max-Forwards: 0\r\n\r\n", "Max-Forwards: 5\r\n\r\n", "Cookie: a=b\r\n\r\n",
			"Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "\r\n" })
	void traceIsNotAllowed(String rest) {
		assertAllows(this.rules.refuses("TRACE / HTTP/1.1\r\nHost: a\r\n" + rest, 405, ErrorType.METHOD_NOT_ALLOWED));
	}

	@Test
	void traceInAnyCaseIsNotAllowed() {
		this.rules.refuses("trace / HTTP/1.1\r\nHost: a\r\n\r\n", 405, ErrorType.METHOD_NOT_ALLOWED);
	}

	// Section 15.5.6
	private static void assertAllows(RawResponse response) {
		assertThat(response.headers().lists("allow", "GET")).isTrue();
		assertThat(response.headers().lists("allow", "CONNECT")).isFalse();
		assertThat(response.headers().lists("allow", "TRACE")).isFalse();
	}

	// Section 7.6.2: at zero, the recipient answers itself
	@ParameterizedTest
	@ValueSource(strings = { "* HTTP/1.1\r\nMax-Forwards: 0", "/ HTTP/1.1\r\nmax-forwards: 00",
			"/a HTTP/1.1\r\nMAX-FORWARDS:0" })
	void optionsThatMayNotGoOnAreAnsweredHere(String request) {
		try (RawClient client = this.rules.connect()) {
			RawResponse response = client.send("OPTIONS " + request + "\r\nHost: a\r\n\r\n").readResponse();
			assertThat(response.status()).isEqualTo(200);
			assertThat(response.headers().all("content-length")).containsExactly("0"); // 9.3.7
			assertThat(this.rules.origin.acceptedConnections()).isZero();
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
		}
	}

	@ParameterizedTest
	@CsvSource({ "1, 0", "2, 1", "010, 9", "999999999, 999999998", "1000000000, 999999998",
			"99999999999999999999999, 999999998" })
	void optionsCountTheirHops(String received, String forwarded) {
		OriginRequest request = this.rules
			.forwards("OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: " + received + "\r\nX: y\r\n\r\n");
		assertThat(request.headers().all("max-forwards")).containsExactly(forwarded);
		assertThat(request.header("x")).isEqualTo("y");
	}

	@ParameterizedTest
	@ValueSource(strings = { "Max-Forwards:", "Max-Forwards: -1", "Max-Forwards: +1", "Max-Forwards: 0x1",
			"Max-Forwards: a", "Max-Forwards: 1, 2", "Max-Forwards: 1\r\nMax-Forwards: 1", "Max-Forwards: 1 1",
			"Max-Forwards: \u00b2" })
	void optionsWithABadCountAreRefused(String fields) {
		try (RawClient client = this.rules.connect()) {
			RawResponse response = client.send("OPTIONS / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n\r\n")
				.readResponse();
			assertThat(response.status()).isEqualTo(400);
			assertThat(response.headers().lists("connection", "close")).isTrue();
			assertThat(client.readAll()).isEmpty();
		}
		this.rules.awaitFailed(ErrorType.INVALID_HTTP_HEADER);
		assertThat(this.rules.origin.acceptedConnections()).isZero();
	}

	// Section 7.6.2: it means nothing to other methods
	@ParameterizedTest
	@CsvSource({ "GET, 0", "POST, 5", "HEAD, a", "options, 0" })
	void otherMethodsDoNotCount(String method, String value) {
		OriginRequest request = this.rules
			.forwards(method + " / HTTP/1.1\r\nHost: a\r\nMax-Forwards: " + value + "\r\n\r\n");
		assertThat(request.header("max-forwards")).isEqualTo(value);
	}

	@Test
	void optionsWithoutACountAreForwarded() {
		String head = "OPTIONS /a HTTP/1.1\r\nHost: a\r\n\r\n";
		assertThat(this.rules.forwards(head).head()).isEqualTo(head);
	}

}
