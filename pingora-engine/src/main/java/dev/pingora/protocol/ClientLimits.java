package dev.pingora.protocol;

import java.time.Duration;

/**
 * How slow a client may be, and how long one of its connections is used. Immutable.
 *
 * @param minBodyRate how many octets of a request body have to come in a second, on
 * average; 0 for any. Only the time counts in which the client is waited for
 * @param minResponseRate how many octets of a response a client has to take in a second,
 * on average; 0 for any
 * @param rateGrace how long a client may stand still before a rate counts
 * @param maxKeepaliveRequests how many requests a connection serves; the response to the
 * last one says {@code Connection: close}. -1 for any number
 */
public record ClientLimits(long minBodyRate, long minResponseRate, Duration rateGrace, int maxKeepaliveRequests) {

	private static final long MOST = 1L << 30;

	private static final ClientLimits DEFAULTS = new ClientLimits(240, 240, Duration.ofSeconds(5), -1);

	/**
	 * Checks the limits.
	 * @throws IllegalArgumentException if one is out of range
	 */
	public ClientLimits {
		requireRate("minBodyRate", minBodyRate);
		requireRate("minResponseRate", minResponseRate);
		if (rateGrace.compareTo(Duration.ofMillis(1)) < 0 || rateGrace.compareTo(Duration.ofHours(1)) > 0) {
			throw new IllegalArgumentException("rateGrace: " + rateGrace + " (expected: 1 ms to 1 h)");
		}
		if (maxKeepaliveRequests < 1 && maxKeepaliveRequests != -1) {
			throw new IllegalArgumentException(
					"maxKeepaliveRequests: " + maxKeepaliveRequests + " (expected: >= 1, or -1 for any number)");
		}
	}

	private static void requireRate(String name, long rate) {
		if (rate < 0 || rate > MOST) {
			throw new IllegalArgumentException(
					name + ": " + rate + " (expected: 1.." + MOST + " octets in a second, or 0 for any)");
		}
	}

	/**
	 * Returns the defaults: 240 octets in a second in both directions, which a client on
	 * the poorest of lines exceeds, after 5 s; any number of requests.
	 * @return the defaults
	 */
	public static ClientLimits defaults() {
		return DEFAULTS;
	}

	/**
	 * Returns these limits with another rate of request bodies.
	 * @param octets the least octets in a second, or 0 for any
	 * @return the limits
	 * @throws IllegalArgumentException if it is out of range
	 */
	public ClientLimits withMinBodyRate(long octets) {
		return new ClientLimits(octets, this.minResponseRate, this.rateGrace, this.maxKeepaliveRequests);
	}

	/**
	 * Returns these limits with another rate of responses.
	 * @param octets the least octets in a second, or 0 for any
	 * @return the limits
	 * @throws IllegalArgumentException if it is out of range
	 */
	public ClientLimits withMinResponseRate(long octets) {
		return new ClientLimits(this.minBodyRate, octets, this.rateGrace, this.maxKeepaliveRequests);
	}

	/**
	 * Returns these limits with another grace.
	 * @param grace how long a client may stand still, 1 ms to 1 h
	 * @return the limits
	 * @throws IllegalArgumentException if it is out of range
	 */
	public ClientLimits withRateGrace(Duration grace) {
		return new ClientLimits(this.minBodyRate, this.minResponseRate, grace, this.maxKeepaliveRequests);
	}

	/**
	 * Returns these limits with another number of requests.
	 * @param requests how many requests a connection serves, or -1 for any number
	 * @return the limits
	 * @throws IllegalArgumentException if it is out of range
	 */
	public ClientLimits withMaxKeepaliveRequests(int requests) {
		return new ClientLimits(this.minBodyRate, this.minResponseRate, this.rateGrace, requests);
	}

}
