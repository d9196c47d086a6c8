package dev.pingora.proxy.internal;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledDirectByteBuf;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Pieces of bodies have an owner even where there is no memory to copy them to.
 */
class ExhaustedMemoryTests {

	/** Has memory for one buffer. */
	private static final class Exhausted extends AbstractByteBufAllocator {

		private boolean used;

		@Override
		protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
			throw new OutOfMemoryError("deliberate");
		}

		@Override
		protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
			if (this.used) {
				throw new OutOfMemoryError("deliberate");
			}
			this.used = true;
			return new UnpooledDirectByteBuf(this, initialCapacity, maxCapacity);
		}

		@Override
		public boolean isDirectBufferPooled() {
			return false;
		}

	}

	private final ByteBuf piece = new Exhausted().directBuffer(8).writeByte('x');

	/** A body of which a piece is missing must not be sent, not even by a retry. */
	@Test
	void pieceThatCanNotBeHeldIsReleased() {
		HeldBody held = new HeldBody();
		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> held.add(this.piece));
		assertThat(this.piece.refCnt()).isZero();
		assertThat(held.isWhole()).isFalse();
		assertThat(held.isEmpty()).isTrue();
	}

	@Test
	void pieceThatCanNotBeKeptIsReleased() {
		ReplayBuffer replay = new ReplayBuffer(100, true);
		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> replay.keep(this.piece));
		assertThat(this.piece.refCnt()).isZero();
		assertThat(replay.isWhole()).isFalse();
	}

}
