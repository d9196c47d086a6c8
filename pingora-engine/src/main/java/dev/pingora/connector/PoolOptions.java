package dev.pingora.connector;

/**
 * How idle connections to peers are kept (Pingora's {@code upstream_keepalive_pool_size};
 * that is a number for each thread, ours one for all event loops together).
 *
 * @param maxIdle how many idle connections are kept at once, to all peers and by all
 * event loops together; beyond it, the one that was not used for the longest time is
 * closed; 0 keeps none
 * @param shareAcrossLoops whether a request whose own event loop has no idle connection
 * to a peer may use one of another event loop
 */
public record PoolOptions(int maxIdle, boolean shareAcrossLoops) {

	private static final PoolOptions DEFAULTS = new PoolOptions(4096, true);

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if {@code maxIdle} is negative
	 */
	public PoolOptions {
		if (maxIdle < 0) {
			throw new IllegalArgumentException("maxIdle: " + maxIdle + " (expected: >= 0)");
		}
	}

	/**
	 * Returns the defaults: 4096 idle connections, which event loops share.
	 * @return the defaults
	 */
	public static PoolOptions defaults() {
		return DEFAULTS;
	}

}
