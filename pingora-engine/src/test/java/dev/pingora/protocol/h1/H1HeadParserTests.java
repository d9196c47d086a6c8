package dev.pingora.protocol.h1;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.HeadTable;
import dev.pingora.http.HttpVersion;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.protocol.h1.H1HeadParser.Kind;
import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link H1HeadParser}.
 */
class H1HeadParserTests {

	record Head(Kind kind, String text) {

		@Override
		public String toString() {
			return this.kind + " " + this.text.replace("\r", "\\r").replace("\n", "\\n");
		}

	}

	static Stream<Head> accepted() {
		return Stream.concat(acceptedRequests().map((text) -> new Head(Kind.REQUEST, text)),
				Stream.of(new Head(Kind.RESPONSE, "HTTP/1.1 200 OK\r\n\r\n"),
						new Head(Kind.RESPONSE, "HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\n"),
						new Head(Kind.RESPONSE, "HTTP/1.1 200\r\nA: b\r\n\r\n"),
						new Head(Kind.RESPONSE, "HTTP/1.0 999 Gr\u00fc\u00dfe\tan alle \r\nServer: x\r\n\r\n"),
						new Head(Kind.RESPONSE, "HTTP/1.1 100 Continue\r\n\r\n"),
						new Head(Kind.RESPONSE_TRAILERS, "\r\n"),
						new Head(Kind.RESPONSE_TRAILERS, "grpc-status: 0\r\ngrpc-message:\r\n\r\n")));
	}

	private static Stream<String> acceptedRequests() {
		return Stream.of("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
				"GET / HTTP/1.0\r\n\r\n", "!#$%&'*+-.^_`|~09azAZ /x HTTP/1.1\r\nHost: a\r\n\r\n",
				"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
				"POST http://a/b?c=d HTTP/1.1\r\nHOST:a\r\ncontent-LENGTH: \t 5 \t\r\n\r\n",
				"GET /\u00e9?\"<>\\^`{|} HTTP/1.1\r\nHost: a\r\nX:\u00ff\u0080\t !~\r\n\r\n",
				"GET / HTTP/1.1\r\nHost: a\r\nEmpty:\r\nBlank: \t \r\nA:b:c : d\r\nA: again\r\n\r\n");
	}

	@ParameterizedTest
	@MethodSource("accepted")
	void headGivesTheSameTableHoweverItIsCut(Head head) throws ProxyException {
		List<String> whole = Heads.show(head.kind(), Heads.parse(head.kind(), head.text()));
		for (int cut = 1; cut < head.text().length(); cut++) {
			List<String> pieces = List.of(head.text().substring(0, cut), head.text().substring(cut));
			assertThat(Heads.show(head.kind(), Heads.parse(head.kind(), pieces))).as("cut at %d", cut).isEqualTo(whole);
		}
		List<String> octets = head.text().chars().mapToObj(Character::toString).toList();
		assertThat(Heads.show(head.kind(), Heads.parse(head.kind(), octets))).isEqualTo(whole);
	}

	static Stream<Head> refused() {
		return Stream
			.of(refusedRequestLines().map((line) -> new Head(Kind.REQUEST, line + "\r\nHost: a\r\n\r\n")),
					refusedFields().map((line) -> new Head(Kind.REQUEST, "GET / HTTP/1.1\r\n" + line + "\r\n\r\n")),
					refusedFields().map((line) -> new Head(Kind.RESPONSE, "HTTP/1.1 200 OK\r\n" + line + "\r\n\r\n")),
					refusedFields().map((line) -> new Head(Kind.RESPONSE_TRAILERS, line + "\r\n\r\n")),
					refusedStatusLines().map((line) -> new Head(Kind.RESPONSE, line + "\r\n\r\n")))
			.flatMap((heads) -> heads);
	}

	private static Stream<String> refusedRequestLines() {
		return Stream.of("GET", "GET ", "GET /", "GET / ", "GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET / HTTP/1.1 ",
				" GET / HTTP/1.1", "\tGET / HTTP/1.1", "G\u00cbT / HTTP/1.1", "G(T / HTTP/1.1", "GET\t/ HTTP/1.1",
				"GET /\tHTTP/1.1", "GET /\u0000 HTTP/1.1", "GET /\u007f HTTP/1.1", "GET /a b HTTP/1.1",
				"GET / http/1.1", "GET / HTTP/1.1x", "GET / HTTP/11", "GET / HTTP/1,1", "GET / HTTP/1.",
				"GET / HTTP/.1", "GET / HTTP/01.1", "GET / XHTTP/1.1", "GET / HTTP/a.b", "GET /\r HTTP/1.1",
				"GET / HTTP/1.1\r", "\r\n\r\nGET / HTTP/1.1", "/ HTTP/1.1", " / HTTP/1.1", "HTTP/1.1 200 OK");
	}

