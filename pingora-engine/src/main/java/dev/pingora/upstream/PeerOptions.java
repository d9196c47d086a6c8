package dev.pingora.upstream;

import java.time.Duration;

import dev.pingora.limits.Durations;
import dev.pingora.transport.DialOptions;
import dev.pingora.transport.SocketOptions;

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
 * @param maxIdleConnections how many unused connections to the peer are kept at once, all
 * event loops together; of peers with equal keys the first one decides
 * @param maxHeaderSize the largest head of a response, status line included, in octets;
 * also of all interim responses to a request together, and of trailers
 * @param maxHeaderCount the most header fields of a response, and the most trailer fields
 * @param socket how sockets are set up
 * @param dial how they connect
 */
public record PeerOptions(Duration connectTimeout, Duration readTimeout, Duration writeTimeout, Duration idleTimeout,
		int maxConnections, int maxIdleConnections, int maxHeaderSize, int maxHeaderCount, SocketOptions socket,
		DialOptions dial) {

	private static final PeerOptions DEFAULTS = new PeerOptions(Duration.ofSeconds(1), Duration.ofSeconds(60),
			Duration.ofSeconds(60), Duration.ofSeconds(60), 1024, 1024, 64 * 1024, 200, SocketOptions.upstream(),
			DialOptions.defaults());

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if a timeout is not positive ({@code idleTimeout}
	 * may be zero), if {@code maxConnections} is below 1, if {@code maxIdleConnections}
	 * is negative, or if a head's limit is out of range
	 */
	public PeerOptions {
		Durations.requirePositive("connectTimeout", connectTimeout);
		Durations.requirePositive("readTimeout", readTimeout);
		Durations.requirePositive("writeTimeout", writeTimeout);
		Durations.requireNotNegative("idleTimeout", idleTimeout);
		if (maxConnections < 1) {
			throw new IllegalArgumentException("maxConnections: " + maxConnections + " (expected: >= 1)");
		}
		if (maxIdleConnections < 0) {
			throw new IllegalArgumentException("maxIdleConnections: " + maxIdleConnections + " (expected: >= 0)");
		}
		requireRange("maxHeaderSize", maxHeaderSize, 256, 1024 * 1024);
		requireRange("maxHeaderCount", maxHeaderCount, 1, 10_000);
	}

	private static void requireRange(String name, int value, int least, int most) {
		if (value < least || value > most) {
			throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + ".." + most + ")");
		}
	}

	/**
	 * Returns the defaults: 1 s to connect, 60 s for the other timeouts, 1024
	 * connections, all of which may be idle, 64 KiB and 200 fields for a response's head.
	 * @return the defaults
	 */
	public static PeerOptions defaults() {
		return DEFAULTS;
	}

	/**
	 * Starts with the defaults.
	 * @return a builder
	 */
	public static Builder builder() {
		return DEFAULTS.toBuilder();
	}

	/**
	 * Starts with these options.
	 * @return a builder
	 */
	public Builder toBuilder() {
		return new Builder(this);
	}

	/**
	 * Makes options.
	 */
	public static final class Builder {

		private Duration connectTimeout;

		private Duration readTimeout;

		private Duration writeTimeout;

		private Duration idleTimeout;

		private int maxConnections;

		private int maxIdleConnections;

		private int maxHeaderSize;

		private int maxHeaderCount;

		private SocketOptions socket;

		private DialOptions dial;

		private Builder(PeerOptions from) {
			this.connectTimeout = from.connectTimeout;
			this.readTimeout = from.readTimeout;
			this.writeTimeout = from.writeTimeout;
			this.idleTimeout = from.idleTimeout;
			this.maxConnections = from.maxConnections;
			this.maxIdleConnections = from.maxIdleConnections;
			this.maxHeaderSize = from.maxHeaderSize;
			this.maxHeaderCount = from.maxHeaderCount;
			this.socket = from.socket;
			this.dial = from.dial;
		}

		/**
		 * Sets how long a connection may take to come about.
		 * @param timeout the timeout, positive
		 * @return this
		 */
		public Builder connectTimeout(Duration timeout) {
			this.connectTimeout = timeout;
			return this;
		}

		/**
		 * Sets the longest pause between two reads of a response.
		 * @param timeout the timeout, positive
		 * @return this
		 */
		public Builder readTimeout(Duration timeout) {
			this.readTimeout = timeout;
			return this;
		}

		/**
		 * Sets how long a write may make no progress.
		 * @param timeout the timeout, positive
		 * @return this
		 */
		public Builder writeTimeout(Duration timeout) {
			this.writeTimeout = timeout;
			return this;
		}

		/**
		 * Sets how long an unused connection is kept in the pool.
		 * @param timeout the timeout; zero switches pooling off
		 * @return this
		 */
		public Builder idleTimeout(Duration timeout) {
			this.idleTimeout = timeout;
			return this;
		}

		/**
		 * Sets how many connections to the peer there may be at once.
		 * @param limit the limit, at least 1
		 * @return this
		 */
		public Builder maxConnections(int limit) {
			this.maxConnections = limit;
			return this;
		}

		/**
		 * Sets how many unused connections to the peer are kept at once.
		 * @param limit the limit; 0 keeps none
		 * @return this
		 */
		public Builder maxIdleConnections(int limit) {
			this.maxIdleConnections = limit;
			return this;
		}

		/**
		 * Sets the largest head of a response, status line included.
		 * @param octets the number of octets, 256 to 1 MiB
		 * @return this
		 */
		public Builder maxHeaderSize(int octets) {
			this.maxHeaderSize = octets;
			return this;
		}

		/**
		 * Sets the most header fields of a response, and the most trailer fields.
		 * @param fields the number of fields, 1 to 10,000
		 * @return this
		 */
		public Builder maxHeaderCount(int fields) {
			this.maxHeaderCount = fields;
			return this;
		}

		/**
		 * Sets how sockets are set up.
		 * @param options the options
		 * @return this
		 */
		public Builder socket(SocketOptions options) {
			this.socket = options;
			return this;
		}

		/**
		 * Sets how sockets connect.
		 * @param options the options
		 * @return this
		 */
		public Builder dial(DialOptions options) {
			this.dial = options;
			return this;
		}

		/**
		 * Makes the options.
		 * @return the options
		 * @throws IllegalArgumentException if one is out of range
		 */
		public PeerOptions build() {
			return new PeerOptions(this.connectTimeout, this.readTimeout, this.writeTimeout, this.idleTimeout,
					this.maxConnections, this.maxIdleConnections, this.maxHeaderSize, this.maxHeaderCount, this.socket,
					this.dial);
		}

	}

}
