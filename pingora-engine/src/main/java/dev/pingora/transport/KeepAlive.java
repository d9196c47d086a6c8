package dev.pingora.transport;

import java.time.Duration;

/**
 * Whether TCP asks a silent peer for signs of life (RFC 9293 section 3.8.4). The times
 * are in whole seconds; zero leaves one to the system.
 *
 * @param enabled whether it asks
 * @param idle how long the peer must be silent before it is asked
 * @param interval the pause between two questions
 * @param count how many questions without an answer end the connection
 */
public record KeepAlive(boolean enabled, Duration idle, Duration interval, int count) {

	// Linux allows no more.

	private static final Duration MAX_TIME = Duration.ofSeconds(32767);

	private static final int MAX_COUNT = 127;

	/** Nobody is asked. */
	public static final KeepAlive OFF = new KeepAlive(false, Duration.ZERO, Duration.ZERO, 0);

	/** As the system does it by default: on Linux, after two hours. */
	public static final KeepAlive ON = new KeepAlive(true, Duration.ZERO, Duration.ZERO, 0);

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if one is out of range, or is set although nobody
	 * is asked
	 */
	public KeepAlive {
		requireTime("idle", idle);
		requireTime("interval", interval);
		if (count < 0 || count > MAX_COUNT) {
			throw new IllegalArgumentException("count: " + count + " (expected: 0.." + MAX_COUNT + ")");
		}
		if (!enabled && !(idle.isZero() && interval.isZero() && count == 0)) {
			throw new IllegalArgumentException("enabled: false (expected: true, since idle, interval or count is set)");
		}
	}

	private static void requireTime(String name, Duration value) {
		if (value.isNegative() || value.compareTo(MAX_TIME) > 0 || value.getNano() != 0) {
			throw new IllegalArgumentException(
					name + ": " + value + " (expected: whole seconds, 0.." + MAX_TIME.toSeconds() + ")");
		}
	}

	/**
	 * Asks at times of one's own.
	 * @param idle how long the peer must be silent before it is asked
	 * @param interval the pause between two questions
	 * @param count how many questions without an answer end the connection
	 * @return the options
	 * @throws IllegalArgumentException if one is out of range
	 */
	public static KeepAlive of(Duration idle, Duration interval, int count) {
		return new KeepAlive(true, idle, interval, count);
	}

}
