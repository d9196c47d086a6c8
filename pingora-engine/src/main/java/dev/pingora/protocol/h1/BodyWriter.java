package dev.pingora.protocol.h1;

import java.nio.charset.StandardCharsets;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Writes a body with its framing, and holds it to the length that was declared. Owned by
 * the channel's event loop.
 */
final class BodyWriter {

	private static final ByteBuf CRLF = constant("\r\n");

	private static final ByteBuf LAST_CHUNK = constant("0\r\n\r\n");

	private static final ByteBuf CHUNK_AND_LAST = constant("\r\n0\r\n\r\n");

	private final Channel channel;

	private H1HeadWriter.Written framing = H1HeadWriter.Written.NONE;

	private long left;

	BodyWriter(Channel channel) {
		this.channel = channel;
	}

	private static ByteBuf constant(String text) {
		return Unpooled
			.unreleasableBuffer(Unpooled.directBuffer(8).writeBytes(text.getBytes(StandardCharsets.US_ASCII)))
			.asReadOnly();
	}

	void start(H1HeadWriter.Written framing) {
		this.framing = framing;
		this.left = framing.length();
	}

	/**
	 * Writes a piece.
	 * @param data the octets, of which this method becomes the owner
	 * @param end whether it is the last one
	 * @return what is wrong with the length, or {@code null}
	 */
	@Nullable ProxyException write(ByteBuf data, boolean end) {
		int size = data.readableBytes();
		switch (this.framing.body()) {
			case NONE -> {
				data.release();
				return (size > 0) ? wrongLength(size + " octets of body where there is none") : null;
			}
			case UNTIL_CLOSE -> plain(data);
			case CHUNKED -> chunk(data, end);
			case LENGTH -> {
				this.left -= size;
				if (this.left < 0) {
					data.release();
					return wrongLength("the body is longer than its Content-Length");
				}
				plain(data);
				return (end && this.left > 0) ? wrongLength("the body is shorter than its Content-Length") : null;
			}
		}
		return null;
	}

	private void plain(ByteBuf data) {
		if (data.isReadable()) {
			this.channel.write(data, this.channel.voidPromise());
		}
		else {
			data.release();
		}
	}

	private void chunk(ByteBuf data, boolean end) {
		int size = data.readableBytes();
		if (size == 0) {
			data.release();
			if (end) {
				write(LAST_CHUNK);
			}
			return;
		}
		ByteBuf head = allocate(data);
		head.writeCharSequence(Integer.toHexString(size), StandardCharsets.US_ASCII);
		head.writeByte('\r').writeByte('\n');
		this.channel.write(head, this.channel.voidPromise());
		this.channel.write(data, this.channel.voidPromise());
		write(end ? CHUNK_AND_LAST : CRLF);
	}

	// Direct memory may be exhausted: the piece is still ours then.
	private ByteBuf allocate(ByteBuf data) {
		ByteBuf head = null;
		try {
			head = this.channel.alloc().buffer(10);
			return head;
		}
		finally {
			if (head == null) {
				data.release();
			}
		}
	}

	private void write(ByteBuf constant) {
		this.channel.write(constant.duplicate(), this.channel.voidPromise());
	}

	/**
	 * Writes the end and the trailers, which only chunks can carry.
	 * @param trailers the trailers
	 * @param writer writes them
	 * @return what is wrong with the length, or {@code null}
	 */
	@Nullable ProxyException writeTrailers(Headers trailers, H1HeadWriter writer) {
		if (this.framing.body() != H1Framing.Body.CHUNKED) {
			return write(Unpooled.EMPTY_BUFFER, true);
		}
		TrailerRules.apply(trailers);
		ByteBuf out = this.channel.alloc().buffer(256);
		out.writeByte('0').writeByte('\r').writeByte('\n');
		writer.trailers(out, trailers);
		this.channel.write(out, this.channel.voidPromise());
		return null;
	}

	private static ProxyException wrongLength(String what) {
		return ProxyException.internal(ErrorType.INTERNAL_ERROR, what);
	}

}
