package dev.pingora.server;

import java.time.Duration;

import dev.pingora.limits.Durations;

/**
 * How often an attempt to call a peer may be repeated (Pingora's {@code max_retries} is
 * 16).
 *
 * @param max how many attempts may follow a request's first one, 0 to 16
 * @param budget no attempt starts when the request has been here for so long
 * @param maxReplaySize how many octets of a request's body are kept to be sent again; a
 * longer body that has begun to go out is not retried
 */
public record RetryOptions(int max, Duration budget, int maxReplaySize) {

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if one is out of range
	 */
	public RetryOptions {
		if (max < 0 || max > 16) {
			throw new IllegalArgumentException("retries max: " + max + " (expected: 0..16)");
		}
		Durations.requireNotNegative("retries budget", budget);
		if (maxReplaySize < 0 || maxReplaySize > 16 * 1024 * 1024) {
			throw new IllegalArgumentException("maxReplaySize: " + maxReplaySize + " (expected: 0..16777216)");
		}
	}

	/**
	 * Returns the defaults: 3 retries within 10 s, 64 KiB of body.
	 * @return the defaults
	 */
	public static RetryOptions defaults() {
		return new RetryOptions(3, Duration.ofSeconds(10), 64 * 1024);
	}

}
