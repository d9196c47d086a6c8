package dev.pingora.server;

import java.util.List;

import dev.pingora.error.ErrorType;
import dev.pingora.testkit.EngineExtension;
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
 * {@code Host}: RFC 9110 section 7.2, RFC 9112 section 3.2.
 */
@ExtendWith(EngineExtension.class)
class HostRulesTests {

	@AutoClose
	private final RuleServer rules = new RuleServer();

	@ParameterizedTest
	@ValueSource(strings = { "X: y", "X-Host: a", "Hosts: a", "Host: a\r\nHost: a", "Host: a\r\nHost: b",
			"Host: a\r\nX: y\r\nHOST: a", "Host: a\r\nHost:", "Host:\r\nHost: a" })
	void thereIsOneHostInHttp11(String fields) {
		this.rules.refuses("GET / HTTP/1.1\r\n" + fields + "\r\n\r\n", 400, ErrorType.INVALID_TARGET);
	}

	@ParameterizedTest
	@ValueSource(strings = { "X: y", "Host: a\r\nHost: a", "Host: a b" })
	void absoluteTargetDoesNotMakeUpForABadHost(String fields) {
		this.rules.refuses("GET http://a/ HTTP/1.1\r\n" + fields + "\r\n\r\n", 400, ErrorType.INVALID_TARGET);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a b", "a\tb", "a/b", "/", "a?b", "a#b", "u@a", "u:p@a", "@", "a,b", "a, a", "a\\b",
			"a\"b", "<a>", "{a}", "a|b", "a^b", "`a`", "\u00e4", "a\u00ff", "a\u00a0", ":80", ":", "a:b", "a:80:80",
			"a:+80", "a: 80", "a:65536", "a:4294967376", "a:99999999999999999999", "::1", "[::1", "[]", "[a]", "[::1]a",
			"[::1]:x", "[::1%eth0]", "[1.2.3.4]", "a%", "a%4", "a%zz", "http://a", "a;b@c", "a]" })
	void badHostIsRefused(String host) {
		this.rules.refuses("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n", 400, ErrorType.INVALID_TARGET);
	}

	@ParameterizedTest
	@ValueSource(strings = { "a\0b", "a\rb", "a\u007f", "\u0001" })
	void controlInAHostIsRefused(String host) {
		this.rules.refuses("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n", 400, ErrorType.INVALID_HTTP_HEADER);
	}

	@ParameterizedTest
	@ValueSource(strings = { "a", "A.Example", "a.", "a:80", "a:", "a:65535", "a:00080", "127.0.0.1", "127.1:8080",
			"[::1]", "[::1]:80", "[::ffff:1.2.3.4]", "[fe80::1%25eth0]", "a_b", "xn--4ca", "a~b", "a!$&'()*+;=",
			"a%20b", "-", "1" })
	void validHostIsForwardedAsItIs(String host) {
		String head = "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
		assertThat(this.rules.forwards(head).head()).isEqualTo(head);
	}

	// RFC 9112 section 3.2.2: the target's authority wins, and the origin sees it.
	@ParameterizedTest
	@CsvSource({ "http://b/x, a, b", "http://b:81/x, b, b:81", "http://b/x, b:81, b", "http://b:80/x, b, b:80",
			"http://B/x, b, B", "http://[::1]:8/x, a, [::1]:8", "http://a.b/x, a, a.b", "http://a/x, a.b.c.d.e, a" })
	void authorityOfTheTargetIsTheHost(String target, String host, String seen) {
		OriginRequest request = this.rules
			.forwards("GET " + target + " HTTP/1.1\r\nX-A: 1\r\nhOST: " + host + "\r\nX-B: 2\r\nX-C: 3\r\n\r\n");
		assertThat(request.head())
			.isEqualTo("GET /x HTTP/1.1\r\nX-A: 1\r\nX-B: 2\r\nX-C: 3\r\nHost: " + seen + "\r\n\r\n");
	}

	@Test
	void bodyBehindAHostThatWasReplacedIsWhole() {
		OriginRequest request = this.rules
			.forwards("POST http://b.example/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
		assertThat(request.headers().all("host")).containsExactly("b.example");
		assertThat(request.body()).isEqualTo("hello".getBytes());
	}

	@Test
	void authorityIsTheHostOfAnOldClientThatSendsNone() {
		OriginRequest request = this.rules
			.forwards("GET http://b/x HTTP/1.0\r\nConnection: keep-alive\r\nX: y\r\n\r\n");
		assertThat(request.head()).isEqualTo("GET /x HTTP/1.1\r\nX: y\r\nHost: b\r\n\r\n");
	}

	// RFC 9112 section 3.2: the origin needs one, so it gets its own name
	@Test
	void oldClientWithoutHostIsServed() {
		OriginRequest request = this.rules.forwards("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
		assertThat(request.headers().all("host")).containsExactly("127.0.0.1:" + this.rules.origin.port());
	}

	@ParameterizedTest
	@ValueSource(strings = { "Host: a\r\nHost: b", "Host:", "Host: a b" })
	void oldClientWithABadHostIsRefused(String fields) {
		this.rules.refuses("GET / HTTP/1.0\r\n" + fields + "\r\n\r\n", 400, ErrorType.INVALID_TARGET);
	}

	// What one request's target said does not show in the next one.
	@Test
	void nextRequestHasItsOwnHost() {
		try (RawClient client = this.rules.connect()) {
			client.send("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: c\r\n\r\n");
			client.readResponse();
			client.readResponse();
		}
		assertThat(this.rules.origin.requests()).extracting((request) -> request.headers().all("host"))
			.containsExactly(List.of("b"), List.of("c"));
	}

}
