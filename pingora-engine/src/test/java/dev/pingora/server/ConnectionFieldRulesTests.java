package dev.pingora.server;

import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.OriginRequest;
import dev.pingora.testkit.RawClient;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@code Connection} and the fields of one hop: RFC 9110 section 7.6.1, RFC 9112 section
 * 9.
 */
@ExtendWith(EngineExtension.class)
class ConnectionFieldRulesTests {

	private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n";

	@AutoClose
	private final RuleServer rules = new RuleServer();

	@ParameterizedTest
	@ValueSource(strings = { "Connection: X-A", "connection: x-a", "Connection: X-A, keep-alive",
			"Connection: keep-alive,X-A", "Connection: \t X-a \t ", "Connection: ,, X-A ,",
			"Connection: keep-alive\r\nConnection: X-A", "Connection: x-b, X-A, x-c" })
	void nominatedFieldIsDropped(String fields) {
		OriginRequest request = this.rules
			.forwards(GET + "X-A: 1\r\n" + fields + "\r\nx-a: 2\r\nX-AA: 3\r\nX-Z: 4\r\n\r\n");
		assertThat(request.head()).isEqualTo(GET + "X-AA: 3\r\nX-Z: 4\r\n\r\n");
	}

	// What is no list of tokens nominates nothing by chance.
	@ParameterizedTest
	@ValueSource(strings = { "Connection:", "Connection: ,", "Connection: X-A X-Z", "Connection: X-A;q=1",
			"Connection: \"X-A\"", "Connection: X-", "Connection: *", "Connection: X-A: 1", "Connection: \u00e4" })
	void fieldThatIsNotNamedIsForwarded(String field) {
		OriginRequest request = this.rules.forwards(GET + field + "\r\nX-A: 1\r\nX-Z: 4\r\n\r\n");
		assertThat(request.head()).isEqualTo(GET + "X-A: 1\r\nX-Z: 4\r\n\r\n");
	}

	// Whether they are nominated or not
	@ParameterizedTest
	@ValueSource(strings = { "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "Proxy-Connection: close",
			"TE: trailers", "TE: gzip;q=0.5", "Upgrade: h2c", "Upgrade: unknown/1", "Connection: keep-alive",
			"CONNECTION: Keep-Alive" })
	void fieldOfOneHopIsDropped(String field) {
		OriginRequest request = this.rules.forwards(GET + "X-A: 1\r\n" + field + "\r\nX-Z: 4\r\n\r\n");
		assertThat(request.head()).isEqualTo(GET + "X-A: 1\r\nX-Z: 4\r\n\r\n");
	}

	// A client must not take away what the message needs to be understood, or what others
	// have said about it: fields of framing and routing.
	@ParameterizedTest
	@CsvSource({ "Host, a", "Content-Length, 5", "Expect, 100-continue", "Trailer, X-Sum" })
	void fieldThatFramesOrRoutesIsNeverDropped(String name, String value) {
		assertKept(name, value);
	}

	@ParameterizedTest
	@CsvSource({ "Authorization, Basic eDp5", "Cookie, a=b", "Content-Type, text/plain", "Content-Encoding, gzip",
			"Cache-Control, no-store", "Date, 'Mon, 01 Jan 2024 00:00:00 GMT'", "Expires, 0", "Vary, *", "ETag, \"a\"",
			"Location, /", "Forwarded, for=1.2.3.4", "X-Forwarded-For, 1.2.3.4", "X-Forwarded-Host, b",
			"X-Forwarded-Proto, https", "X-Forwarded-Port, 443", "X-Forwarded-Prefix, /p", "Via, 1.1 b" })
	void fieldThatOthersRelyOnIsNeverDropped(String name, String value) {
		assertKept(name, value);
	}

	private void assertKept(String name, String value) {
		String field = name.equals("Host") || name.equals("Content-Length") ? "" : name + ": " + value + "\r\n";
		OriginRequest request = this.rules.forwards("PUT / HTTP/1.1\r\nHost: a\r\nConnection: x, " + name.toLowerCase()
				+ "\r\n" + field + "X: y\r\nContent-Length: 5\r\n\r\nhello");
		assertThat(request.headers().all(name)).containsExactly(value);
		assertThat(request.headers().has("x")).isFalse();
		assertThat(Octets.latin1(request.body())).isEqualTo("hello");
	}

	@Test
	void framingCanNotBeNominatedAway() {
		OriginRequest request = this.rules.forwards("PUT / HTTP/1.1\r\nHost: a\r\nConnection: Transfer-Encoding\r\n"
				+ "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
		assertThat(request.headers().all("transfer-encoding")).containsExactly("chunked");
		assertThat(Octets.latin1(request.body())).isEqualTo("hello");
	}

	// RFC 9112 section 9.3
	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "1.1|x|true", "1.1|keep-alive|true", "1.1|closed|true", "1.1|x-close|true", "1.1|close|false",
					"1.1|CLOSE|false", "1.1|x ,\tClose, y|false", "1.1|keep-alive, close|false",
					"1.1|close, keep-alive|false", "1.0|x|false", "1.0|keep-alive|true", "1.0|Keep-Alive, x|true",
					"1.0|keep-alive, close|false", "1.0|close|false" })
	void connectionGoesOnIfTheClientWantsIt(String version, String connection, boolean goesOn) {
		try (RawClient client = this.rules.connect()) {
			client.send("GET /hello HTTP/" + version + "\r\nHost: a\r\nConnection: " + connection + "\r\n\r\n");
			assertThat(client.readResponse().headers().lists("connection", "close")).isEqualTo(!goesOn);
			if (goesOn) {
				assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			}
			else {
				assertThat(client.readAll()).isEmpty();
			}
		}
		// The client's wish is not the origin's business.
		assertThat(this.rules.origin.acceptedConnections()).isOne();
		assertThat(this.rules.origin.openConnections()).isOne();
		assertThat(this.rules.origin.awaitRequest(1).headers().has("connection")).isFalse();
	}

	// Appendix B of RFC 9110: old clients send it to those who don't know it.
	@Test
	void connectionOfAProxyMeansNothing() {
		OriginRequest request = this.rules.forwards(GET + "Proxy-Connection: close\r\n\r\n");
		assertThat(request.head()).isEqualTo(GET + "\r\n");
	}

}
