package dev.pingora.connector;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * How the names of peers are looked up.
 *
 * @param servers the name servers, asked in this order; empty for the system's
 * @param queryTimeout how long a name server may take, before the next one is asked
 * @param minTtl for how long an answer is used at least, in whole seconds
 * @param maxTtl for how long an answer is used at most, whatever it says
 * @param negativeTtl for how long it is remembered that a name does not exist; 0 does not
 */
public record DnsOptions(List<InetSocketAddress> servers, Duration queryTimeout, Duration minTtl, Duration maxTtl,
		Duration negativeTtl) {

	private static final Duration MOST = Duration.ofDays(7);

	private static final DnsOptions DEFAULTS = new DnsOptions(List.of(), Duration.ofMillis(500), Duration.ZERO,
			Duration.ofHours(1), Duration.ofSeconds(1));

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if a time is out of range: a query may take 1 ms
	 * to 1 min, an answer may be used for 7 days
	 */
	public DnsOptions {
		servers = List.copyOf(servers);
		if (queryTimeout.compareTo(Duration.ofMillis(1)) < 0 || queryTimeout.compareTo(Duration.ofMinutes(1)) > 0) {
			throw new IllegalArgumentException("queryTimeout: " + queryTimeout + " (expected: 1 ms..1 min)");
		}
		requireTtl("minTtl", minTtl);
		requireTtl("maxTtl", maxTtl);
		requireTtl("negativeTtl", negativeTtl);
		if (minTtl.compareTo(maxTtl) > 0) {
			throw new IllegalArgumentException("minTtl: " + minTtl + " (expected: <= maxTtl, which is " + maxTtl + ")");
		}
	}

	private static void requireTtl(String name, Duration value) {
		if (value.isNegative() || value.compareTo(MOST) > 0) {
			throw new IllegalArgumentException(name + ": " + value + " (expected: 0..7 days)");
		}
	}

	/**
	 * Returns the defaults: the system's name servers, 500 ms for each; answers are used
	 * for as long as they say, an hour at most, and failures for a second.
	 * @return the defaults
	 */
	public static DnsOptions defaults() {
		return DEFAULTS;
	}

	/**
	 * Starts with the defaults.
	 * @return a builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Makes options.
	 */
	public static final class Builder {

		private List<InetSocketAddress> servers = DEFAULTS.servers;

		private Duration queryTimeout = DEFAULTS.queryTimeout;

		private Duration minTtl = DEFAULTS.minTtl;

		private Duration maxTtl = DEFAULTS.maxTtl;

		private Duration negativeTtl = DEFAULTS.negativeTtl;

		private Builder() {
		}

		/**
		 * Sets the name servers.
		 * @param servers the servers, asked in this order; none for the system's
		 * @return this
		 */
		public Builder servers(InetSocketAddress... servers) {
			this.servers = List.of(servers);
			return this;
		}

		/**
		 * Sets how long a name server may take.
		 * @param timeout the time, 1 ms to 1 min
		 * @return this
		 */
		public Builder queryTimeout(Duration timeout) {
			this.queryTimeout = timeout;
			return this;
		}

		/**
		 * Sets for how long an answer is used.
		 * @param least the least time
		 * @param most the most time
		 * @return this
		 */
		public Builder ttl(Duration least, Duration most) {
			this.minTtl = least;
			this.maxTtl = most;
			return this;
		}

		/**
		 * Sets for how long it is remembered that a name does not exist.
		 * @param time the time; 0 does not remember it
		 * @return this
		 */
		public Builder negativeTtl(Duration time) {
			this.negativeTtl = time;
			return this;
		}

		/**
		 * Makes the options.
		 * @return the options
		 * @throws IllegalArgumentException if one is out of range
		 */
		public DnsOptions build() {
			return new DnsOptions(this.servers, this.queryTimeout, this.minTtl, this.maxTtl, this.negativeTtl);
		}

	}

}
