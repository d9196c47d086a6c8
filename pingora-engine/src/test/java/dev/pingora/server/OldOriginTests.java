package dev.pingora.server;

import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether an origin's connection goes on, RFC 9112 section 9.3, HTTP/1.0 included
 * (appendix C.2.2).
 */
@ExtendWith(EngineExtension.class)
class OldOriginTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "HTTP/1.0 | X-A: 1 | false", "HTTP/1.0 | Connection: keep-alive | true",
					"HTTP/1.0 | Connection: Keep-Alive | true", "HTTP/1.0 | Connection: close | false",
					"HTTP/1.0 | Connection: keep-alive, close | false", "HTTP/1.0 | Keep-Alive: timeout=5 | false",
					"HTTP/1.0 | Proxy-Connection: keep-alive | false", "HTTP/1.1 | X-A: 1 | true",
					"HTTP/1.1 | Connection: close | false", "HTTP/1.1 | connection: X-A , CLOSE | false",
					"HTTP/1.1 | Connection: keep-alive | true", "HTTP/1.1 | Proxy-Connection: close | true",
					"HTTP/1.1 | Connection: closed | true" })
	void connectionGoesOnIfTheOriginWantsIt(String version, String field, boolean goesOn) {
		try (SaidResponse said = SaidResponse.of(version + " 200 OK\r\n" + field + "\r\nContent-Length: 2\r\n\r\nok");
				RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			// RFC 9110 section 2.5: each hop has its own version, and its own connection.
			assertThat(response.statusLine()).isEqualTo("HTTP/1.1 200 OK");
			assertThat(response.headers().has("connection")).isFalse();
			assertThat(response.headers().has("keep-alive")).isFalse();
			assertThat(response.text()).isEqualTo("ok");
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			assertThat(said.origin().awaitRequest(1).head()).startsWith("GET /say HTTP/1.1\r\n");
			if (goesOn) {
				said.assertReused();
			}
			else {
				said.assertClosed();
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "HTTP/1.0", "HTTP/1.1" })
	void bodyUntilTheEndIsNeverFollowedByAnotherResponse(String version) {
		try (SaidResponse said = SaidResponse
			.thenFin(version + " 200 OK\r\nConnection: keep-alive\r\n\r\nuntil the end");
				RawClient client = said.client()) {
			assertThat(client.get("/say").readResponse().text()).isEqualTo("until the end");
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			said.assertNoFailure();
			said.assertClosed();
		}
	}

	@ParameterizedTest
	@CsvSource({ "HEAD, 200", "GET, 204", "GET, 304" })
	void responseWithoutBodyEndsTheConnectionOfAnOldOriginToo(String method, int status) {
		try (SaidResponse said = SaidResponse.of("HTTP/1.0 " + status + " X\r\n\r\n");
				RawClient client = said.client()) {
			client.send(method + " /say HTTP/1.1\r\nHost: a\r\n\r\n");
			assertThat(client.readResponseTo(method).status()).isEqualTo(status);
			said.assertClosed();
		}
	}

	@Test
	void oldOriginThatAnswersWithChunksIsBadGateway() {
		try (SaidResponse said = SaidResponse
			.of("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
				RawClient client = said.client()) {
			assertThat(client.get("/say").readResponse().status()).isEqualTo(502);
			said.assertFailure("invalid_framing"); // section 6.1
			said.assertClosed();
		}
	}

	@Test
	void interimResponseOfAnOldOriginEndsItsConnection() {
		// RFC 9110 section 15.2: there were none in HTTP/1.0
		try (SaidResponse said = SaidResponse
			.of("HTTP/1.0 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
				RawClient client = said.client()) {
			assertThat(client.get("/say").readResponse().text()).isEqualTo("ok");
			said.assertClosed();
		}
	}

}
