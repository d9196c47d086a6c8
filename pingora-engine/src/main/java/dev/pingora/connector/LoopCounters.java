package dev.pingora.connector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;

/**
 * What one event loop has done with the connections to one peer. Written by the loop
 * alone, so that counting is not more than an addition; read by anybody.
 */
final class LoopCounters {

	private static final VarHandle REUSES;

	static {
		try {
			REUSES = MethodHandles.lookup().findVarHandle(LoopCounters.class, "reuses", long.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	// A connection of one's own pays from here on: borrowing costs messages.
	private static final int BORROWS_PER_SECOND = 100;

	private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

	private volatile long connects;

	private volatile long reuses;

	private volatile long lent;

	private long windowBegan;

	private int borrowed;

	void connected() {
		this.connects = this.connects + 1;
	}

	void reused() {
		REUSES.setRelease(this, this.reuses + 1);
	}

	void lent() {
		this.lent = this.lent + 1;
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
		return this.connects;
	}

	long reuses() {
		return this.reuses;
	}

	long borrows() {
		return this.lent;
	}

}
