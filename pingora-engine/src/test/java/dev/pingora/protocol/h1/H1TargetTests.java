package dev.pingora.protocol.h1;

import java.util.List;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.HeadTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link H1Target}, as it is applied to a request's head.
 */
class H1TargetTests {

	private static HeadTable check(String line, String... hosts) throws ProxyException {
		StringBuilder head = new StringBuilder(line).append("\r\n");
		for (String host : hosts) {
			head.append("Host: ").append(host).append("\r\n");
		}
		HeadTable table = Heads.request(head + "\r\n");
		new H1Framing(ErrorSource.DOWNSTREAM).request(table);
		return table;
	}

	private static void assertRefused(String line, String... hosts) {
		assertThatExceptionOfType(ProxyException.class).as("%s %s", line, String.join("|", hosts))
			.isThrownBy(() -> check(line, hosts))
			.satisfies((error) -> {
				assertThat(error.type()).isEqualTo(ErrorType.INVALID_TARGET);
				assertThat(error.status()).isEqualTo(400);
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "/", "//", "/a?b", "/a?b=http://c", "/../%00", "/a;b=c", "http://a.b:80/",
			"http://A.B:80/", "http://a.b:80", "HTTP://a.b:80?c", "http://other/", "http://[::1]:81/", "http://a.b:/" })
	void targetIsAccepted(String target) throws ProxyException {
		assertThat(Heads.target(check("GET " + target + " HTTP/1.1", "a.b:80"))).isEqualTo(target);
	}

	@ParameterizedTest
	@ValueSource(strings = { "a", "a.b:80", "?a", "*", "http:/a.b:80/", "http://", "http:///", "http://:80/",
			"ftp://a.b:80/", "http://a.b:c/", "http://a.b:80:81/", "http://a.b:65536/", "http://user@a.b:80/",
			"http://a.b:80@evil/", "http://a.b:80\\@evil/", "://a.b:80/", "http://a.b:80#/", "ws://a.b:80/",
			"javascript:alert(1)" })
	void targetIsRefused(String target) {
		assertRefused("GET " + target + " HTTP/1.1", "a.b:80");
	}

	// RFC 9112 section 3.2: no form of a target has a fragment; recipients that cut it
	// off
	// and recipients that don't see different paths.
	@ParameterizedTest
	@ValueSource(strings = { "/a#b", "/#", "/a?b#c", "http://a.b:80/#" })
	void targetWithFragmentIsRefused(String target) {
		assertRefused("GET " + target + " HTTP/1.1", "a.b:80");
	}

	@Test
	void bracketsOfAnAddressAreNotBraces() {
		assertRefused("GET http://{::1}/ HTTP/1.1", "[::1]");
		assertRefused("GET http://a^/ HTTP/1.1", "a~");
	}

	@Test
	void asteriskIsForOptionsOnly() throws ProxyException {
		assertThat(Heads.target(check("OPTIONS * HTTP/1.1", "a"))).isEqualTo("*");
		assertRefused("GET * HTTP/1.1", "a");
		assertRefused("OPTIONS ** HTTP/1.1", "a");
		assertRefused("options * HTTP/1.1", "a"); // another method
		assertRefused("OPTIONS *a HTTP/1.1", "a");
	}

	@ParameterizedTest
	@ValueSource(strings = { "CONNECT a:443 HTTP/1.1", "CONNECT / HTTP/1.1", "connect a:443 HTTP/1.1",
			"TRACE / HTTP/1.1", "Trace / HTTP/1.1" })
	void connectAndTraceAreNotServed(String line) {
		assertThatExceptionOfType(ProxyException.class).isThrownBy(() -> check(line, "a:443")).satisfies((error) -> {
			assertThat(error.type()).isEqualTo(ErrorType.METHOD_NOT_ALLOWED);
			assertThat(error.status()).isEqualTo(405);
		});
	}

	// RFC 9110 section 7.4
	@ParameterizedTest
	@ValueSource(strings = { "https://a:443/", "HTTPS://a:443/", "https://other/" })
	void httpsIsMisdirected(String target) {
		assertThatExceptionOfType(ProxyException.class).isThrownBy(() -> check("GET " + target + " HTTP/1.1", "a:443"))
			.satisfies((error) -> assertThat(error.status()).isEqualTo(421));
	}

	@ParameterizedTest
	@ValueSource(strings = { "a", "A.b-c_d~e", "a:80", "127.0.0.1:8080", "[::1]", "[fe80::1%25eth0]:80",
			"[::ffff:127.0.0.1]:65535", "a:", "a_b", "a!$&'()*+;=%20" })
	void hostIsAccepted(String host) throws ProxyException {
		assertThat(Heads.value(check("GET / HTTP/1.1", host), 0)).isEqualTo(host);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a b", "a/b", "a@b", "a,b", "a?b", "a#b", "a\\b", "a\"b", "<a>", "a\tb", "\u00e4",
			"a^", "{a}", "a|b", "`a`", "http://a", ":80", "a:b", "a:80:81", "a:65536", "a:4294967376", "[::1", "::1",
			"[]", "[a]", "[::1]a", "[::1%eth0]", "[::g]", "a%", "a%0", "a%zz", "a[b]" })
	void hostIsRefused(String host) {
		assertRefused("GET / HTTP/1.1", host);
		assertRefused("GET / HTTP/1.0", host);
	}

	@Test
	void thereIsOneHost() throws ProxyException {
		assertRefused("GET / HTTP/1.1");
		assertRefused("GET / HTTP/1.1", "a", "a");
		assertRefused("GET / HTTP/1.1", "a", "b");
		assertRefused("GET / HTTP/1.0", "a", "b");
		assertThat(check("GET / HTTP/1.0").fields()).isZero();
	}

	// RFC 9112 section 3.2.2
	@Test
	void authorityOfTheTargetIsTheHost() throws ProxyException {
		assertThat(hosts("GET http://b:81/x HTTP/1.1", "a")).containsExactly("b:81");
		assertThat(hosts("GET http://a HTTP/1.1", "aa")).containsExactly("a");
		assertThat(hosts("GET http://A/ HTTP/1.1", "a")).containsExactly("A");
		assertThat(hosts("GET http://b?c HTTP/1.0")).containsExactly("b");
		assertThat(hosts("OPTIONS http://b HTTP/1.1", "a")).containsExactly("b");
		String longest = "b".repeat(2000);
		assertThat(hosts("GET http://" + longest + " HTTP/1.1", "a")).containsExactly(longest);
		assertRefused("GET http://a/ HTTP/1.1");
		assertRefused("GET http://a/ HTTP/1.1", "a", "a");
		assertRefused("GET http://a/ HTTP/1.1", "a b");
	}

	private static List<String> hosts(String line, String... hosts) throws ProxyException {
		return check(line, hosts).request().headers().all("host");
	}

}
