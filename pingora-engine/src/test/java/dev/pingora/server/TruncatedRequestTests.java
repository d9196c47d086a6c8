package dev.pingora.server;

import dev.pingora.error.ErrorType;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.OriginRequest;
import dev.pingora.testkit.RawClient;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A client that goes away in the middle of a request: RFC 9112 section 8. Nobody takes
 * the part for the whole.
 */
@ExtendWith(EngineExtension.class)
class TruncatedRequestTests {

	@AutoClose
	private final RuleServer rules = new RuleServer();

	@ParameterizedTest
	@ValueSource(strings = { "G", "GET", "GET ", "GET /", "GET / HTTP/1.1", "GET / HTTP/1.1\r", "GET / HTTP/1.1\r\n",
			"GET / HTTP/1.1\r\nHost: a", "GET / HTTP/1.1\r\nHost: a\r", "GET / HTTP/1.1\r\nHost: a\r\n",
			"GET / HTTP/1.1\r\nHost: a\r\n\r", "\r\n", "\r" })
	void headThatEndsTooEarlyIsNobodysRequest(String octets) {
		try (RawClient client = this.rules.connect()) {
			client.send(octets).shutdownOutput();
			assertThat(client.awaitEnd()).isNotEqualTo(End.OPEN);
			assertThat(client.received()).isEmpty();
		}
		assertThat(this.rules.origin.acceptedConnections()).isZero();
	}

	@ParameterizedTest
	@ValueSource(strings = { "Content-Length: 5\r\n\r\n", "Content-Length: 5\r\n\r\nh", "Content-Length: 5\r\n\r\nhell",
			"Transfer-Encoding: chunked\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n5",
			"Transfer-Encoding: chunked\r\n\r\n5;a=\"", "Transfer-Encoding: chunked\r\n\r\n5\r",
			"Transfer-Encoding: chunked\r\n\r\n5\r\n", "Transfer-Encoding: chunked\r\n\r\n5\r\nhell",
			"Transfer-Encoding: chunked\r\n\r\n5\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r",
			"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0",
			"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
			"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r",
			"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y",
			"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n",
			"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r" })
	void bodyThatEndsTooEarlyIsSeenByTheOriginToEndTooEarly(String rest) {
		try (RawClient client = this.rules.connect()) {
			client.send("POST / HTTP/1.1\r\nHost: a\r\n" + rest);
			OriginRequest request = this.rules.origin.awaitRequest(1);
			client.shutdownOutput();
			assertThat(client.awaitEnd()).isNotEqualTo(End.OPEN);
			assertThat(client.received()).isEmpty();
			this.rules.assertTruncated(request);
		}
		this.rules.awaitFailed(ErrorType.CONNECTION_CLOSED);
	}

	@ParameterizedTest
	@ValueSource(strings = { "Content-Length: 5\r\n\r\nhell", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n" })
	void bodyThatAResetCutsOffIsSeenByTheOriginToBeCutOff(String rest) {
		RawClient client = this.rules.connect();
		client.send("POST / HTTP/1.1\r\nHost: a\r\n" + rest);
		OriginRequest request = this.rules.origin.awaitRequest(1);
		client.abort();
		this.rules.assertTruncated(request);
	}

	// The first request is whole, and answered; the second one is a stump.
	@ParameterizedTest
	@ValueSource(
			strings = { "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhell", "GET /b HTTP/1.1\r\nHost" })
	void stumpBehindAWholeRequestDoesNotHarmIt(String stump) {
		try (RawClient client = this.rules.connect()) {
			client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + stump);
			assertThat(client.readResponse().text()).isEqualTo("hello");
			client.shutdownOutput();
			assertThat(client.awaitEnd()).isNotEqualTo(End.OPEN);
			assertThat(client.received()).isEmpty();
		}
		assertThat(this.rules.origin.requests()).filteredOn((request) -> request.path().equals("/b"))
			.allSatisfy((request) -> {
				assertThat(this.rules.origin.awaitClosed(request.connection())).isNotEqualTo(End.OPEN);
				assertThat(request.content().isComplete()).isFalse();
			});
	}

}