	private static Stream<String> refusedFields() {
		return Stream.of(" Folded: a", "A: b\r\n folded", "A: b\r\n\tfolded", "No-Colon", ": no name", "A : b",
				"A\t: b", "A b: c", "A\u0000: b", "\u00c4: b", "A(: b", "A/: b", "A\": b", "A,B: c", "A: b\rc",
				"A: b\r", "A: b\u0000c", "A: \u0001", "A: \u007f", "A: \u000b", "A: \u001f", "\rA: b", "A\r: b",
				"A: b\nC: d", "A: b\n", "\n");
	}

	private static Stream<String> refusedStatusLines() {
		return Stream.of("", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 2000 OK", "HTTP/1.1  200 OK",
				"HTTP/1.1 099 OK", "HTTP/1.1 000 OK", "HTTP/1.1 2x0 OK", "HTTP/1.1 200OK", "HTTP/1.1 +20 OK",
				"HTTP/1.1 -20 OK", "HTTP/1.1\t200 OK", "http/1.1 200 OK", "HTTP/1.10 200 OK", "ICY 200 OK",
				"HTTP/1.1 200 O\u0000K", "HTTP/1.1 200 O\rK", "HTTP/1.1 200\tOK", "HTTP/1.1 200 OK\r");
	}

	@ParameterizedTest
	@MethodSource("refused")
	void malformedHeadIsRefused(Head head) {
		assertThatExceptionOfType(ProxyException.class).isThrownBy(() -> Heads.parse(head.kind(), head.text()))
			.satisfies(
					(error) -> assertThat(error.type()).isIn(ErrorType.INVALID_HTTP_HEADER, ErrorType.INVALID_TARGET));
	}

	@ParameterizedTest
	@MethodSource("refused")
	void malformedHeadIsRefusedOctetByOctetToo(Head head) {
		List<String> octets = head.text().chars().mapToObj(Character::toString).toList();
		assertThatExceptionOfType(ProxyException.class).isThrownBy(() -> Heads.parse(head.kind(), octets))
			.satisfies(
					(error) -> assertThat(error.type()).isIn(ErrorType.INVALID_HTTP_HEADER, ErrorType.INVALID_TARGET));
	}

	@ParameterizedTest
	@ValueSource(strings = { "0.9", "1.2", "2.0", "3.0", "9.9" })
	void otherVersionIsNotSupported(String version) {
		assertThatExceptionOfType(ProxyException.class)
			.isThrownBy(() -> Heads.request("GET / HTTP/" + version + "\r\nHost: a\r\n\r\n"))
			.satisfies((error) -> {
				assertThat(error.type()).isEqualTo(ErrorType.UNSUPPORTED_VERSION);
				assertThat(error.status()).isEqualTo(505);
			});
	}

	@Test
	void errorIsBlamedOnTheSideThatSent() {
		assertThatExceptionOfType(ProxyException.class).isThrownBy(() -> Heads.request("x\r\n"))
			.satisfies((error) -> assertThat(error.source()).isEqualTo(ErrorSource.DOWNSTREAM));
		assertThatExceptionOfType(ProxyException.class).isThrownBy(() -> Heads.response("x\r\n"))
			.satisfies((error) -> assertThat(error.source()).isEqualTo(ErrorSource.UPSTREAM));
	}

	@Test
	void partsOfARequestAreFound() throws ProxyException {
		HeadTable table = Heads.request("PUT /a?b HTTP/1.0\r\nX-One:  1 \r\nHost: h\r\n\r\n");
		RequestHeader header = table.request();
		assertThat(header.method()).isEqualTo("PUT");
		assertThat(header.target()).isEqualTo("/a?b");
		assertThat(header.version()).isEqualTo(HttpVersion.HTTP_1_0);
		assertThat(header.header("x-one")).isEqualTo("1");
		assertThat(header.header("host")).isEqualTo("h");
	}

	@Test
	void partsOfAResponseAreFound() throws ProxyException {
		ResponseHeader header = Heads.response("HTTP/1.1 503 Not  now \r\nX: y\r\n\r\n").response();
		assertThat(header.status()).isEqualTo(503);
		assertThat(header.reason()).isEqualTo("Not  now ");
		assertThat(header.header("x")).isEqualTo("y");
	}

