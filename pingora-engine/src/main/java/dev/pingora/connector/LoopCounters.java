package dev.pingora.connector;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one event loop has done with the connections to one peer. Written by the loop
 * alone, so that counting is not more than an addition; read by anybody.
 */
final class LoopCounters {

	// A connection of one's own pays from here on: borrowing costs messages.
	private static final int BORROWS_PER_SECOND = 100;

	private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

	private final AtomicLong connects = new AtomicLong();

	private final AtomicLong reuses = new AtomicLong();

	private final AtomicLong lent = new AtomicLong();

	private long windowBegan;

	private int borrowed;

	void connected() {
		increment(this.connects);
	}

	void reused() {
		increment(this.reuses);
	}

	void lent() {
		increment(this.lent);
	}

	// There is one writer: no other can have come in between.
	private static void increment(AtomicLong counter) {
		counter.lazySet(counter.getPlain() + 1);
	}

	/**
	 * Decides whether the loop borrows, rather than making a connection of its own, and
	 * counts it.
	 * @param now the time in nanoseconds
	 * @return whether it has not borrowed too often within a second
	 */
	boolean mayBorrow(long now) {
		if (this.borrowed == BORROWS_PER_SECOND && now - this.windowBegan >= SECOND) {
			this.borrowed = 0;
		}
		if (this.borrowed == 0) {
			this.windowBegan = now;
		}
		if (this.borrowed == BORROWS_PER_SECOND) {
			return false;
		}
		this.borrowed++;
		return true;
	}

	long connects() {
		return this.connects.get();
	}

	long reuses() {
		return this.reuses.get();
	}

	long borrows() {
		return this.lent.get();
	}

}
