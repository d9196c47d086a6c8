package dev.pingora.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/**
 * A buffer that an event loop uses again and again: most of what is read or written is
 * done with before the next is, and memory that was just used is still in the processor's
 * cache. Whoever takes it owns one reference, as of any buffer; while others hold some,
 * it is not to be had. Owned by one event loop.
 */
public final class LoopBuffer {

	/** Most small messages, whole. */
	static final int READ_CAPACITY = 8 * 1024;

	// A buffer that somebody keeps is given up, but not for each message of a slow
	// client: that would keep a large buffer for each small piece.
	private static final int PATIENCE = 64;

	// Where buffers come back late always (io_uring), this costs next to nothing.
	private static final int MOST_PATIENCE = 64 * 1024;

	private static final LoopBuffers READS = new LoopBuffers();

	private static final LoopBuffers WRITES = new LoopBuffers();

	private @Nullable ByteBuf buffer;

	private int refused;

	private int patience = PATIENCE;

	private LoopBuffer() {
	}

	private static final class LoopBuffers extends FastThreadLocal<LoopBuffer> {

		@Override
		protected LoopBuffer initialValue() {
			return new LoopBuffer();
		}

		@Override
		protected void onRemoval(LoopBuffer buffer) {
			buffer.giveUp();
		}

	}

	/**
	 * Returns the buffer into which the present event loop reads.
	 * @return the buffer
	 */
	static LoopBuffer ofReads() {
		return READS.get();
	}

	/**
	 * Returns the buffer from which the present event loop writes.
	 * @return the buffer
	 */
	public static LoopBuffer ofWrites() {
		return WRITES.get();
	}

	/**
	 * Takes the buffer, if nobody holds it.
	 * @param allocator makes the buffer, the first time
	 * @param capacity how large it is, always the same; it may grow
	 * @return the empty buffer, of which the caller owns a reference, or {@code null}
	 */
	@Nullable ByteBuf takeOrNull(ByteBufAllocator allocator, int capacity) {
		ByteBuf buffer = this.buffer;
		if (buffer != null && buffer.refCnt() != 1 && ++this.refused < this.patience) {
			return null;
		}
		if (buffer != null && buffer.refCnt() == 1 && buffer.capacity() == capacity) {
			this.patience = PATIENCE;
			return buffer.clear().retain();
		}
		this.patience = (this.refused > 0) ? Math.min(2 * this.patience, MOST_PATIENCE) : PATIENCE;
		giveUp();
		this.refused = 0;
		ByteBuf made = allocator.directBuffer(capacity);
		this.buffer = made;
		return made.retain();
	}

	/**
	 * Takes the buffer, or one like it if somebody holds it.
	 * @param allocator makes buffers
	 * @param capacity how large it is, always the same
	 * @return an empty buffer, of which the caller owns a reference
	 */
	public ByteBuf take(ByteBufAllocator allocator, int capacity) {
		ByteBuf buffer = takeOrNull(allocator, capacity);
		return (buffer != null) ? buffer : allocator.directBuffer(capacity);
	}

	private void giveUp() {
		ByteBuf buffer = this.buffer;
		this.buffer = null;
		if (buffer != null) {
			buffer.release();
		}
	}

}
