package dev.pingora.server;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.OriginExchange;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Interim responses, RFC 9110 section 15.2.
 */
@ExtendWith(EngineExtension.class)
class InterimResponseTests {

	private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

	@ParameterizedTest
	@ValueSource(ints = { 100, 102, 103, 199 })
	void interimResponseThatNobodyAskedForIsForwarded(int status) {
		try (SaidResponse said = SaidResponse.of("HTTP/1.1 " + status + " Soon\r\nX-A: 1\r\n\r\n" + OK);
				RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.text()).isEqualTo("ok");
			assertThat(response.interim()).singleElement().satisfies((interim) -> {
				assertThat(interim.statusLine()).isEqualTo("HTTP/1.1 " + status + " Soon");
				assertThat(interim.headers().entries()).containsExactly(Map.entry("X-A", "1"));
			});
			said.assertReused();
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 100, 102, 103, 199 })
	void clientOfHttp10GetsNone(int status) {
		try (SaidResponse said = SaidResponse.of("HTTP/1.1 " + status + " Soon\r\n\r\n" + OK);
				RawClient client = said.client()) {
			RawResponse response = client.send("GET /say HTTP/1.0\r\nHost: a\r\n\r\n").readResponse();
			assertThat(response.text()).isEqualTo("ok");
			assertThat(response.interim()).isEmpty();
			said.assertReused();
		}
	}

	@Test
	void clientOfHttp10ThatExpectsContinueIsNotKeptWaiting() {
		try (SaidResponse said = SaidResponse.by((exchange) -> {
			exchange.interim(100);
			exchange.respond(200, exchange.readBody());
		}); RawClient client = said.client()) {
			// RFC 9110 section 10.1.1: such an expectation is ignored.
			client.send("POST /say HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi");
			RawResponse response = client.readResponse();
			assertThat(response.text()).isEqualTo("hi");
			assertThat(response.interim()).isEmpty();
			said.assertReused();
		}
	}

	@Test
	void severalKeepTheirOrderAndTheirFields() {
		try (SaidResponse said = SaidResponse
			.of("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 \r\nLink: </a>\r\nlink: </b\u00e9>\r\nX-Empty:\r\n\r\n"
					+ "HTTP/1.1 102 Processing\r\nX-B: 2\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </c>\r\n\r\n" + OK);
				RawClient client = said.client()) {
			List<RawResponse> interim = client.get("/say").readResponse().interim();
			assertThat(interim).extracting(RawResponse::status).containsExactly(100, 103, 102, 103);
			assertThat(interim.get(1).headers().entries()).containsExactly(Map.entry("Link", "</a>"),
					Map.entry("link", "</b\u00e9>"), Map.entry("X-Empty", ""));
			assertThat(interim.get(3).headers().entries()).containsExactly(Map.entry("Link", "</c>"));
			said.assertReused();
		}
	}

	@Test
	void fieldsOfOneHopAreRemoved() {
		try (SaidResponse said = SaidResponse.of("HTTP/1.1 103 Early Hints\r\nConnection: X-Private\r\nX-Private: 1\r\n"
				+ "Keep-Alive: timeout=5\r\nX-Public: 2\r\n\r\n" + OK); RawClient client = said.client()) {
			assertThat(client.get("/say").readResponse().interim().get(0).headers().entries())
				.containsExactly(Map.entry("X-Public", "2"));
			said.assertReused();
		}
	}

	@Test
	void interimResponseComesBeforeTheFinalOneIsThere() {
		CountDownLatch seen = new CountDownLatch(1);
		try (SaidResponse said = SaidResponse.by((exchange) -> {
			exchange.interim(103, "Link: </a>");
			exchange.await(seen);
			exchange.respond(200, "ok");
		}); RawClient client = said.client()) {
			assertThat(client.get("/say").readInterim().status()).isEqualTo(103);
			seen.countDown();
			assertThat(client.readResponse().text()).isEqualTo("ok");
		}
	}

	@ParameterizedTest
	@CsvSource({ "false, connection_closed", "true, read_error" })
	void originThatDiesAfterwardsIsBadGatewayAndNotAskedAgain(boolean reset, String error) {
		CountDownLatch seen = new CountDownLatch(1);
		try (SaidResponse said = SaidResponse.by((exchange) -> {
			exchange.interim(103, "Link: </a>");
			exchange.await(seen);
			end(exchange, reset);
		}); RawClient client = said.client()) {
			client.get("/hello").readResponse(); // the connection is a used one
			assertThat(client.get("/say").readInterim().status()).isEqualTo(103);
			seen.countDown();
			RawResponse response = client.readResponse();
			assertThat(response.status()).isEqualTo(502);
			assertThat(response.interim()).isEmpty();
			said.assertFailure(error);
			assertThat(said.origin().requestCount()).isEqualTo(2);
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
		}
	}

	private static void end(OriginExchange exchange, boolean reset) throws Exception {
		if (reset) {
			exchange.reset();
		}
		else {
			exchange.finish();
		}
	}

	@Test
	void moreThanAreAllowedAreBadGateway() {
		try (SaidResponse said = SaidResponse.of("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(33) + OK);
				RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.status()).isEqualTo(502);
			assertThat(response.interim()).hasSize(32);
			said.assertFailure("invalid_http_header");
			said.assertClosed();
		}
	}

	@Test
	void theyAreBoundedInOctetsTogether() {
		String interim = "HTTP/1.1 103 Early Hints\r\nLink: " + "a".repeat(20_000) + "\r\n\r\n";
		try (SaidResponse said = SaidResponse.of(interim.repeat(4) + OK); RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.status()).isEqualTo(502);
			assertThat(response.interim()).hasSize(3);
			said.assertFailure("header_too_large");
			said.assertClosed();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "Content-Length: 5", "Transfer-Encoding: chunked" })
	void framingThatItMustNotHaveIsRemovedAndTheConnectionNotUsedAgain(String field) {
		// RFC 9110 section 8.6, RFC 9112 sections 6.1 and 6.3: no body, whatever it says
		try (SaidResponse said = SaidResponse.of("HTTP/1.1 103 Early Hints\r\nX-A: 1\r\n" + field + "\r\n\r\n" + OK);
				RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.text()).isEqualTo("ok");
			assertThat(response.interim().get(0).headers().entries()).containsExactly(Map.entry("X-A", "1"));
			said.assertNoFailure();
			said.assertClosed();
		}
	}

	@Test
	void bodyOfAnInterimResponseIsBadGateway() {
		try (SaidResponse said = SaidResponse
			.of("HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello\r\n\r\n" + OK);
				RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.status()).isEqualTo(502);
			assertThat(response.interim()).hasSize(1);
			said.assertFailure("invalid_http_header");
			said.assertClosed();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "Upgrade: websocket\r\nConnection: Upgrade\r\n" })
	void switchThatNobodyAskedForIsBadGateway(String fields) {
		try (SaidResponse said = SaidResponse.of("HTTP/1.1 101 Switching Protocols\r\n" + fields + "\r\n" + OK);
				RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.status()).isEqualTo(502); // RFC 9110 section 15.2.2
			assertThat(response.interim()).isEmpty();
			said.assertFailure("invalid_http_header");
			said.assertClosed();
		}
	}

	@Test
	void originThatShowsThatItWorksMayTakeLonger() {
		Await.onSomeScale((time) -> {
			try (SaidResponse said = SaidResponse.by((exchange) -> {
				for (int i = 0; i < 5; i++) {
					exchange.pause(time.dividedBy(2));
					exchange.interim(102);
				}
				exchange.respond(200, "ok");
			}, (proxies) -> proxies.peer((peer) -> peer.readTimeout(time))); RawClient client = said.client()) {
				RawResponse response = client.get("/say").readResponse();
				if (response.status() == 504) {
					return false;
				}
				assertThat(response.text()).isEqualTo("ok");
				assertThat(response.interim()).hasSize(5);
				said.assertNoFailure();
				return true;
			}
		});
	}

	@Test
	void originThatFallsSilentAfterwardsIsGatewayTimeout() {
		try (SaidResponse said = SaidResponse.by((exchange) -> {
			exchange.interim(102);
			exchange.hang();
		}, (proxies) -> proxies.peer((peer) -> peer.readTimeout(Duration.ofMillis(200))));
				RawClient client = said.client()) {
			assertThat(client.get("/say").readResponse().status()).isEqualTo(504);
			said.assertFailure("read_timedout");
			said.assertClosed();
		}
	}

	@Test
	void clientThatIsToldToContinueMayBeSlowerThanTheOriginMay() {
		Await.onSomeScale((time) -> {
			CountDownLatch late = new CountDownLatch(1);
			try (SaidResponse said = SaidResponse.by((exchange) -> {
				exchange.interim(100);
				exchange.await(late);
				exchange.respond(200, exchange.readBody());
			}, (proxies) -> proxies.peer((peer) -> peer.readTimeout(time)));
					RawClient client = said.client();
					RawClient other = said.client()) {
				client.send("POST /say HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
				boolean told = client.readInterim().status() == 100;
				if (told) {
					assertThat(other.get("/hang").readHead().status()).isEqualTo(504);
					assertThat(client.hasInput()).isFalse();
				}
				late.countDown();
				return told && isAnswered(client.send("hi").readResponse());
			}
		});
	}

	private static boolean isAnswered(RawResponse response) {
		if (response.status() == 504) {
			return false;
		}
		assertThat(response.text()).isEqualTo("hi");
		return true;
	}

}
