package dev.pingora.protocol.h1;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.HeadTable;
import dev.pingora.testkit.EngineExtension;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link H1BodyDecoder}.
 */
@ExtendWith(EngineExtension.class)
class H1BodyDecoderTests {

	private final StringBuilder body = new StringBuilder();

	private H1BodyDecoder decoder = chunked();

	private static H1BodyDecoder chunked() {
		return decoder("Transfer-Encoding: chunked\r\n");
	}

	private static H1BodyDecoder decoder(String field) {
		return decoder(ErrorSource.UPSTREAM, field, Heads.LIMITS);
	}

	private static H1BodyDecoder decoder(ErrorSource source, String field, HeadLimits trailerLimits) {
		H1BodyDecoder decoder = new H1BodyDecoder(source, trailerLimits);
		try {
			decoder.start(framing(field));
		}
		catch (ProxyException refused) {
			throw new AssertionError(refused);
		}
		return decoder;
	}

	private static H1Framing framing(String field) throws ProxyException {
		H1Framing framing = new H1Framing(ErrorSource.UPSTREAM);
		framing.response(Heads.response("HTTP/1.1 200 OK\r\n" + field + "\r\n"), false);
		return framing;
	}

	// Feeds a buffer and returns how many octets were left in it.
	private int feed(String octets) throws ProxyException {
		ByteBuf in = Heads.buffer(octets);
		try {
			while (!this.decoder.isDone() && in.isReadable()) {
				ByteBuf data = this.decoder.next(in);
				if (data != null) {
					this.body.append(data.toString(StandardCharsets.ISO_8859_1));
					data.release();
				}
			}
			return in.readableBytes();
		}
		finally {
			assertThat(in.refCnt()).isEqualTo(1);
			in.release();
		}
	}

	private static List<String> shown(@Nullable HeadTable trailers) {
		List<String> shown = new ArrayList<>();
		for (int i = 0; trailers != null && i < trailers.fields(); i++) {
			shown.add(Heads.name(trailers, i) + "=" + Heads.value(trailers, i));
		}
		return shown;
	}

	@ParameterizedTest
	@ValueSource(strings = { "0\r\n\r\n", "000\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "1\r\nh\r\n4\r\nello\r\n0\r\n\r\n",
			"0005;a;b=c;d=\"e f;,=\"\r\nhello\r\n0;last\r\n\r\n", "5\r\nhello\r\n0\r\nA: b\r\nC:\r\n\r\n",
			"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n" })
	void chunksGiveTheSameBodyHoweverTheyAreCut(String octets) throws ProxyException {
		feed(octets);
		String wholeBody = this.body.toString();
		List<String> wholeTrailers = shown(this.decoder.trailers());
		assertThat(this.decoder.isDone()).isTrue();
		for (int cut = 0; cut <= octets.length(); cut++) {
			this.decoder = chunked();
			this.body.setLength(0);
			assertThat(feed(octets.substring(0, cut))).isZero();
			assertThat(this.decoder.isDone()).as("cut at %d", cut).isEqualTo(cut == octets.length());
			assertThat(feed(octets.substring(cut))).isZero();
			assertSame(wholeBody, wholeTrailers);
		}
		this.decoder = chunked();
		this.body.setLength(0);
		for (char octet : octets.toCharArray()) {
			feed(Character.toString(octet));
		}
		assertSame(wholeBody, wholeTrailers);
	}

	private void assertSame(String wholeBody, List<String> wholeTrailers) {
		assertThat(this.decoder.isDone()).isTrue();
		assertThat(this.body).hasToString(wholeBody);
		assertThat(shown(this.decoder.trailers())).isEqualTo(wholeTrailers);
	}

	@Test
	void contentOfChunksIsJoinedAndTrailersAreKept() throws ProxyException {
		feed("5\r\nhello\r\n6;x\r\n world\r\n0\r\nGrpc-Status: 0\r\nX:\r\n\r\n");
		assertThat(this.body).hasToString("hello world");
		assertThat(shown(this.decoder.trailers())).containsExactly("Grpc-Status=0", "X=");
	}

