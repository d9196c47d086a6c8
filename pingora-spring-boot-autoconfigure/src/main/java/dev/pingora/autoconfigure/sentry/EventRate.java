package dev.pingora.autoconfigure.sentry;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * Lets a number of events pass in any minute. Not for use by many threads.
 */
final class EventRate {

	static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

	private final int perMinute;

	private final Deque<Long> passed = new ArrayDeque<>();

	EventRate(int perMinute) {
		this.perMinute = perMinute;
	}

	/**
	 * Asks whether an event may pass, and counts it if it may.
	 * @param now nanoseconds of some clock
	 * @return whether it may
	 */
	boolean tryPass(long now) {
		if (untilOpen(now) > 0) {
			return false;
		}
		this.passed.addLast(now);
		return true;
	}

	/**
	 * Returns when the next event may pass.
	 * @param now nanoseconds of the same clock
	 * @return nanoseconds from now, 0 if it may pass at once
	 */
	long untilOpen(long now) {
		Long first = this.passed.peekFirst();
		while (first != null && now - first >= MINUTE) {
			this.passed.removeFirst();
			first = this.passed.peekFirst();
		}
		return (first == null || this.passed.size() < this.perMinute) ? 0 : MINUTE - (now - first);
	}

}