	@Test
	void headOfExactlyTheAllowedSizeIsAccepted() throws ProxyException {
		String head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
		assertThat(parse(head, new HeadLimits(head.length(), 10), 1)).isTrue();
		assertThat(parse(head, new HeadLimits(head.length(), 10), head.length())).isTrue();
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 7, 27, 4096 })
	void headOneOctetTooLargeIsRefused(int step) {
		String head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
		assertTooLarge(() -> parse(head, new HeadLimits(head.length() - 1, 10), step));
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2047, 2048, 2049, 100_000 })
	void lineWithoutEndIsRefusedAtTheLimit(int step) {
		HeadLimits limits = new HeadLimits(8192, 10);
		assertTooLarge(() -> parse("GET / HTTP/1.1\r\nX: " + "a".repeat(100_000), limits, step));
		// RFC 9112 section 3
		for (String line : List.of("GET /" + "a".repeat(100_000), "GET /" + "a".repeat(8192) + " HTTP/1.1\r\n\r\n")) {
			assertThatExceptionOfType(ProxyException.class).isThrownBy(() -> parse(line, limits, step))
				.satisfies((error) -> {
					assertThat(error.type()).isEqualTo(ErrorType.URI_TOO_LONG);
					assertThat(error.status()).isEqualTo(414);
				});
		}
	}

	@Test
	void fieldsAreCountedUpToTheLimit() throws ProxyException {
		String head = "GET / HTTP/1.1\r\n" + "A: b\r\n".repeat(10) + "\r\n";
		assertThat(parse(head, new HeadLimits(8192, 10), 4096)).isTrue();
		assertTooLarge(() -> parse(head, new HeadLimits(8192, 9), 4096));
		assertTooLarge(() -> parse(head, new HeadLimits(8192, 0), 1));
	}

	private static void assertTooLarge(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
		assertThatExceptionOfType(ProxyException.class).isThrownBy(call).satisfies((error) -> {
			assertThat(error.type()).isEqualTo(ErrorType.HEADER_TOO_LARGE);
			assertThat(error.status()).isEqualTo(431);
		});
	}

	private static boolean parse(String head, HeadLimits limits, int step) throws ProxyException {
		H1HeadParser parser = new H1HeadParser(limits);
		parser.start(Kind.REQUEST, new HeadTable());
		for (int at = 0; at < head.length(); at += step) {
			if (parser.parse(Heads.buffer(head.substring(at, Math.min(head.length(), at + step))))) {
				return true;
			}
		}
		return false;
	}

	@ParameterizedTest
	@ValueSource(ints = { 10, 1900, 2010, 2020, 2021, 2022, 2023, 2024, 4060, 4070, 20_000 })
	void octetsBehindTheHeadStayInTheBuffer(int padding) throws ProxyException {
		String first = "POST /" + "p".repeat(padding) + " HTTP/1.1\r\nHost: a\r\n\r\n";
		String second = "GET /second HTTP/1.1\r\nHost: b\r\n\r\n";
		ByteBuf in = Heads.buffer(first + second + "rest");
		H1HeadParser parser = new H1HeadParser(Heads.LIMITS);
		HeadTable table = new HeadTable();
		parser.start(Kind.REQUEST, table);
		assertThat(parser.parse(in)).isTrue();
		assertThat(in.readableBytes()).isEqualTo(second.length() + 4);
		assertThat(table.length()).isEqualTo(first.length());
		HeadTable next = new HeadTable();
		parser.start(Kind.REQUEST, next);
		assertThat(parser.parse(in)).isTrue();
		assertThat(next.request().target()).isEqualTo("/second");
		assertThat(in.toString(java.nio.charset.StandardCharsets.US_ASCII)).isEqualTo("rest");
	}

	@Test
	void largeHeadWithManyFieldsIsReadWhole() throws ProxyException {
		StringBuilder text = new StringBuilder("GET / HTTP/1.1\r\n");
		List<String> expected = new ArrayList<>();
		for (int i = 0; i < 180; i++) {
			String value = Integer.toString(i).repeat(60);
			text.append("X-").append(i).append(": ").append(value).append("\r\n");
			expected.add("X-" + i + "=" + value);
		}
		List<String> shown = Heads.show(Kind.REQUEST, Heads.request(text + "\r\n"));
		assertThat(shown.subList(3, shown.size() - 1)).isEqualTo(expected);
	}

	@Test
	void parserKnowsWhetherAHeadHasBegun() throws ProxyException {
		H1HeadParser parser = new H1HeadParser(Heads.LIMITS);
		assertThat(parser.hasBegun()).isFalse();
		parser.start(Kind.REQUEST, new HeadTable());
		assertThat(parser.hasBegun()).isFalse();
		parser.parse(Heads.buffer("G"));
		assertThat(parser.hasBegun()).isTrue();
		parser.parse(Heads.buffer("ET / HTTP/1.0\r\n\r\n"));
		assertThat(parser.hasBegun()).isFalse();
	}

}
