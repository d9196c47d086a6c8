package dev.pingora.limits;

import java.time.Duration;

/**
 * Bounds of timeouts: within them, a time can be counted in nanoseconds and added to a
 * clock.
 */
public final class Durations {

	/** The longest timeout that can be set. */
	public static final Duration MOST = Duration.ofDays(365);

	private Durations() {
	}

	/**
	 * Checks a timeout.
	 * @param name its name, for the message
	 * @param value the timeout
	 * @throws IllegalArgumentException if it is not positive, or longer than
	 * {@link #MOST}
	 */
	public static void requirePositive(String name, Duration value) {
		if (value.isNegative() || value.isZero() || value.compareTo(MOST) > 0) {
			throw new IllegalArgumentException(name + ": " + value + " (expected: > 0, at most 365 days)");
		}
	}

	/**
	 * Checks a timeout that may be zero.
	 * @param name its name, for the message
	 * @param value the timeout
	 * @throws IllegalArgumentException if it is negative, or longer than {@link #MOST}
	 */
	public static void requireNotNegative(String name, Duration value) {
		if (value.isNegative() || value.compareTo(MOST) > 0) {
			throw new IllegalArgumentException(name + ": " + value + " (expected: >= 0, at most 365 days)");
		}
	}

}
