package dev.pingora.server;

import dev.pingora.error.ErrorType;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.OriginRequest;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The four forms of a request target: RFC 9112 section 3.2.
 */
@ExtendWith(EngineExtension.class)
class RequestTargetRulesTests {

	@AutoClose
	private final RuleServer rules = new RuleServer();

	private static String get(String target) {
		return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
	}

	// Section 3.2.1. Not decoded, not normalized: what a path means is the origin's
	// affair, and two opinions about it are a way around a filter.
	@ParameterizedTest
	@ValueSource(strings = { "/", "//", "//evil/x", "///", "/a//b", "/.", "/..", "/../..", "/a/../b", "/a/./b",
			"/%2e%2e/", "/%2f", "/%2F", "/%5c", "/%00", "/%", "/%zz", "/%0d%0aX:%20y", "/%C3%A4", "/?", "/??",
			"/?a=b?c", "/?a=http://b/", "/?%00", "/?%0a", "/a;b=c", "/a=b&c", "/+", "/\\", "/a\\..\\b", "/\"", "/<>",
			"/{}", "/|", "/^", "/`", "/[1]", "/:", "/@", "/*", "/a,b", "/'", "/http://b/", "/\u00e4", "/\u0080\u00ff",
			"/?\u00fc", "/%ff" })
	void originFormIsUntouched(String target) {
		OriginRequest request = this.rules.forwards(get(target));
		assertThat(request.head()).isEqualTo(get(target));
	}

	@ParameterizedTest
	@ValueSource(strings = { "/a\0b", "/\0", "/a\u007f", "/a\u0001", "/a\tb", "/a\rb", "/a\u001f", "/a\u000b" })
	void controlsInATargetAreRefused(String target) {
		this.rules.refuses(get(target), 400, ErrorType.INVALID_TARGET);
	}

	// No form has a fragment: some would cut it off, some would not.
	@ParameterizedTest
	@ValueSource(strings = { "/#", "/a#b", "/a?b#c", "#", "/#/../b", "http://a/#b", "*#" })
	void fragmentIsRefused(String target) {
		this.rules.refuses(get(target), 400, ErrorType.INVALID_TARGET);
	}

	@ParameterizedTest
	@ValueSource(strings = { "a", "?a", "a/b", "a:80", "*", "**", "*/", ":", ".", "\\", "%2f", "http:", "http:/",
			"http:a", "http:/a/", "http//a/", "://a/", "ftp://a/", "ws://a/", "file:///a", "javascript:alert(1)",
			"urn:a:b", "unix:/var/run/x" })
	void targetOfNoFormIsRefused(String target) {
		this.rules.refuses(get(target), 400, ErrorType.INVALID_TARGET);
	}

	// RFC 9110 sections 4.2.1 and 4.2.4
	@ParameterizedTest
	@ValueSource(strings = { "http://", "http:///", "http://:80/", "http://?a", "http://u@a/", "http://u:p@a/",
			"http://@a/", "http://a@/", "http://a:b/", "http://a:80:80/", "http://a:65536/", "http://a:-1/",
			"http://a\\b/", "http://a\\@b/", "http://[::1/", "http://::1/", "http://a,b/", "http://\u00e4/",
			"http://a%/", "http://a^b/" })
	void badAuthorityIsRefused(String target) {
		this.rules.refuses(get(target), 400, ErrorType.INVALID_TARGET);
	}

	// Section 3.2.2
	@ParameterizedTest
	@CsvSource({ "http://a/, /", "http://a, /", "HTTP://a/x/y?z, /x/y?z", "http://a?z, /?z", "http://a//b, //b",
			"http://a/http://b/, /http://b/", "http://a/%2e%2e/?%00, /%2e%2e/?%00", "http://a/@b, /@b" })
	void absoluteFormBecomesOriginForm(String target, String seen) {
		assertThat(this.rules.forwards(get(target)).head()).isEqualTo(get(seen));
	}

	// RFC 9110 section 7.4: an https resource is not served over a plain connection.
	@ParameterizedTest
	@ValueSource(strings = { "https://a/", "HTTPS://a/", "https://b:443/" })
	void httpsOverAPlainConnectionIsMisdirected(String target) {
		this.rules.refuses(get(target), 421, ErrorType.MISDIRECTED_REQUEST);
	}

	// Section 3.2.4
	@ParameterizedTest
	@ValueSource(strings = { "*", "http://a" })
	void optionsOfTheServerGoUpstreamWithAnAsterisk(String target) {
		OriginRequest request = this.rules.forwards("OPTIONS " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
		assertThat(request.head()).isEqualTo("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
	}

	@Test
	void optionsOfAPathKeepIt() {
		OriginRequest request = this.rules.forwards("OPTIONS http://a/ HTTP/1.1\r\nHost: a\r\n\r\n");
		assertThat(request.target()).isEqualTo("/");
	}

	@ParameterizedTest
	@ValueSource(strings = { "options", "POST", "HEAD", "OPTION" })
	void asteriskIsForOptionsOnly(String method) {
		this.rules.refuses(method + " * HTTP/1.1\r\nHost: a\r\n\r\n", 400, ErrorType.INVALID_TARGET);
	}

}
