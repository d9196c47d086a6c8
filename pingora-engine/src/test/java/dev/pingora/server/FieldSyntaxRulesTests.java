package dev.pingora.server;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.pingora.error.ErrorType;
import dev.pingora.testkit.EngineExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Field lines: RFC 9112 section 5, RFC 9110 sections 5.1 and 5.5.
 */
@ExtendWith(EngineExtension.class)
class FieldSyntaxRulesTests {

	private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n";

	@AutoClose
	private final RuleServer rules = new RuleServer();

	// RFC 9110 section 5.1: a token, directly followed by the colon (RFC 9112 section
	// 5.1)
	@ParameterizedTest
	@ValueSource(strings = { ": a", ":", "X : a", "X\t: a", "X", "X y: a", "X\0: a", "\0X: a", "X\u007f: a",
			"\u00e4: a", "X\u00ff: a", "X\u0080: a", "X(: a", "X): a", "X,Y: a", "X/Y: a", "X;: a", "X<: a", "X=Y: a",
			"X>: a", "X?: a", "X@Y: a", "X[: a", "X\\: a", "X]: a", "X{: a", "X}: a", "\"X\": a", "X\rY: a", "X\r: a",
			"\rX: a", "GET / HTTP/1.1", "X\u00a0: a" })
	void nameThatIsNoTokenIsRefused(String line) {
		this.rules.refuses(GET + line + "\r\n\r\n", 400, ErrorType.INVALID_HTTP_HEADER);
	}

	// RFC 9110 section 5.5: no controls but the tab
	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 2, 7, 8, 10, 11, 12, 13, 14, 27, 31, 127 })
	void controlInAValueIsRefused(int octet) {
		this.rules.refuses(GET + "X: a" + (char) octet + "b\r\n\r\n", 400, ErrorType.INVALID_HTTP_HEADER);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 11, 12, 13, 127 })
	void controlAtTheEdgesOfAValueIsRefused(int octet) {
		String before = "X: " + (char) octet + "a";
		String behind = "Y: a" + (char) octet;
		this.rules.refuses(GET + ((octet % 2 == 0) ? before : behind) + "\r\n\r\n", 400, ErrorType.INVALID_HTTP_HEADER);
	}

	// RFC 9112 section 5.2
	@ParameterizedTest
	@ValueSource(strings = { "X: a\r\n b", "X: a\r\n\tb", "X: a\r\n \r\n", "X:\r\n a", "X: a\r\n  \t b", "X: a\r\n : b",
			"X: a\r\n Content-Length: 5", "X: a\r\n\u000bb" })
	void foldedLineIsRefused(String lines) {
		this.rules.refuses(GET + lines + "\r\n\r\n", 400, ErrorType.INVALID_HTTP_HEADER);
	}

	// RFC 9112 section 2.2
	@ParameterizedTest
	@ValueSource(strings = { "X: a\nY: b\r\n\r\n", "X: a\n\r\n", "X: a\r\n\n", "X: a\n\n", "\n", "\rX: a\r\n\r\n",
			"X: a\r\rY: b\r\n\r\n", "X: a\r\r\n\r\n", "X: a\r\n\r\r\n", "\r\r\n", "X: a\n\rY: b\r\n\r\n" })
	void lineEndsWithCrAndLf(String octets) {
		this.rules.refuses(GET + octets + "\n", 400, ErrorType.INVALID_HTTP_HEADER);
	}

	@ParameterizedTest
	@ValueSource(strings = { "X: y", "x: y", "X:y", "X:", "!#$%&'*+-.^_`|~09aZ: y", "X_Y: y", "X.Y: y", "X: a:b",
			"X: \"", "X: a\tb", "X: \u0080\u00ff", "X: \u00e4 \u00a0 b", "X: ,,", "X: a;b=c", "X: %00%0d%0a",
			"X: {}<>[]\\", "Cookie: a=b; c=\"d\"; e", "X: a  b", "Connection-Y: z", "0: y" })
	void validFieldIsForwardedOctetByOctet(String line) {
		String head = GET + line + "\r\nX-Behind: z\r\n\r\n";
		assertThat(this.rules.forwards(head).head()).isEqualTo(head);
	}

	// RFC 9110 section 5.3: neither joined nor sorted nor spelled anew
	@Test
	void fieldsKeepOrderSpellingAndRepetition() {
		String head = GET + "b: 2\r\nCOOKIE: a=1\r\nA: 1\r\ncookie: b=2\r\nB: 1\r\nCookie: a=1\r\na: 1\r\n"
				+ "X-Forwarded-For: 1.2.3.4\r\nX-FORWARDED-FOR: 5\r\n\r\n";
		assertThat(this.rules.forwards(head).head()).isEqualTo(head);
	}

	// RFC 9112 section 5.1: white space around a value is none of it
	@ParameterizedTest
	@CsvSource(delimiter = '!', ignoreLeadingAndTrailingWhitespace = false,
			value = { "X:  y!X: y", "X: \t y!X: y", "X: y  !X: y", "X: y \t!X: y", "X:   !X: ", "X: a  b !X: a  b" })
	void whiteSpaceAroundAValueDoesNotMatter(String line, String seen) {
		assertThat(this.rules.forwards(GET + line + "\r\n\r\n").header("x"))
			.isEqualTo(seen.substring(seen.indexOf(':') + 1).strip());
	}

	@Test
	void fieldsAreCounted() {
		this.rules.refuses(GET + fields(50) + "\r\n", 431, ErrorType.HEADER_TOO_LARGE);
	}

	@Test
	void asManyFieldsAsAreAllowedAreForwarded() {
		String head = GET + fields(49) + "\r\n";
		assertThat(this.rules.forwards(head).head()).isEqualTo(head);
	}

	private static String fields(int count) {
		return IntStream.range(0, count).mapToObj((i) -> "X-" + i + ": a\r\n").collect(Collectors.joining());
	}

}
