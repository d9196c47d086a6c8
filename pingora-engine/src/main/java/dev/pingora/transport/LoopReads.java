package dev.pingora.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads what is small into the {@link LoopBuffer}, and what is large into buffers of
 * their own, as large as another allocator says. Used by all event loops.
 */
final class LoopReads implements RecvByteBufAllocator {

	private final RecvByteBufAllocator sizes;

	LoopReads(RecvByteBufAllocator sizes) {
		this.sizes = sizes;
	}

	@Override
	@SuppressWarnings("deprecation") // the interface has no other method
	public Handle newHandle() {
		return new LoopHandle(this.sizes);
	}

	/**
	 * Keeps the books of one channel. Owned by its event loop.
	 */
	private static final class LoopHandle extends DelegatingHandle implements ExtendedHandle {

		private @Nullable LoopBuffer buffer;

		LoopHandle(RecvByteBufAllocator sizes) {
			super(sizes.newHandle());
		}

		@Override
		public ByteBuf allocate(ByteBufAllocator allocator) {
			if (guess() > LoopBuffer.READ_CAPACITY) {
				return delegate().allocate(allocator);
			}
			LoopBuffer buffer = this.buffer;
			if (buffer == null) {
				buffer = LoopBuffer.ofReads();
				this.buffer = buffer;
			}
			ByteBuf free = buffer.takeOrNull(allocator, LoopBuffer.READ_CAPACITY);
			return (free != null) ? free : delegate().allocate(allocator);
		}

		@Override
		public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
			return ((ExtendedHandle) delegate()).continueReading(maybeMore);
		}

	}

}
