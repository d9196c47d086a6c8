package dev.pingora.server;

import dev.pingora.error.ErrorType;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.OriginRequest;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@code Transfer-Encoding} is {@code chunked}, once, and nothing else tells the length:
 * RFC 9112 sections 6.1 and 6.3.
 */
@ExtendWith(EngineExtension.class)
class TransferEncodingRulesTests {

	private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\n";

	private static final String BODY = "\r\n\r\n5\r\nhello\r\n0\r\n\r\n";

	@AutoClose
	private final RuleServer rules = new RuleServer();

	@ParameterizedTest
	@ValueSource(strings = { "chunked, gzip", "chunked, chunked", "gzip, chunked, chunked", "chunked, identity",
			"identity", "gzip", "xchunked", "chunkedx", "chunke", "", ",chunked", "chunked,", "chunked;a=b",
			"chunked ;", "\"chunked\"", "'chunked'", "chunked chunked", "chunked\tchunked", "\u00a0chunked",
			"chunked\u00a0", "chunked\u0085", "gzip;q=1, chunked", "=, chunked", "c\u00fchunked" })
	void codingThatLeavesTheLengthOpenIsRefused(String value) {
		this.rules.refuses(POST + "Transfer-Encoding: " + value + BODY, 400, ErrorType.INVALID_FRAMING);
	}

	// RFC 9112 section 6.1: SHOULD be answered 501
	@ParameterizedTest
	@ValueSource(strings = { "gzip, chunked", "gzip,chunked", "deflate , gzip , CHUNKED", "identity, chunked",
			"xchunked, chunked" })
	void codingBeforeChunkedIsNotImplemented(String value) {
		this.rules.refuses(POST + "Transfer-Encoding: " + value + BODY, 501, ErrorType.UNSUPPORTED_CODING);
	}

	@ParameterizedTest
	@ValueSource(strings = { "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
			"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
			"Transfer-Encoding: gzip, chunked\r\ntransfer-encoding: x",
			"Transfer-Encoding: gzip\r\nX: y\r\nTransfer-Encoding: chunked",
			"Transfer-Encoding: chunked\r\ntransfer-encoding:" })
	void codingThatIsToldTwiceIsRefused(String fields) {
		this.rules.refuses(POST + fields + BODY, 400, ErrorType.INVALID_FRAMING);
	}

	// Section 6.1: may be refused, and is an attempt to smuggle
	@ParameterizedTest
	@ValueSource(strings = { "Content-Length: 15\r\nTransfer-Encoding: chunked",
			"Transfer-Encoding: chunked\r\nContent-Length: 15", "Transfer-Encoding: chunked\r\nContent-Length: 0",
			"Content-Length: 15\r\nTransfer-Encoding: gzip, chunked" })
	void codingAndLengthTogetherAreRefused(String fields) {
		this.rules.refuses(POST + fields + BODY, 400, ErrorType.INVALID_FRAMING);
	}

	// Section 6.1: nobody knows what an HTTP/1.0 sender means by it
	@ParameterizedTest
	@ValueSource(strings = { "chunked", "gzip, chunked" })
	void codingOfAnOldClientIsRefused(String value) {
		this.rules.refuses("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: " + value + BODY, 400,
				ErrorType.INVALID_FRAMING);
	}

	// Octets that some recipients take for white space, or for nothing
	@ParameterizedTest
	@ValueSource(strings = { "Transfer-Encoding: \u000bchunked", "Transfer-Encoding: chunked\0",
			"Transfer-Encoding: chunked\r", "Transfer-Encoding : chunked", "Transfer-Encoding\t: chunked",
			"Transfer-Encoding:\r\n chunked", " Transfer-Encoding: chunked", "Transfer-Encoding\0: chunked",
			"X: y\rTransfer-Encoding: chunked", "X: y\nTransfer-Encoding: chunked",
			"Transfer-Encoding: chunked\r\n x" })
	void codingInAMalformedLineIsRefused(String line) {
		this.rules.refuses(POST + line + BODY, 400, ErrorType.INVALID_HTTP_HEADER);
	}

	@ParameterizedTest
	@ValueSource(strings = { "Transfer-Encoding: chunked", "transfer-encoding:CHUNKED",
			"TRANSFER-ENCODING: \t Chunked \t " })
	void chunkedBodyIsForwardedInChunks(String field) {
		OriginRequest request = this.rules.forwards(POST + field + BODY);
		assertThat(Octets.latin1(request.body())).isEqualTo("hello");
		assertThat(request.headers().all("transfer-encoding")).containsExactly("chunked");
		assertThat(request.headers().has("content-length")).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "GET", "HEAD", "DELETE", "OPTIONS" })
	void everyMethodMayHaveAChunkedBody(String method) {
		OriginRequest request = this.rules
			.forwards(method + " / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked" + BODY);
		assertThat(request.method()).isEqualTo(method);
		assertThat(request.headers().all("transfer-encoding")).containsExactly("chunked");
		assertThat(Octets.latin1(request.body())).isEqualTo("hello");
	}

	@ParameterizedTest
	@ValueSource(strings = { "Transfer_Encoding: chunked", "X-Transfer-Encoding: chunked", "Transfer-Encodings: x",
			"TE: chunked" })
	void fieldOfASimilarNameIsNoCoding(String field) {
		OriginRequest request = this.rules.forwards(POST + field + "\r\nContent-Length: 5\r\n\r\nhello");
		assertThat(Octets.latin1(request.body())).isEqualTo("hello");
		assertThat(request.headers().has("transfer-encoding")).isFalse();
	}

}
