package dev.pingora.server;

import dev.pingora.error.ErrorType;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.OriginRequest;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Chunks: RFC 9112 section 7.1. A body that breaks the rules is not known to be broken
 * before it is there; what matters is that the origin never takes it for whole.
 */
@ExtendWith(EngineExtension.class)
class ChunkRulesTests {

	private static final String CHUNKED = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

	@AutoClose
	private final RuleServer rules = new RuleServer();

	@ParameterizedTest
	@ValueSource(strings = { "x\r\nabc", "+3\r\nabc", "-3\r\nabc", "0x3\r\nabc", "x3\r\nabc", " 3\r\nabc", "\t3\r\nabc",
			"3 \r\nabc", "3\t\r\nabc", "3 3\r\nabc", "3,\r\nabc", "3h\r\nabc", "\"3\"\r\nabc", "\r\n3\r\nabc",
			";a\r\n3\r\nabc", "\u00b3\r\nabc", "3\u00a0\r\nabc", "\u000b3\r\nabc", "3\0\r\nabc", "_3\r\nabc",
			"3.0\r\nabc" })
	void sizeIsHexadecimalDigitsOnly(String body) {
		this.rules.refusesBody(CHUNKED, body + "\r\n0\r\n\r\n", ErrorType.INVALID_BODY);
	}

	@ParameterizedTest
	@ValueSource(strings = { "10000000000000003\r\nabc", "ffffffffffffffff\r\nabc", "fffffffffffffffd\r\nabc",
			"8000000000000000\r\nabc", "7fffffffffffffff\r\nabc", "1000000000000000\r\nabc", "0000000000000003\r\nabc",
			"00000000000000000000000000000003\r\nabc" })
	void sizeThatCouldOverflowIsRefused(String body) {
		this.rules.refusesBody(CHUNKED, body + "\r\n0\r\n\r\n", ErrorType.INVALID_BODY);
	}

	@ParameterizedTest
	@ValueSource(strings = { "3\nabc\r\n", "3\rabc\r\n", "3\r\rabc\r\n", "3\n\rabc\r\n", "3\r\nabc\n", "3\r\nabc\r",
			"3\r\nabc\n\r", "3\r\nabc0\r\n", "3\r\nabcd\r\n", "3\r\nabc \r\n", "3\r\nabc\r\n\r\n", "3\r\nab\r\n",
			"3\r\nabc\r\n0\n\r\n", "3\r\nabc\r\n0\r\r\n", "3\r\nabc\r\n00\n" })
	void lineEndsWithCrAndLf(String body) {
		this.rules.refusesBody(CHUNKED, body + "0\r\n\r\n", ErrorType.INVALID_BODY);
	}

	// Section 7.1.1. What recipients disagree upon is where an extension ends.
	@ParameterizedTest
	@ValueSource(strings = { "3;a\nabc\r\n", "3;\nabc\r\n", "3;a=\nabc\r\n", "3;a\r;b\r\nabc\r\n",
			"3;a=\"\r\n\"\r\nabc\r\n", "3;a=\"b\nc\"\r\nabc\r\n", "3;a=\"b\rc\"\r\nabc\r\n", "3;a=\"b\r\nabc\r\n",
			"3;a\0\r\nabc\r\n", "3;\u00e4\r\nabc\r\n", "3;a=b,c\r\nabc\r\n", "3;a=(b)\r\nabc\r\n",
			"3;a\u007f\r\nabc\r\n", "3;a=\"\u0001\"\r\nabc\r\n", "3;\r\nabc\r\n", "3; \r\nabc\r\n", "3;;a\r\nabc\r\n",
			"3;a;\r\nabc\r\n", "3;;==\r\nabc\r\n", "3; = ;\r\nabc\r\n", "3;=b\r\nabc\r\n", "3;a=\r\nabc\r\n",
			"3;a=;b\r\nabc\r\n", "3;a==b\r\nabc\r\n", "3;a=b=c\r\nabc\r\n", "3;a b\r\nabc\r\n", "3;a=b c\r\nabc\r\n",
			"3;a \r\nabc\r\n", "3;a=b \r\nabc\r\n", "3;a=\"b\" \r\nabc\r\n", "3;\"a\"\r\nabc\r\n",
			"3;a\"b\"c\r\nabc\r\n", "3;a=b\"c\"\r\nabc\r\n", "3;a=\"b\"c\r\nabc\r\n", "3;a=\"b\"\"c\"\r\nabc\r\n",
			"3;a=\"b\"=c\r\nabc\r\n", "3;a=\"\\\r\n\"\r\nabc\r\n", "3;a=\"\\\0\"\r\nabc\r\n", "3;a=\"b\\\"\r\nabc\r\n",
			"3;a=\\b\r\nabc\r\n", "3;a\\=b\r\nabc\r\n", "3 a\r\nabc\r\n", "3 =a\r\nabc\r\n" })
	void extensionIsHeldToItsGrammar(String body) {
		this.rules.refusesBody(CHUNKED, body + "0\r\n\r\n", ErrorType.INVALID_BODY);
	}

