package dev.pingora.connector;

import java.time.Duration;

/**
 * How idle connections to peers are kept (Pingora's {@code upstream_keepalive_pool_size};
 * that is a number for each thread, ours one for all event loops together).
 *
 * @param maxIdle how many idle connections are kept at once, to all peers and by all
 * event loops together; beyond it, the one that was not used for the longest time is
 * closed; 0 keeps none
 * @param shareAcrossLoops whether a request whose own event loop has no idle connection
 * to a peer may use one of another event loop
 * @param borrowTimeout how long the other event loop may take to hand it over, until a
 * new connection is made instead; something may hold that loop
 */
public record PoolOptions(int maxIdle, boolean shareAcrossLoops, Duration borrowTimeout) {

	private static final PoolOptions DEFAULTS = new PoolOptions(4096, true, Duration.ofMillis(10));

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if {@code maxIdle} is negative, or
	 * {@code borrowTimeout} out of the range 1 ms to 1 min
	 */
	public PoolOptions {
		if (maxIdle < 0) {
			throw new IllegalArgumentException("maxIdle: " + maxIdle + " (expected: >= 0)");
		}
		if (borrowTimeout.compareTo(Duration.ofMillis(1)) < 0 || borrowTimeout.compareTo(Duration.ofMinutes(1)) > 0) {
			throw new IllegalArgumentException("borrowTimeout: " + borrowTimeout + " (expected: 1 ms..1 min)");
		}
	}

	/**
	 * Returns the defaults: 4096 idle connections, which event loops share, and hand over
	 * within 10 ms.
	 * @return the defaults
	 */
	public static PoolOptions defaults() {
		return DEFAULTS;
	}

}