	@Test
	void bodyWithoutTrailersHasNone() throws ProxyException {
		feed("0\r\n\r\n");
		assertThat(this.decoder.trailers()).isNull();
	}

	@Test
	void trailersOfOneBodyDoNotShowInTheNext() throws ProxyException {
		feed("0\r\nA: b\r\n\r\n");
		assertThat(this.decoder.trailers()).isNotNull();
		this.decoder.start(framing("Transfer-Encoding: chunked\r\n"));
		assertThat(this.decoder.trailers()).isNull();
		feed("0\r\n\r\n");
		assertThat(this.decoder.trailers()).isNull();
		this.decoder.start(framing("Transfer-Encoding: chunked\r\n"));
		feed("0\r\nC: d\r\n\r\n");
		assertThat(shown(this.decoder.trailers())).containsExactly("C=d");
	}

	@Test
	void whatFollowsTheBodyIsLeftAlone() throws ProxyException {
		assertThat(feed("1\r\nx\r\n0\r\n\r\nGET / HTTP/1.1\r\n")).isEqualTo(16);
		assertThat(this.body).hasToString("x");
	}

	@Test
	void endOfTheBodyIsKnownWithItsLastOctets() throws ProxyException {
		ByteBuf in = Heads.buffer("5\r\nhello\r\n0\r\n\r\nnext");
		ByteBuf data = this.decoder.next(in);
		assertThat(data).isNotNull();
		assertThat(this.decoder.isDone()).isTrue();
		assertThat(in.readableBytes()).isEqualTo(4);
		data.release();
		assertThat(in.refCnt()).isEqualTo(1);
		in.release();
	}

	@ParameterizedTest
	@ValueSource(strings = { "\r\n", ";x\r\n", " 5\r\n", "5 \r\n", "5\t\r\n", "+5\r\n", "-5\r\n", "0x5\r\n", "5_0\r\n",
			"g\r\n", "\u00b25\r\n", "5\n", "5\rx", "5\r\r\n", "1000000000000000\r\n", "0000000000000005\r\n",
			"ffffffffffffffff\r\n", "1\r\nab", "1\r\na\n", "1\r\na\rx", "1\r\na\r\n\r\n", "5;a\n", "5;a\u0000\r\n",
			"5;a=\"\r\n\"\r\n", "5;a=\"\n\"\r\n", "5;a\u007f\r\n", "5;a\rb", "5,a\r\n", "5;a=\"b\\\"\r\n",
			"5;\u00e9\r\n", "5;a,b\r\n", "5;a=\"b\r\n", "0\r\nno-colon\r\n\r\n", "0\r\n folded\r\n\r\n",
			"0\r\nA: b\n\r\n", "0\r\n\n", "0\n\n", "0\r\nA : b\r\n\r\n" })
	void brokenFramingIsRefusedAndNothingLeaks(String octets) {
		assertRefused(() -> feed(octets));
		this.decoder = chunked();
		assertRefused(() -> {
			for (char octet : octets.toCharArray()) {
				feed(Character.toString(octet));
			}
		});
	}

