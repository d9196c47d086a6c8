package dev.pingora.upstream;

import java.time.Duration;

/**
 * How to call a peer (Pingora's {@code PeerOptions}; its timeouts are absent by default,
 * ours are finite).
 *
 * @param connectTimeout how long a connection may take to come about
 * @param readTimeout the longest pause between two reads of a response, its first octet
 * included
 * @param writeTimeout how long a write may make no progress
 * @param idleTimeout how long an unused connection is kept in the pool; zero keeps none
 * @param maxConnections how many connections to the peer there may be at once, all event
 * loops together
 */
public record PeerOptions(Duration connectTimeout, Duration readTimeout, Duration writeTimeout, Duration idleTimeout,
		int maxConnections) {

	private static final PeerOptions DEFAULTS = new PeerOptions(Duration.ofSeconds(1), Duration.ofSeconds(60),
			Duration.ofSeconds(60), Duration.ofSeconds(60), 1024);

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if a timeout is not positive ({@code idleTimeout}
	 * may be zero), or if {@code maxConnections} is below 1
	 */
	public PeerOptions {
		requirePositive("connectTimeout", connectTimeout);
		requirePositive("readTimeout", readTimeout);
		requirePositive("writeTimeout", writeTimeout);
		if (idleTimeout.isNegative()) {
			throw new IllegalArgumentException("idleTimeout: " + idleTimeout + " (expected: >= 0)");
		}
		if (maxConnections < 1) {
			throw new IllegalArgumentException("maxConnections: " + maxConnections + " (expected: >= 1)");
		}
	}

	private static void requirePositive(String name, Duration value) {
		if (value.isNegative() || value.isZero()) {
			throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
		}
	}

	/**
	 * Returns the defaults: 1 s to connect, 60 s for the other timeouts, 1024
	 * connections.
	 * @return the defaults
	 */
	public static PeerOptions defaults() {
		return DEFAULTS;
	}

	/**
	 * Returns a copy with another connect timeout.
	 * @param timeout the timeout, positive
	 * @return the copy
	 */
	public PeerOptions withConnectTimeout(Duration timeout) {
		return new PeerOptions(timeout, this.readTimeout, this.writeTimeout, this.idleTimeout, this.maxConnections);
	}

	/**
	 * Returns a copy with another read timeout.
	 * @param timeout the timeout, positive
	 * @return the copy
	 */
	public PeerOptions withReadTimeout(Duration timeout) {
		return new PeerOptions(this.connectTimeout, timeout, this.writeTimeout, this.idleTimeout, this.maxConnections);
	}

	/**
	 * Returns a copy with another write timeout.
	 * @param timeout the timeout, positive
	 * @return the copy
	 */
	public PeerOptions withWriteTimeout(Duration timeout) {
		return new PeerOptions(this.connectTimeout, this.readTimeout, timeout, this.idleTimeout, this.maxConnections);
	}

	/**
	 * Returns a copy with another idle timeout.
	 * @param timeout the timeout; zero switches pooling off
	 * @return the copy
	 */
	public PeerOptions withIdleTimeout(Duration timeout) {
		return new PeerOptions(this.connectTimeout, this.readTimeout, this.writeTimeout, timeout, this.maxConnections);
	}

	/**
	 * Returns a copy with another connection limit.
	 * @param limit the limit, at least 1
	 * @return the copy
	 */
	public PeerOptions withMaxConnections(int limit) {
		return new PeerOptions(this.connectTimeout, this.readTimeout, this.writeTimeout, this.idleTimeout, limit);
	}

}
