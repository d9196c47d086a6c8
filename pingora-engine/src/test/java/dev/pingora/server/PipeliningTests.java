package dev.pingora.server;

import java.util.ArrayList;
import java.util.List;

import dev.pingora.error.ErrorType;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.OriginRequest;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Requests that are sent ahead: RFC 9112 section 9.3.2.
 */
@ExtendWith(EngineExtension.class)
class PipeliningTests {

	private static final List<String> REQUESTS = List.of("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n",
			"POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
			"POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n",
			"\r\nDELETE /4 HTTP/1.1\r\nHost: a\r\n\r\n", "POST /5 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
			"GET http://b/6 HTTP/1.1\r\nHost: a\r\n\r\n",
			"GET /7 HTTP/1.0\r\nConnection: keep-alive\r\nHost: a\r\n\r\n");

	@AutoClose
	private final RuleServer rules = new RuleServer();

	private static List<String> targets(List<OriginRequest> requests) {
		return requests.stream().map(OriginRequest::target).toList();
	}

	static List<Integer> cuts() {
		List<Integer> cuts = new ArrayList<>();
		for (int cut = 1; cut < String.join("", REQUESTS).length(); cut += 13) {
			cuts.add(cut);
		}
		return cuts;
	}

	@ParameterizedTest
	@MethodSource("cuts")
	void requestsAreServedInOrderWhereverTheSegmentsEnd(int cut) {
		String all = String.join("", REQUESTS);
		try (RawClient client = this.rules.connect()) {
			client.send(all.substring(0, cut)).send(all.substring(cut));
			for (String body : List.of("", "hello", "abc", "", "", "", "")) {
				RawResponse response = client.readResponse();
				assertThat(response.status()).isEqualTo(200);
				assertThat(response.text()).isEqualTo(body);
			}
			assertThat(targets(this.rules.origin.requests())).containsExactly("/1", "/2", "/3", "/4", "/5", "/6", "/7");
			assertThat(this.rules.origin.acceptedConnections()).isOne();
		}
	}

	@Test
	void nextRequestIsNotForwardedBeforeThePresentOneIsAnswered() {
		List<Long> seen = new ArrayList<>();
		this.rules.origin.on("/slow", (exchange) -> {
			exchange.head(200, "Content-Length: 4").write("sl");
			seen.add(this.rules.origin.requestCount());
			exchange.write("ow");
		});
		try (RawClient client = this.rules.connect()) {
			client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
			assertThat(client.readResponse().text()).isEqualTo("slow");
			assertThat(client.readResponse().text()).isEqualTo("hello");
		}
		assertThat(seen).containsExactly(1L);
	}

	@ParameterizedTest
	@ValueSource(strings = { "GET /bad HTTP/1.1\r\n\r\n", "GET /bad HTTP/1.1\r\nHost : a\r\n\r\n", "GET /bad\r\n",
			"POST /bad HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
			"POST /bad HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
			"\r\n\r\n\r\n", "\0\0\0\r\n", "GET /bad HTTP/1.1\nHost: a\n\n" })
	void badRequestEndsTheConnectionBehindTheGoodOnes(String bad) {
		try (RawClient client = this.rules.connect()) {
			client.send(REQUESTS.get(0) + REQUESTS.get(1) + REQUESTS.get(2) + bad
					+ "GET /after HTTP/1.1\r\nHost: a\r\n\r\n");
			for (String body : List.of("", "hello", "abc")) {
				assertThat(client.readResponse().text()).isEqualTo(body);
			}
			RawResponse refusal = client.readResponse();
			assertThat(refusal.status()).isEqualTo(400);
			assertThat(refusal.headers().lists("connection", "close")).isTrue();
			assertThat(client.shutdownOutput().awaitEnd()).isEqualTo(End.FIN);
			assertThat(client.received()).isEmpty();
		}
		assertThat(targets(this.rules.origin.requests())).containsExactly("/1", "/2", "/3");
		assertThat(this.rules.rejected()).hasSize(1);
	}

	// A body that is too long by some octets makes the next request malformed, not
	// longer.
	@Test
	void octetsBehindABodyAreTheNextRequest() {
		try (RawClient client = this.rules.connect()) {
			client.send("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello world\r\n\r\n");
			assertThat(client.readResponse().text()).isEqualTo("hello");
			assertThat(client.readResponse().status()).isEqualTo(400);
			assertThat(client.shutdownOutput().awaitEnd()).isEqualTo(End.FIN);
		}
		assertThat(this.rules.origin.requestCount()).isOne();
		assertThat(this.rules.rejected()).containsExactly(ErrorType.INVALID_HTTP_HEADER);
	}

	// RFC 9112 section 9.6: nothing is served behind the request that asked for close
	@ParameterizedTest
	@ValueSource(strings = { "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
			"GET /last HTTP/1.1\r\nHost: a\r\nConnection: x, CLOSE , y\r\n\r\n",
			"GET /last HTTP/1.0\r\nHost: a\r\n\r\n",
			"GET /last HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n" })
	void nothingIsServedBehindTheLastRequest(String last) {
		try (RawClient client = this.rules.connect()) {
			client.send(REQUESTS.get(0) + last + "GET /after HTTP/1.1\r\nHost: a\r\n\r\nxyz");
			assertThat(client.readResponse().status()).isEqualTo(200);
			RawResponse response = client.readResponse();
			assertThat(response.status()).isEqualTo(200);
			assertThat(response.headers().lists("connection", "close")).isTrue();
			assertThat(client.shutdownOutput().awaitEnd()).isEqualTo(End.FIN);
			assertThat(client.received()).isEmpty();
		}
		Await.until("the connections' end", () -> this.rules.origin.openConnections() <= 1);
		assertThat(targets(this.rules.origin.requests())).containsExactly("/1", "/last");
		assertThat(this.rules.rejected()).isEmpty();
	}

}