	// Section 7.1.1: "ought to limit the total length"
	@ParameterizedTest
	@ValueSource(ints = { 1025, 5000 })
	void longExtensionIsRefused(int length) {
		this.rules.refusesBody(CHUNKED, "3;" + "a".repeat(length) + "\r\nabc\r\n0\r\n\r\n", ErrorType.INVALID_BODY);
	}

	// Else a body of which nobody counts an octet would have no end.
	@Test
	void manyExtensionsAreRefused() {
		this.rules.refusesBody(CHUNKED, chunks(17, 1, 1024) + "0\r\n\r\n", ErrorType.INVALID_BODY);
	}

	@Test
	void longBodyMayHaveManyExtensions() {
		OriginRequest request = this.rules.forwards(CHUNKED + chunks(80, 64, 1024) + "0;last\r\n\r\n");
		assertThat(Octets.latin1(request.body())).isEqualTo("x".repeat(80 * 64));
	}

	private static String chunks(int count, int size, int extension) {
		String line = Integer.toHexString(size) + ";" + "a".repeat(extension - 1) + "\r\n";
		return (line + "x".repeat(size) + "\r\n").repeat(count);
	}

	@ParameterizedTest
	@ValueSource(strings = { "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "003\r\nabc\r\n02\r\nde\r\n000\r\n\r\n",
			"5;a\r\nabcde\r\n0;b\r\n\r\n", "5;a=b;c=\"d e\";f\r\nabcde\r\n0\r\n\r\n", "5;a=\";\"\r\nabcde\r\n0\r\n\r\n",
			"5 ;a\r\nabcde\r\n0\t;b\r\n\r\n", "5; a\t=  b ;\tc = \"d\" ; e ;f\r\nabcde\r\n0\r\n\r\n",
			"5;a=\"\"\r\nabcde\r\n0\r\n\r\n", "5;a=\"\\\"\\\\\\ \\\u00e4\t\u00e4\"\r\nabcde\r\n0\r\n\r\n",
			"000000000000005\r\nabcde\r\n000000000000000\r\n\r\n" })
	void wellFormedChunksAreForwardedWithoutTheirExtensions(String body) {
		OriginRequest request = this.rules.forwards(CHUNKED + body);
		assertThat(Octets.latin1(request.body())).isEqualTo("abcde");
		assertThat(request.content().trailers().entries()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "a", "A" })
	void digitsOfASizeHaveBothCases(String size) {
		OriginRequest request = this.rules.forwards(CHUNKED + size + "\r\n0123456789\r\n0\r\n\r\n");
		assertThat(Octets.latin1(request.body())).isEqualTo("0123456789");
	}

	// What looks like chunks within a chunk is content.
	@ParameterizedTest
	@ValueSource(strings = { "0\r\n\r\nGET /evil HTTP/1.1\r\nHost: a\r\n\r\n", "\r\n0\r\n\r\n", "5\r\nhello\r\n" })
	void contentIsNotLookedAt(String content) {
		OriginRequest request = this.rules
			.forwards(CHUNKED + Integer.toHexString(content.length()) + "\r\n" + content + "\r\n0\r\n\r\n");
		assertThat(Octets.latin1(request.body())).isEqualTo(content);
	}

}
