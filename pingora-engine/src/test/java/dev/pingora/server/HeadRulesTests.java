package dev.pingora.server;

import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.OriginRequest;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is changed in a head on its way, and what is not.
 */
@ExtendWith(EngineExtension.class)
class HeadRulesTests {

	@AutoClose
	private final RawOrigin origin = RawOrigin.start((exchange) -> exchange.respond(200, "ok"));

	@AutoClose
	private final ProxyServer server = Proxies.to(this.origin).start();

	@AutoClose
	private final RawClient client = Proxies.connect(this.server);

	@Test
	void hopByHopFieldsOfTheRequestAreRemoved() {
		this.client
			.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-Private\r\nX-Private: 1\r\n"
					+ "Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nTE: trailers\r\nUpgrade: h2c\r\n"
					+ "X-Public: 2\r\n\r\n")
			.readResponse();
		OriginRequest request = this.origin.awaitRequest(1);
		assertThat(names(request.headers().entries())).doesNotContain("x-private", "keep-alive", "proxy-connection",
				"te", "upgrade");
		assertThat(request.headers().lists("connection", "x-private")).isFalse();
		assertThat(request.header("x-public")).isEqualTo("2");
	}

	@Test
	void hopByHopFieldsOfTheResponseAreRemoved() {
		this.origin.on("/hop", (exchange) -> exchange.respond(200, "ok", "Connection: X-Private", "X-Private: 1",
				"Keep-Alive: timeout=5", "Proxy-Connection: x", "Upgrade: h2c", "X-Public: 2"));
		RawResponse response = this.client.get("/hop").readResponse();
		assertThat(names(response.headers().entries())).doesNotContain("x-private", "keep-alive", "proxy-connection",
				"upgrade");
		assertThat(response.headers().lists("connection", "x-private")).isFalse();
		assertThat(response.header("x-public")).isEqualTo("2");
	}

	@Test
	void hostIsPreserved() {
		this.client.send("GET / HTTP/1.1\r\nHost: Shop.Example:8080\r\n\r\n").readResponse();
		assertThat(this.origin.awaitRequest(1).headers().all("host")).containsExactly("Shop.Example:8080");
	}

	@Test
	void requestFieldsKeepOrderSpellingAndOctets() {
		this.client
			.send("GET / HTTP/1.1\r\nx-B: 2\r\nHOST: a\r\nX-a: \u00ff\u0080 x\r\nX-B: 1\r\naccept: */*\r\n"
					+ "X-Empty:\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n")
			.readResponse();
		assertThat(this.origin.awaitRequest(1).headers().entries()).containsSubsequence(Map.entry("x-B", "2"),
				Map.entry("HOST", "a"), Map.entry("X-a", "\u00ff\u0080 x"), Map.entry("X-B", "1"),
				Map.entry("accept", "*/*"), Map.entry("X-Empty", ""), Map.entry("Cookie", "a=1"),
				Map.entry("Cookie", "b=2"));
	}

	@Test
	void responseFieldsKeepOrderSpellingAndOctets() {
		this.origin.on("/f", (exchange) -> exchange.respond(200, "ok", "x-B: 2", "Set-Cookie: a=1; Expires=Thu, 01",
				"X-a: \u00ff\u0080 x", "SET-COOKIE: b=2", "X-B: 1"));
		assertThat(this.client.get("/f").readResponse().headers().entries()).containsSubsequence(Map.entry("x-B", "2"),
				Map.entry("Set-Cookie", "a=1; Expires=Thu, 01"), Map.entry("X-a", "\u00ff\u0080 x"),
				Map.entry("SET-COOKIE", "b=2"), Map.entry("X-B", "1"));
	}

	@Test
	void nothingIsAddedToARequestButWhatTheRulesDemand() {
		this.client.get("/").readResponse();
		assertThat(this.origin.awaitRequest(1).head()).isEqualTo("GET / HTTP/1.1\r\nHost: test.example\r\n"
				+ "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: test.example\r\n"
				+ "X-Forwarded-Port: 80\r\n\r\n");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/a//b/../c/./d", "/%2e%2e/%2F%00?x=%0d%0a&y=a+b", "/a;b=c?", "/?/?//&&", "/%C3%A4",
			"/a'(b)!*,:@&=+$~" })
	void targetIsUntouched(String target) {
		this.client.get(target).readResponse();
		assertThat(this.origin.awaitRequest(1).target()).isEqualTo(target);
	}

	@Test
	void targetInAbsoluteFormBecomesOriginForm() {
		this.client.send("GET http://a.example:81/x/y?z=1 HTTP/1.1\r\nHost: a.example:81\r\n\r\n").readResponse();
		OriginRequest request = this.origin.awaitRequest(1);
		assertThat(request.target()).isEqualTo("/x/y?z=1");
		assertThat(request.headers().all("host")).containsExactly("a.example:81");
	}

	@Test
	void absoluteFormWithoutPathAsksForTheRoot() {
		this.client.send("GET http://a.example?z HTTP/1.1\r\nHost: a.example\r\n\r\n").readResponse();
		assertThat(this.origin.awaitRequest(1).target()).isEqualTo("/?z");
	}

	@Test
	void asteriskFormIsForwarded() {
		this.client.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").readResponse();
		assertThat(this.origin.awaitRequest(1).target()).isEqualTo("*");
	}

	@Test
	void unknownMethodIsForwarded() {
		this.client.send("M-SEARCH /x HTTP/1.1\r\nHost: a\r\n\r\n").readResponse();
		assertThat(this.origin.awaitRequest(1).method()).isEqualTo("M-SEARCH");
	}

	private static List<String> names(List<Map.Entry<String, String>> entries) {
		return entries.stream().map((entry) -> entry.getKey().toLowerCase(Locale.ROOT)).toList();
	}

}
