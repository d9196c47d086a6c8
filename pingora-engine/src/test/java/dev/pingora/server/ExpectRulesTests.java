package dev.pingora.server;

import java.util.concurrent.CountDownLatch;

import dev.pingora.error.ErrorType;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.OriginRequest;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@code Expect}: RFC 9110 section 10.1.1.
 */
@ExtendWith(EngineExtension.class)
class ExpectRulesTests {

	private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n";

	@AutoClose
	private final RuleServer rules = new RuleServer();

	@ParameterizedTest
	@ValueSource(strings = { "Expect: 100-continu", "Expect: 200-ok", "Expect: 100-continue, x",
			"Expect: x, 100-continue", "Expect: 100-continue\r\nExpect: x", "Expect: a=b", "Expect: \"100-continue\"",
			"Expect: 100-continue;q=1" })
	void unknownExpectationIsNotMet(String fields) {
		this.rules.refuses(POST + fields + "\r\n\r\n", 417, ErrorType.EXPECTATION_FAILED);
	}

	@Test
	void unknownExpectationOfAnOldClientIsNotMet() {
		this.rules.refuses("POST / HTTP/1.0\r\nExpect: x\r\nContent-Length: 5\r\n\r\nhello", 417,
				ErrorType.EXPECTATION_FAILED);
	}

	@ParameterizedTest
	@ValueSource(strings = { "100-continue", "100-Continue", "100-continue, 100-continue", "100-continue ,", "" })
	void expectationThatIsKnownIsForwarded(String value) {
		OriginRequest request = this.rules.forwards(POST + "Expect: " + value + "\r\n\r\nhello");
		assertThat(request.headers().all("expect")).containsExactly(value);
		assertThat(request.body()).isEqualTo("hello".getBytes());
	}

	// The proxy does not say on its own that the client may go on: the origin decides.
	@Test
	void clientThatWaitsGetsTheOriginsContinue() {
		CountDownLatch headSeen = new CountDownLatch(1);
		this.rules.origin.on("/wait", (exchange) -> {
			exchange.await(headSeen);
			exchange.interim(100);
			exchange.respond(200, exchange.readBody());
		});
		try (RawClient client = this.rules.connect()) {
			client.send("POST /wait HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
			assertThat(this.rules.origin.awaitRequest(1).header("expect")).isEqualTo("100-continue");
			headSeen.countDown();
			assertThat(client.readInterim().status()).isEqualTo(100);
			assertThat(client.send("hello").readResponse().text()).isEqualTo("hello");
		}
	}

	// An old client does not know 100, so it gets none, and waits for none.
	@Test
	void oldClientDoesNotGetAContinue() {
		this.rules.origin.on("/old", (exchange) -> {
			exchange.interim(100);
			exchange.respond(200, exchange.readBody());
		});
		try (RawClient client = this.rules.connect()) {
			client.send("POST /old HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nExpect:\r\nContent-Length: 5\r\n"
					+ "Expect: 100-continue\r\nX: y\r\n\r\nhello");
			RawResponse response = client.readResponse();
			assertThat(response.interim()).isEmpty();
			assertThat(response.text()).isEqualTo("hello");
			assertThat(this.rules.origin.awaitRequest(1).head())
				.isEqualTo("POST /old HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX: y\r\n\r\n");
		}
	}

	// The body that the client was told not to send must not be taken for a request.
	@Test
	void bodyBehindARefusalIsNotARequest() {
		this.rules.origin.on("/refuse", (exchange) -> {
			exchange.respond(413, "no", "Connection: close");
			exchange.finish();
		});
		String smuggled = "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n";
		try (RawClient client = this.rules.connect()) {
			client.send("POST /refuse HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: "
					+ smuggled.length() + "\r\n\r\n");
			RawResponse response = client.readResponse();
			assertThat(response.status()).isEqualTo(413);
			assertThat(response.headers().lists("connection", "close")).isTrue();
			client.send(smuggled).shutdownOutput().awaitEnd();
			assertThat(client.received()).isEmpty();
		}
		assertThat(this.rules.origin.requestCount()).isOne();
	}

}
