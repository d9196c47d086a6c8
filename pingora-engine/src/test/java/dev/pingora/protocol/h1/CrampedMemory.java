package dev.pingora.protocol.h1;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledHeapByteBuf;

/**
 * Makes buffers, but has no memory to make one larger, except those that loops read into.
 */
final class CrampedMemory extends AbstractByteBufAllocator {

	private final List<ByteBuf> made = new CopyOnWriteArrayList<>();

	CrampedMemory() {
		super(false);
	}

	private final class Cramped extends UnpooledHeapByteBuf {

		private Cramped(int capacity, int maxCapacity) {
			super(CrampedMemory.this, capacity, maxCapacity);
		}

		@Override
		public ByteBuf capacity(int newCapacity) {
			throw new OutOfMemoryError("deliberate");
		}

	}

	/** Those that can't grow. */
	List<ByteBuf> made() {
		return this.made;
	}

	@Override
	protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
		ByteBuf buffer = new Cramped(initialCapacity, maxCapacity);
		this.made.add(buffer);
		return buffer;
	}

	@Override
	protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
		return Unpooled.directBuffer(initialCapacity, maxCapacity);
	}

	@Override
	public boolean isDirectBufferPooled() {
		return false;
	}

}
