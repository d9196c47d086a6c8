package dev.pingora.server;

import dev.pingora.error.ErrorType;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.OriginExchange;
import dev.pingora.testkit.OriginRequest;
import dev.pingora.testkit.RawClient;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@code Content-Length} is one number of decimal digits, once: RFC 9110 section 8.6, RFC
 * 9112 sections 6.2 and 6.3.
 */
@ExtendWith(EngineExtension.class)
class ContentLengthRulesTests {

	private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\n";

	@AutoClose
	private final RuleServer rules = new RuleServer();

	@ParameterizedTest
	@ValueSource(strings = { "+5", "-5", "-0", "0x5", "5 5", "5\t5", "", "five", "5.0", "5e0", "5;", "5,", ",5", "5, 5",
			"5,5", "5, 6", "'5'", "\"5\"", "\u00a05", "5\u00a0", "\u00b2", "\u000b5", "1000000000000000000",
			"9223372036854775807", "9223372036854775808", "18446744073709551621", "0000000000000000005" })
	void lengthThatIsNotOneNumberIsRefused(String value) {
		boolean control = value.startsWith("\u000b");
		this.rules.refuses(POST + "Content-Length: " + value + "\r\n\r\nhello", 400,
				control ? ErrorType.INVALID_HTTP_HEADER : ErrorType.INVALID_FRAMING);
	}

	@ParameterizedTest
	@ValueSource(strings = { "Content-Length: 5\r\nContent-Length: 5", "Content-Length: 5\r\nContent-Length: 6",
			"Content-Length: 5\r\nX: y\r\ncontent-length: 5", "CONTENT-LENGTH: 0\r\nContent-length: 5",
			"Content-Length: 5\r\nContent-Length:", "Content-Length:\r\nContent-Length: 5" })
	void lengthThatIsToldTwiceIsRefused(String fields) {
		this.rules.refuses(POST + fields + "\r\n\r\nhello", 400, ErrorType.INVALID_FRAMING);
	}

	@ParameterizedTest
	@ValueSource(strings = { "Content-Length: 5", "Content-Length:5", "content-length: \t 5 \t ", "CONTENT-LENGTH: 5",
			"Content-Length: 005", "Content-Length: 000000000000000005" })
	void bodyOfItsLengthIsForwarded(String field) {
		OriginRequest request = this.rules.forwards(POST + field + "\r\n\r\nhello");
		assertThat(Octets.latin1(request.body())).isEqualTo("hello");
		assertThat(request.headers().all("content-length"))
			.containsExactly(field.substring(field.indexOf(':') + 1).strip());
		assertThat(request.headers().has("transfer-encoding")).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "GET", "HEAD", "DELETE", "OPTIONS", "PUT", "M-SEARCH" })
	void everyMethodMayHaveABody(String method) {
		OriginRequest request = this.rules
			.forwards(method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
		assertThat(request.method()).isEqualTo(method);
		assertThat(request.headers().all("content-length")).containsExactly("5");
		assertThat(Octets.latin1(request.body())).isEqualTo("hello");
	}

	@Test
	void lengthOfZeroIsForwarded() {
		OriginRequest request = this.rules.forwards(POST + "Content-Length: 0\r\n\r\n");
		assertThat(request.headers().all("content-length")).containsExactly("0");
		assertThat(request.body()).isEmpty();
	}

	// RFC 9112 section 6.3, rule 7
	@Test
	void requestWithoutLengthHasNoBody() {
		OriginRequest request = this.rules.forwards(POST + "\r\n");
		assertThat(request.head()).isEqualTo(POST + "\r\n");
		assertThat(request.body()).isEmpty();
	}

	@Test
	void fieldOfASimilarNameIsNoLength() {
		OriginRequest request = this.rules
			.forwards(POST + "Content_Length: 7\r\nContent-Length: 5\r\nX-Content-Length: 9\r\n\r\nhello");
		assertThat(Octets.latin1(request.body())).isEqualTo("hello");
		assertThat(request.header("content_length")).isEqualTo("7");
	}

	// The largest length that is read; all of it could never come.
	@Test
	void hugeLengthIsForwardedWithoutBeingBuffered() {
		this.rules.origin.on("/huge", OriginExchange::hang);
		try (RawClient client = this.rules.connect()) {
			client.send("POST /huge HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999999999\r\n\r\nhello");
			OriginRequest request = this.rules.origin.awaitRequest(1);
			assertThat(request.header("content-length")).isEqualTo("999999999999999999");
			client.abort();
			assertThat(this.rules.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
			assertThat(request.content().isComplete()).isFalse();
		}
	}

}
