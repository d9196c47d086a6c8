package dev.pingora.protocol.h1;

import java.util.ArrayDeque;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * What a connection has received and nobody has taken yet. When too much is held, the
 * channel stops reading. Owned by the channel's event loop; owns its buffers.
 */
final class H1Input {

	private static final int MAX_HELD = 64 * 1024;

	// Memory is held by the buffer, however little of it is filled.
	private static final int MAX_PIECES = 256;

	private @Nullable ByteBuf first;

	private @Nullable ArrayDeque<ByteBuf> more; // rarely needed

	private boolean paused;

	void add(ByteBuf data) {
		if (front() == null) {
			this.first = data;
			return;
		}
		if (this.more == null) {
			this.more = new ArrayDeque<>(4);
		}
		this.more.add(data);
	}

	/**
	 * Returns the buffer whose octets come next.
	 * @return a readable buffer, or {@code null} if nothing is held
	 */
	@Nullable ByteBuf front() {
		while (this.first != null && !this.first.isReadable()) {
			this.first.release();
			this.first = (this.more != null) ? this.more.poll() : null;
		}
		return this.first;
	}

	boolean isEmpty() {
		return front() == null;
	}

	/**
	 * Gives back what was taken, and stops or resumes reading as what is held demands.
	 * @param channel the channel
	 */
	void regulate(Channel channel) {
		front(); // gives back what has been read
		int held = held();
		int pieces = (this.more != null) ? this.more.size() : 0;
		if (!this.paused && (held > MAX_HELD || pieces > MAX_PIECES)) {
			this.paused = true;
			channel.config().setAutoRead(false);
		}
		else if (this.paused && held <= MAX_HELD / 2 && pieces <= MAX_PIECES / 2) {
			this.paused = false;
			channel.config().setAutoRead(true);
		}
	}

	private int held() {
		int held = (this.first != null) ? this.first.readableBytes() : 0;
		if (this.more != null) {
			for (ByteBuf data : this.more) {
				held += data.readableBytes();
			}
		}
		return held;
	}

	void release() {
		while (front() != null) {
			ByteBuf data = front();
			if (data != null) {
				data.skipBytes(data.readableBytes());
			}
		}
	}

}
