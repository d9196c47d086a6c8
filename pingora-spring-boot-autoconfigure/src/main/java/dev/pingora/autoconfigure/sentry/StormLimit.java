package dev.pingora.autoconfigure.sentry;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Lets ten events pass in ten seconds and counts the others: in a burst, Sentry would
 * drop most of them, and each costs milliseconds. Used by one thread.
 */
final class StormLimit {

	private static final int EVENTS = 10;

	private static final long WINDOW = TimeUnit.SECONDS.toNanos(10);

	private final LongSupplier clock;

	private long windowStart;

	private int passed;

	private long suppressed;

	/**
	 * Makes a limit.
	 * @param clock tells nanoseconds
	 */
	StormLimit(LongSupplier clock) {
		this.clock = clock;
		this.windowStart = clock.getAsLong();
	}

	/**
	 * Asks whether an event may pass.
	 * @return whether it may
	 */
	boolean tryPass() {
		long now = this.clock.getAsLong();
		if (now - this.windowStart >= WINDOW) {
			this.windowStart = now;
			this.passed = 0;
		}
		if (this.passed < EVENTS) {
			this.passed++;
			return true;
		}
		this.suppressed++;
		return false;
	}

	/**
	 * Returns how many events were held back since the last call.
	 * @return the number of events
	 */
	long takeSuppressed() {
		long taken = this.suppressed;
		this.suppressed = 0;
		return taken;
	}

}
