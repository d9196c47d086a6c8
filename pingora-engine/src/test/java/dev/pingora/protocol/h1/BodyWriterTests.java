package dev.pingora.protocol.h1;

import java.nio.charset.StandardCharsets;

import dev.pingora.error.ProxyException;
import dev.pingora.http.Headers;
import dev.pingora.testkit.EngineExtension;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link BodyWriter}.
 */
@ExtendWith(EngineExtension.class)
class BodyWriterTests {

	private final EmbeddedChannel channel = new EmbeddedChannel();

	private final BodyWriter writer = new BodyWriter(this.channel);

	@AfterEach
	void close() {
		this.channel.finishAndReleaseAll();
	}

	private void start(H1Framing.Body body, long length) {
		start("", body, length);
		this.writer.writeHead();
	}

	private void start(String head, H1Framing.Body body, long length) {
		ByteBuf out = this.channel.alloc().buffer(64, 64);
		out.writeCharSequence(head, StandardCharsets.US_ASCII);
		this.writer.start(out, new H1HeadWriter.Written(body, length), false);
	}

	private int buffers() {
		this.channel.flush();
		return this.channel.outboundMessages().size();
	}

	private @Nullable ProxyException write(String text, boolean end) {
		ByteBuf data = this.channel.alloc().buffer();
		data.writeCharSequence(text, StandardCharsets.US_ASCII);
		return this.writer.write(data, end);
	}

	private String sent() {
		this.channel.flush();
		StringBuilder sent = new StringBuilder();
		for (ByteBuf data = this.channel.readOutbound(); data != null; data = this.channel.readOutbound()) {
			sent.append(data.toString(StandardCharsets.US_ASCII));
			data.release();
		}
		return sent.toString();
	}

	@Test
	void smallPieceGoesOutBehindItsHeadInOneBuffer() {
		start("head ", H1Framing.Body.LENGTH, 5);
		assertThat(write("hello", true)).isNull();
		assertThat(buffers()).isOne();
		assertThat(sent()).isEqualTo("head hello");
		start("head ", H1Framing.Body.CHUNKED, 0);
		assertThat(write("hello", false)).isNull();
		assertThat(buffers()).isOne();
		assertThat(write("!", true)).isNull();
		assertThat(sent()).isEqualTo("head 5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n");
		start("head ", H1Framing.Body.CHUNKED, 0);
		assertThat(write("hello", true)).isNull();
		assertThat(buffers()).isOne();
		assertThat(sent()).isEqualTo("head 5\r\nhello\r\n0\r\n\r\n");
	}

	@Test
	void pieceThatDoesNotFitFollowsItsHead() {
		String piece = "x".repeat(60);
		start("head ", H1Framing.Body.LENGTH, 60);
		assertThat(write(piece, true)).isNull();
		assertThat(buffers()).isEqualTo(2);
		assertThat(sent()).isEqualTo("head " + piece);
		start("head ", H1Framing.Body.CHUNKED, 0);
		assertThat(write(piece, true)).isNull();
		assertThat(sent()).isEqualTo("head 3c\r\n" + piece + "\r\n0\r\n\r\n");
	}

	@Test
	void headThatWaitsIsWrittenOrDropped() {
		start("head", H1Framing.Body.LENGTH, 5);
		assertThat(buffers()).isZero();
		this.writer.writeHead();
		this.writer.writeHead();
		assertThat(sent()).isEqualTo("head");
		start("head", H1Framing.Body.LENGTH, 5);
		this.writer.drop();
		this.writer.writeHead();
		assertThat(buffers()).isZero();
	}

	@Test
	void headIsNotLostBeforeWhatIsWrong() {
		start("head", H1Framing.Body.LENGTH, 1);
		assertThat(write("hello", true)).isNotNull();
		assertThat(sent()).isEqualTo("head");
	}

