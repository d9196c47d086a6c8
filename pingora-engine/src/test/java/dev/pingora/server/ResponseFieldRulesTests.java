package dev.pingora.server;

import java.util.Locale;
import java.util.Map;

import dev.pingora.http.ResponseHeader;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is changed in the fields of a response, and what is not: RFC 9110 sections 5.3,
 * 5.5, 6.6.1 and 7.6.1.
 */
@ExtendWith(EngineExtension.class)
class ResponseFieldRulesTests {

	private static String response(String fields) {
		return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: 2\r\n\r\nok";
	}

	@Test
	void fieldsKeepOrderSpellingRepetitionAndOctets() {
		StringBuilder octets = new StringBuilder();
		for (char octet = 0x80; octet <= 0xff; octet++) {
			octets.append(octet);
		}
		try (SaidResponse said = SaidResponse
			.of(response("dAtE: never\r\nSet-Cookie: a=1; Expires=Thu, 01\r\nX-B: 2\r\n"
					+ "SET-COOKIE: b=2\r\nx-b: 1\r\nX-Octets: " + octets
					+ "\r\nX-Empty:\r\nX-Blank: \t \r\nX-B:\t3\t \r\n"
					+ "Set-Cookie: a=3\r\nX-Inner: a \t b\r\n!#$%&'*+-.^_`|~: token\r\n"));
				RawClient client = said.client()) {
			assertThat(client.get("/say").readResponse().headers().entries()).containsExactly(
					Map.entry("dAtE", "never"), Map.entry("Set-Cookie", "a=1; Expires=Thu, 01"), Map.entry("X-B", "2"),
					Map.entry("SET-COOKIE", "b=2"), Map.entry("x-b", "1"), Map.entry("X-Octets", octets.toString()),
					Map.entry("X-Empty", ""), Map.entry("X-Blank", ""), Map.entry("X-B", "3"),
					Map.entry("Set-Cookie", "a=3"), Map.entry("X-Inner", "a \t b"),
					Map.entry("!#$%&'*+-.^_`|~", "token"), Map.entry("Content-Length", "2"));
			said.assertReused();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "TE: trailers", "Upgrade: h2c",
			"Connection: X-Private" })
	void fieldsOfOneHopAreRemoved(String field) {
		try (SaidResponse said = SaidResponse.of(response(field + "\r\nX-A: 1\r\n"));
				RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.headers().has(field.split(":", 2)[0])).isFalse();
			assertThat(response.header("x-a")).isEqualTo("1");
			said.assertReused();
		}
	}

	// RFC 9110 section 15.5.22: a 426 must say to what.
	@ParameterizedTest
	@ValueSource(strings = { "Connection: upgrade\r\nUpgrade: TLS/1.0, a/1", "Upgrade: TLS/1.0, a/1",
			"UPGRADE: TLS/1.0\r\nX-A: 1\r\nconnection: X-B, Upgrade, close\r\nupgrade: a/1" })
	void upgradeRequiredSaysToWhat(String fields) {
		try (SaidResponse said = SaidResponse
			.of("HTTP/1.1 426 Upgrade Required\r\n" + fields + "\r\nX-B: 1\r\nContent-Length: 2\r\n\r\nok");
				RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.status()).isEqualTo(426);
			assertThat(String.join(", ", response.headers().all("upgrade"))).isEqualTo("TLS/1.0, a/1");
			assertThat(response.headers().all("connection")).containsExactly("upgrade");
			assertThat(response.headers().has("x-b")).isEqualTo(!fields.contains("X-B"));
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
		}
	}

	@Test
	void upgradeThatAFilterRequiresIsTold() {
		ProxyFilter filter = new ProxyFilter() {
			@Override
			public Outcome requestFilter(Session session) {
				ResponseHeader response = ResponseHeader.of(session.request().hasHeader("x-ok") ? 200 : 426);
				response.headers().set("Upgrade", "TLS/1.0");
				response.headers().set("Connection", "close");
				return session.respond(response, new byte[0]);
			}
		};
		try (SaidResponse said = SaidResponse.by((exchange) -> exchange.write(response("")),
				(proxies) -> proxies.filter(filter));
				RawClient client = said.client();
				RawClient other = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.headers().all("upgrade")).containsExactly("TLS/1.0");
			assertThat(response.headers().all("connection")).containsExactly("close, upgrade");
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			response = other.send("GET /say HTTP/1.1\r\nHost: a\r\nX-Ok: 1\r\n\r\n").readResponse();
			assertThat(response.headers().has("upgrade")).isFalse();
			assertThat(response.headers().all("connection")).containsExactly("close");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "200 OK", "400 Bad Request", "425 Too Early", "427 Unused" })
	void otherStatusTellsNoUpgrade(String status) {
		try (SaidResponse said = SaidResponse
			.of("HTTP/1.1 " + status + "\r\nConnection: upgrade\r\nUpgrade: a\r\nContent-Length: 2\r\n\r\nok");
				RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.statusLine()).isEqualTo("HTTP/1.1 " + status);
			assertThat(response.headers().has("upgrade")).isFalse();
			assertThat(response.headers().has("connection")).isFalse();
		}
	}

	@Test
	void nominatedFieldsAreRemovedWhereverTheyStand() {
		try (SaidResponse said = SaidResponse
			.of(response("X-One: 1\r\nConnection: x-one, , X-TWO\r\nX-Two: 2\r\nconnection:X-Three\r\nX-THREE: 3\r\n"
					+ "X-Four: 4\r\n"));
				RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.headers().entries()).extracting(Map.Entry::getKey)
				.doesNotContain("X-One", "X-Two", "X-THREE", "Connection", "connection")
				.contains("X-Four");
			said.assertReused();
		}
	}

	/** What the client needs to read the response, or others on the way to keep it. */
	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "Content-Length|", "Set-Cookie|a=1; Secure", "Content-Type|text/plain", "Location|/next",
					"Cache-Control|no-store", "Content-Encoding|gzip", "Vary|*", "ETag|\"a\"",
					"Strict-Transport-Security|max-age=1", "Content-Security-Policy|default-src 'none'",
					"WWW-Authenticate|Basic" })
	void whatIsMeantForEverybodyCanNotBeNominated(String name, @Nullable String value) {
		String field = (value != null) ? name + ": " + value + "\r\n" : "";
		try (SaidResponse said = SaidResponse.of(response(
				"Connection: X-Private, " + name.toLowerCase(Locale.ROOT) + "\r\n" + field + "X-Private: 1\r\n"));
				RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.headers().all(name)).containsExactly((value != null) ? value : "2");
			assertThat(response.headers().has("x-private")).isFalse();
			assertThat(response.headers().has("connection")).isFalse();
			assertThat(response.text()).isEqualTo("ok");
			said.assertReused();
		}
	}

	/** The framing is the engine's own on each side, so there is nothing to be taken. */
	@Test
	void chunksCanNotBeNominatedAway() {
		try (SaidResponse said = SaidResponse.of("HTTP/1.1 200 OK\r\nConnection: Transfer-Encoding\r\n"
				+ "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"); RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.headers().all("transfer-encoding")).containsExactly("chunked");
			assertThat(response.headers().has("content-length")).isFalse();
			assertThat(response.headers().has("connection")).isFalse();
			assertThat(response.text()).isEqualTo("ok");
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			said.assertReused();
		}
	}

	@Test
	void missingDateIsAddedByWhoReceivesTheResponse() {
		try (SaidResponse said = SaidResponse.of(response("X-A: 1\r\n")); RawClient client = said.client()) {
			RawResponse response = client.get("/say").readResponse();
			assertThat(response.headers().all("date")).singleElement()
				.asString()
				.matches("(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d [A-Z][a-z][a-z] \\d{4} \\d\\d:\\d\\d:\\d\\d GMT");
		}
	}

	@Test
	void receivedDateIsLeftAlone() {
		try (SaidResponse said = SaidResponse.of(response("date: Tue, 15 Nov 1994 08:12:31 GMT\r\n"));
				RawClient client = said.client()) {
			assertThat(client.get("/say").readResponse().headers().all("date"))
				.containsExactly("Tue, 15 Nov 1994 08:12:31 GMT");
		}
	}

	@Test
	void filterMayTakeTheDateAway() {
		ProxyFilter filter = new ProxyFilter() {
			@Override
			public void responseFilter(Session session, ResponseHeader response) {
				response.headers().remove("Date");
			}
		};
		try (SaidResponse said = SaidResponse.by((exchange) -> exchange.write(response("")),
				(proxies) -> proxies.filter(filter)); RawClient client = said.client()) {
			assertThat(client.get("/say").readResponse().headers().has("date")).isFalse();
		}
	}

	@Test
	void theEnginesOwnFieldsAreTheOnlyOnesItAdds() {
		try (SaidResponse said = SaidResponse.of("HTTP/1.1 200 OK\r\nDate: now\r\n\r\n".replace("\r\n\r\n",
				"\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")); RawClient client = said.client()) {
			assertThat(client.get("/say").readResponse().headers().entries()).containsExactly(Map.entry("Date", "now"),
					Map.entry("Transfer-Encoding", "chunked"));
			said.assertReused();
		}
	}

}
