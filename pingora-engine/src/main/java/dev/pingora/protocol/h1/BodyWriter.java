package dev.pingora.protocol.h1;

import java.nio.charset.StandardCharsets;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.Headers;
import dev.pingora.transport.Buffers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Writes a message's body behind its head, with its framing, and holds it to the length
 * that was declared. A head waits for the first piece of its body: a small one is copied
 * behind it, and both go out as one buffer in one system call. Reused from message to
 * message; owned by the channel's event loop.
 */
final class BodyWriter {

	private static final ByteBuf CRLF = constant("\r\n");

	private static final ByteBuf LAST_CHUNK = constant("0\r\n\r\n");

	private static final ByteBuf CHUNK_AND_LAST = constant("\r\n0\r\n\r\n");

	/** How large a buffer for a head is: most heads, with a small body behind them. */
	static final int HEAD_CAPACITY = 2048;

	private static final int FRAMING = 16;

	private final Channel channel;

	private @Nullable ByteBuf head; // written, but not to the channel yet

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

	/**
	 * Starts a message.
	 * @param head its head, of which the writer becomes the owner
	 * @param framing how its body's end is told
	 * @param end whether there is no body
	 */
	void start(ByteBuf head, H1HeadWriter.Written framing, boolean end) {
		this.framing = framing;
		this.left = framing.length();
		this.head = head;
		if (end) {
			writeHead();
		}
	}

	/**
	 * Writes the head if it still waits: to be called before a flush.
	 */
	void writeHead() {
		ByteBuf head = this.head;
		if (head != null) {
			this.head = null;
			this.channel.write(head, this.channel.voidPromise());
		}
	}

	/**
	 * Drops the head if it still waits: nothing of the message goes out.
	 */
	void drop() {
		ByteBuf head = this.head;
		if (head != null) {
			this.head = null;
			head.release();
		}
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
				writeHead();
				data.release();
				return (size > 0) ? wrongLength(size + " octets of body where there is none") : null;
			}
			case UNTIL_CLOSE -> plain(data);
			case CHUNKED -> chunk(data, end);
			case LENGTH -> {
				this.left -= size;
				if (this.left < 0) {
					writeHead();
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
		ByteBuf head = this.head;
		if (head != null && head.writableBytes() >= data.readableBytes()) {
			join(head, data);
			writeHead();
			return;
		}
		ByteBuf direct = Buffers.direct(this.channel, data);
		writeHead();
		if (direct.isReadable()) {
			this.channel.write(direct, this.channel.voidPromise());
		}
		else {
			direct.release();
		}
	}

	private static void join(ByteBuf head, ByteBuf data) {
		try {
			head.writeBytes(data);
		}
		finally {
			data.release();
		}
	}

	private void chunk(ByteBuf data, boolean end) {
		int size = data.readableBytes();
		ByteBuf head = this.head;
		if (head != null && size > 0 && head.writableBytes() >= size + FRAMING) {
			chunkHead(head, size);
			join(head, data);
			head.writeBytes(end ? CHUNK_AND_LAST.duplicate() : CRLF.duplicate());
			writeHead();
			return;
		}
		writeHead();
		if (size == 0) {
			data.release();
			if (end) {
				write(LAST_CHUNK);
			}
			return;
		}
		ByteBuf direct = Buffers.direct(this.channel, data);
		ByteBuf chunkHead = allocate(direct);
		chunkHead(chunkHead, size);
		this.channel.write(chunkHead, this.channel.voidPromise());
		this.channel.write(direct, this.channel.voidPromise());
		write(end ? CHUNK_AND_LAST : CRLF);
	}

	private static void chunkHead(ByteBuf out, int size) {
		out.writeCharSequence(Integer.toHexString(size), StandardCharsets.US_ASCII);
		out.writeByte('\r').writeByte('\n');
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
	 * Writes the end and the trailers, which only chunks can carry (RFC 9112 section
	 * 7.1.2): behind any other body they are dropped.
	 * @param trailers the trailers
	 * @param writer writes them
	 * @return what is wrong with the length, or {@code null}
	 */
	@Nullable ProxyException writeTrailers(Headers trailers, H1HeadWriter writer) {
		if (this.framing.body() != H1Framing.Body.CHUNKED) {
			return write(Unpooled.EMPTY_BUFFER, true);
		}
		writeHead();
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
