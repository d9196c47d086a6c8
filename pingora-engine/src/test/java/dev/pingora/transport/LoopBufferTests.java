package dev.pingora.transport;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import dev.pingora.testkit.EngineExtension;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LoopBuffer}, on a real event loop, at whose end it must be released.
 */
@ExtendWith(EngineExtension.class)
class LoopBufferTests {

	private static final int CAPACITY = 128;

	private final EventLoops loops = EventLoops.start(Transport.NIO, 1);

	@AfterEach
	void close() {
		this.loops.close();
	}

	private <T> T onLoop(Callable<T> call) throws Exception {
		return this.loops.loops().get(0).submit(call).get(10, TimeUnit.SECONDS);
	}

	private static ByteBuf take() {
		return LoopBuffer.ofWrites().take(ByteBufAllocator.DEFAULT, CAPACITY);
	}

	@Test
	void bufferThatWasGivenBackIsTakenAgainEmpty() throws Exception {
		assertThat(onLoop(() -> {
			ByteBuf first = take().writeLong(1);
			first.release();
			ByteBuf second = take();
			boolean same = second == first && second.readableBytes() == 0 && second.writableBytes() == CAPACITY;
			second.release();
			return same;
		})).isTrue();
	}

	@Test
	void bufferOfWhichAPieceIsKeptIsLeftAlone() throws Exception {
		assertThat(onLoop(() -> {
			ByteBuf first = take().writeInt(7);
			ByteBuf kept = first.readRetainedSlice(4);
			first.release();
			ByteBuf second = take().writeInt(8);
			int seen = kept.getInt(0);
			second.release();
			kept.release();
			return seen;
		})).isEqualTo(7);
	}

	@Test
	void bufferThatIsKeptForLongIsReplaced() throws Exception {
		assertThat(onLoop(() -> {
			ByteBuf kept = take();
			int refused = 0;
			ByteBuf next = null;
			while (next == null && refused < 1000) {
				next = LoopBuffer.ofWrites().takeOrNull(ByteBufAllocator.DEFAULT, CAPACITY);
				refused += (next == null) ? 1 : 0;
			}
			kept.release();
			if (next != null) {
				next.release();
			}
			boolean replaced = kept.refCnt() == 0;
			return replaced && refused > 10 && refused < 1000;
		})).isTrue();
	}

	@Test
	void bufferThatHasGrownIsNotKept() throws Exception {
		assertThat(onLoop(() -> {
			ByteBuf grown = take().writeZero(10 * CAPACITY);
			grown.release();
			ByteBuf next = take();
			int capacity = next.capacity();
			next.release();
			return capacity;
		})).isEqualTo(CAPACITY);
	}

}
