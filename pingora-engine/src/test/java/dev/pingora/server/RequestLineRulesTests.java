package dev.pingora.server;

import dev.pingora.error.ErrorType;
import dev.pingora.testkit.EngineExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The request line: RFC 9112 sections 2.2, 2.3 and 3.
 */
@ExtendWith(EngineExtension.class)
class RequestLineRulesTests {

	private static final String HOST = "\r\nHost: a\r\n\r\n";

	@AutoClose
	private final RuleServer rules = new RuleServer();

	// Section 3: single spaces, and nothing before, between or behind
	@ParameterizedTest
	@ValueSource(strings = { "GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET / HTTP/1.1 ", "GET / HTTP/1.1\t",
			" GET / HTTP/1.1", "\tGET / HTTP/1.1", "GET\t/ HTTP/1.1", "GET / a HTTP/1.1", "GET / HTTP/1.1 HTTP/1.1",
			"GET HTTP/1.1", "GET  HTTP/1.1", "/ HTTP/1.1", "GET", "GET ", "GET /", "GET / ", "GET / HTTP/1.1\r",
			"GET / HTTP/1.1\0", "HTTP/1.1 200 OK", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc" })
	void lineOfAnotherShapeIsRefused(String line) {
		this.rules.refuses(line + HOST, 400, ErrorType.INVALID_HTTP_HEADER);
	}

	// RFC 9110 section 9.1: a token
	@ParameterizedTest
	@ValueSource(
			strings = { "G{T", "G\0T", "G:T", "G/T", "G\u00cbT", "G\u007fT", "G\rT", "GET,", "\"GET\"", "G(T)", "" })
	void methodThatIsNoTokenIsRefused(String method) {
		this.rules.refuses(method + " / HTTP/1.1" + HOST, 400, ErrorType.INVALID_HTTP_HEADER);
	}

	@ParameterizedTest
	@ValueSource(strings = { "get", "Get", "GETX", "M-SEARCH", "!#$%&'*+-.^_`|~0", "QUERY", "TRACEX", "CONNECTED" })
	void methodThatNobodyKnowsIsForwardedAsItIs(String method) {
		assertThat(this.rules.forwards(method + " / HTTP/1.1" + HOST).method()).isEqualTo(method);
	}

	// Section 2.3: case-sensitive, one digit each
	@ParameterizedTest
	@ValueSource(strings = { "http/1.1", "Http/1.1", "HTTP/1.10", "HTTP/01.1", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/",
			"HTTP1.1", "HTTP/1,1", "HTTP/a.b", "HTTP/-1.1", "HTTP/+1.1", "XHTTP/1.1", "HTTPS/1.1", "HTTP/1.1;a",
			"HTTP/ 1.1", "HTTP/\u00b9.1" })
	void versionOfAnotherShapeIsRefused(String version) {
		this.rules.refuses("GET / " + version + HOST, 400, ErrorType.INVALID_HTTP_HEADER);
	}

	// RFC 9110 section 15.6.6
	@ParameterizedTest
	@ValueSource(strings = { "HTTP/0.9", "HTTP/1.2", "HTTP/1.9", "HTTP/2.0", "HTTP/3.0", "HTTP/9.9", "HTTP/0.0" })
	void otherVersionIsNotSupported(String version) {
		this.rules.refuses("GET / " + version + HOST, 505, ErrorType.UNSUPPORTED_VERSION);
	}

	// RFC 9113 section 3.4
	@Test
	void prefaceOfHttp2IsRefused() {
		this.rules.refuses("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 505, ErrorType.UNSUPPORTED_VERSION);
	}

	// There is nothing more to come: nobody waits for the head's end.
	@Test
	void requestOfHttp09IsRefusedAtItsOnlyLine() {
		this.rules.refuses("GET /\r\n", 400, ErrorType.INVALID_HTTP_HEADER);
	}

	// Section 2.2: LF alone might be taken for a line's end, and CR alone for a space
	@ParameterizedTest
	@ValueSource(strings = { "GET / HTTP/1.1\nHost: a\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n",
			"GET / HTTP/1.1\rHost: a\r\r", "GET / HTTP/1.1\r\rHost: a\r\n\r\n", "GET / HTTP/1.1\n\rHost: a\r\n\r\n",
			"\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n",
			"GET\r/\rHTTP/1.1\r\nHost: a\r\n\r\n" })
	void lineEndsWithCrAndLf(String octets) {
		this.rules.refuses(octets + "\n", 400, ErrorType.INVALID_HTTP_HEADER);
	}

	// Section 2.2: one line end may follow the request before
	@Test
	void oneEmptyLineBeforeTheRequestIsIgnored() {
		assertThat(this.rules.forwards("\r\nGET /a HTTP/1.1" + HOST + "\r\n").target()).isEqualTo("/a");
	}

	@ParameterizedTest
	@ValueSource(strings = { "\r\n\r\n", "\r\n \r\n", "\r\n\t" })
	void moreThanOneEmptyLineIsRefused(String before) {
		this.rules.refuses(before + "GET / HTTP/1.1" + HOST, 400, ErrorType.INVALID_HTTP_HEADER);
	}

	// Section 2.2: white space between the line and the first field
	@ParameterizedTest
	@ValueSource(strings = { " X: y\r\nHost: a", "\tHost: a", " \r\nHost: a" })
	void whiteSpaceBeforeTheFirstFieldIsRefused(String fields) {
		this.rules.refuses("GET / HTTP/1.1\r\n" + fields + "\r\n\r\n", 400, ErrorType.INVALID_HTTP_HEADER);
	}

	@Test
	void requestOfHttp10IsForwardedAsHttp11() {
		assertThat(this.rules.forwards("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n").head())
			.isEqualTo("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	}

	// Section 3
	@ParameterizedTest
	@ValueSource(ints = { 8 * 1024, 64 * 1024 })
	void lineThatIsTooLongHasAStatusOfItsOwn(int length) {
		this.rules.refuses("GET /" + "a".repeat(length) + " HTTP/1.1" + HOST, 414, ErrorType.URI_TOO_LONG);
	}

	@Test
	void headThatIsTooLargeBehindItsLineIsAnotherMatter() {
		this.rules.refuses("GET / HTTP/1.1\r\nHost: a\r\nX: " + "a".repeat(8 * 1024), 431, ErrorType.HEADER_TOO_LARGE);
	}

}