	@Test
	void chunksAreFramed() {
		start(H1Framing.Body.CHUNKED, 0);
		assertThat(write("hello", false)).isNull();
		assertThat(write("", false)).isNull();
		assertThat(write("0123456789abcdef", true)).isNull();
		assertThat(sent()).isEqualTo("5\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n");
	}

	@Test
	void emptyEndIsTheLastChunk() {
		start(H1Framing.Body.CHUNKED, 0);
		assertThat(write("", true)).isNull();
		assertThat(sent()).isEqualTo("0\r\n\r\n");
	}

	@Test
	void trailersFollowTheLastChunk() {
		start(H1Framing.Body.CHUNKED, 0);
		write("x", false);
		assertThat(this.writer.writeTrailers(Headers.create().add("A", "b"), new H1HeadWriter())).isNull();
		assertThat(sent()).isEqualTo("1\r\nx\r\n0\r\nA: b\r\n\r\n");
	}

	@Test
	void trailersAreLeftOutWhereThereAreNoChunks() {
		start(H1Framing.Body.LENGTH, 1);
		write("x", false);
		assertThat(this.writer.writeTrailers(Headers.create().add("A", "b"), new H1HeadWriter())).isNull();
		assertThat(sent()).isEqualTo("x");
	}

	@Test
	void trailersBehindTooShortABodyAreAnError() {
		start(H1Framing.Body.LENGTH, 2);
		write("x", false);
		assertThat(this.writer.writeTrailers(Headers.create(), new H1HeadWriter())).isNotNull();
		assertThat(sent()).isEqualTo("x");
	}

	@Test
	void bodyOfItsLengthIsSent() {
		start(H1Framing.Body.LENGTH, 5);
		assertThat(write("he", false)).isNull();
		assertThat(write("llo", false)).isNull();
		assertThat(write("", true)).isNull();
		assertThat(sent()).isEqualTo("hello");
	}

	@Test
	void octetsBeyondTheLengthAreNotSent() {
		start(H1Framing.Body.LENGTH, 5);
		assertThat(write("hello", false)).isNull();
		assertThat(write("!", true)).isNotNull()
			.hasMessageContaining("longer than its Content-Length")
			.satisfies((error) -> assertThat(error.status()).isEqualTo(500));
		assertThat(sent()).isEqualTo("hello");
	}

	@Test
	void bodyThatEndsTooEarlyIsAnError() {
		start(H1Framing.Body.LENGTH, 5);
		assertThat(write("hell", true)).isNotNull().hasMessageContaining("shorter than its Content-Length");
		assertThat(sent()).isEqualTo("hell");
	}

	@Test
	void bodyWhereThereIsNoneIsAnError() {
		start(H1Framing.Body.NONE, 0);
		assertThat(write("x", false)).isNotNull();
		assertThat(write("", true)).isNull();
		assertThat(sent()).isEmpty();
	}

	@Test
	void bodyUntilCloseGoesAsItIs() {
		start(H1Framing.Body.UNTIL_CLOSE, 0);
		assertThat(write("5\r\n", false)).isNull();
		assertThat(write("", true)).isNull();
		assertThat(sent()).isEqualTo("5\r\n");
	}

	/** Has no memory left. */
	private static final class Exhausted extends AbstractByteBufAllocator {

		@Override
		protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
			throw new OutOfMemoryError("deliberate");
		}

		@Override
		protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
			throw new OutOfMemoryError("deliberate");
		}

		@Override
		public boolean isDirectBufferPooled() {
			return false;
		}

	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void pieceIsReleasedWhereThereIsNoMemoryForItsHead(boolean end) {
		start(H1Framing.Body.CHUNKED, 0);
		ByteBuf data = this.channel.alloc().buffer().writeByte('x');
		this.channel.config().setAllocator(new Exhausted());
		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> this.writer.write(data, end));
		assertThat(data.refCnt()).isZero();
		assertThat(sent()).isEmpty();
	}

}