	private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
		assertThatExceptionOfType(ProxyException.class).isThrownBy(call)
			.satisfies((error) -> assertThat(error.type()).isIn(ErrorType.INVALID_BODY, ErrorType.INVALID_HTTP_HEADER));
	}

	@Test
	void brokenEndBehindOctetsOfTheBodyDoesNotLeakThem() {
		ByteBuf in = Heads.buffer("5\r\nhelloXX");
		assertThatExceptionOfType(ProxyException.class).isThrownBy(() -> this.decoder.next(in));
		assertThat(in.refCnt()).isEqualTo(1);
		in.release();
	}

	@Test
	void extensionsAreBounded() throws ProxyException {
		feed("1;" + "a".repeat(1023) + "\r\nx\r\n");
		assertThat(this.body).hasToString("x");
		assertRefused(() -> feed("1;" + "a".repeat(1024) + "\r\nx\r\n"));
	}

	// 16 KiB, and 16 octets for each octet of content.
	@Test
	void extensionsOfAllChunksAreBounded() throws ProxyException {
		String longest = "1;" + "a".repeat(1023) + "\r\nx\r\n";
		feed(longest.repeat(16));
		feed("1;" + "a".repeat(255) + "\r\nx\r\n");
		assertRefused(() -> feed("1;" + "a".repeat(16)));
		this.decoder.start(framing("Transfer-Encoding: chunked\r\n")); // has its own
		feed(longest.repeat(16));
		assertRefused(() -> feed("1;" + "a".repeat(256)));
		this.decoder = chunked();
		feed(longest.repeat(16) + "f0\r\n" + "x".repeat(240) + "\r\n");
		feed(longest.repeat(4));
		assertRefused(() -> feed(longest));
	}

	// A size is earned when that many octets have come, and then the next line counts.
	@Test
	void sizeThatIsOnlySaidAllowsNoExtension() throws ProxyException {
		feed(("1;" + "a".repeat(1023) + "\r\nx\r\n").repeat(16));
		assertRefused(() -> feed("fffffffffffffff;" + "a".repeat(1000)));
	}

	@Test
	void trailersAreBounded() throws ProxyException {
		HeadLimits limits = new HeadLimits(100, 2);
		this.decoder = decoder(ErrorSource.UPSTREAM, "Transfer-Encoding: chunked\r\n", limits);
		feed("0\r\nA: b\r\nC: d\r\n\r\n");
		assertThat(this.decoder.isDone()).isTrue();
		for (String trailers : List.of("A: b\r\nC: d\r\nE: f\r\n\r\n", "A: " + "b".repeat(100), "a".repeat(101))) {
			this.decoder = decoder(ErrorSource.UPSTREAM, "Transfer-Encoding: chunked\r\n", limits);
			assertThatExceptionOfType(ProxyException.class).isThrownBy(() -> feed("0\r\n" + trailers))
				.satisfies((error) -> assertThat(error.type()).isEqualTo(ErrorType.HEADER_TOO_LARGE));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "x\r\n", "0\r\nno-colon\r\n" })
	void brokenBodyIsBlamedOnTheSideThatSentIt(String octets) {
		for (ErrorSource source : List.of(ErrorSource.UPSTREAM, ErrorSource.DOWNSTREAM)) {
			this.decoder = decoder(source, "Transfer-Encoding: chunked\r\n", Heads.LIMITS);
			assertThatExceptionOfType(ProxyException.class).isThrownBy(() -> feed(octets))
				.satisfies((error) -> assertThat(error.source()).isEqualTo(source));
		}
	}

	@Test
	void lengthEndsTheBody() throws ProxyException {
		this.decoder = decoder("Content-Length: 5\r\n");
		assertThat(feed("he")).isZero();
		assertThat(this.decoder.isDone()).isFalse();
		assertThat(feed("lloGET")).isEqualTo(3);
		assertThat(this.decoder.isDone()).isTrue();
		assertThat(this.body).hasToString("hello");
	}

	@Test
	void lengthOfZeroIsDoneAtOnce() {
		this.decoder = decoder("Content-Length: 0\r\n");
		assertThat(this.decoder.isDone()).isTrue();
	}

	@Test
	void bodyWithoutLengthGoesOnUntilTheConnectionCloses() throws ProxyException {
		this.decoder = decoder("");
		assertThat(this.decoder.isUntilClose()).isTrue();
		assertThat(feed("0\r\n\r\n")).isZero();
		assertThat(feed("more")).isZero();
		assertThat(this.decoder.isDone()).isFalse();
		assertThat(this.body).hasToString("0\r\n\r\nmore");
	}

	@Test
	void octetsAreSlicesOfWhatWasReceived() throws ProxyException {
		this.decoder = decoder("Content-Length: 5\r\n");
		ByteBuf in = Heads.buffer("hello");
		ByteBuf data = this.decoder.next(in);
		assertThat(data).isNotNull();
		assertThat(in.refCnt()).isEqualTo(2);
		in.setByte(0, 'J');
		assertThat(data.toString(StandardCharsets.US_ASCII)).isEqualTo("Jello");
		data.release();
		in.release();
		assertThat(in.refCnt()).isZero();
	}

}
