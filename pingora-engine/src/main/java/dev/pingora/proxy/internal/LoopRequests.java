package dev.pingora.proxy.internal;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import dev.pingora.transport.LoopClock;
import dev.pingora.transport.LoopWatch;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one event loop: their numbers, and how many there are. Written by the
 * loop alone, so that the loops of a large machine don't wait for each other's memory;
 * the count is read by all.
 */
final class LoopRequests {

	private static final int BLOCK = 1024;

	private final AtomicLong blocks;

	private final LoopWatch watch;

	private final AtomicInteger active = new AtomicInteger();

	private @Nullable LoopClock clock; // known on the loop only

	private long lastId;

	private long lastIdOfBlock;

	/**
	 * Counts none.
	 * @param blocks the first number of the next block of numbers that a loop takes;
	 * shared by the loops
	 * @param watch the loop's watch
	 */
	LoopRequests(AtomicLong blocks, LoopWatch watch) {
		this.blocks = blocks;
		this.watch = watch;
	}

	LoopWatch watch() {
		return this.watch;
	}

	LoopClock clock() {
		LoopClock clock = this.clock;
		if (clock == null) {
			clock = LoopClock.ofLoop();
			this.clock = clock;
		}
		return clock;
	}

	/**
	 * A request begins.
	 * @return its number, which no other request of the server has
	 */
	long begin() {
		this.active.setRelease(this.active.getPlain() + 1);
		if (this.lastId == this.lastIdOfBlock) {
			this.lastId = this.blocks.getAndAdd(BLOCK);
			this.lastIdOfBlock = this.lastId + BLOCK;
		}
		return ++this.lastId;
	}

	void end() {
		this.active.setRelease(this.active.getPlain() - 1);
	}

	int active() {
		return this.active.getAcquire();
	}

}
