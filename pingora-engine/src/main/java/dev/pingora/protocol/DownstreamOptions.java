package dev.pingora.protocol;

import java.time.Duration;
import java.util.Objects;

import dev.pingora.limits.Durations;
import dev.pingora.forwarding.ForwardedOptions;

/**
 * What is allowed to clients. Immutable; made by {@link #builder()}.
 *
 * @param headerTimeout how long a whole request head may take, from its first octet (on a
 * new connection: from its start)
 * @param readTimeout the longest pause between two reads of a request body
 * @param writeTimeout how long a write may make no progress
 * @param idleTimeout how long a connection may wait for its next request
 * @param maxHeaderSize the largest head, start line included, in octets
 * @param maxHeaderCount the most header fields, and the most trailer fields
 * @param maxBodySize the largest request body in octets, or -1 for any
 * @param resetTimeout how long a connection that is to be reset may take to deliver what
 * it sent before: responses to earlier, pipelined requests
 * @param forwarded what becomes of the fields in which proxies tell of the client
 * @param limits how slow a client may be, and how long a connection is used
 * @param upgrade to which protocols connections may be upgraded
 */
public record DownstreamOptions(Duration headerTimeout, Duration readTimeout, Duration writeTimeout,
		Duration idleTimeout, int maxHeaderSize, int maxHeaderCount, long maxBodySize, Duration resetTimeout,
		ForwardedOptions forwarded, ClientLimits limits, UpgradeOptions upgrade) {

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if one is out of range
	 */
	public DownstreamOptions {
		Durations.requirePositive("headerTimeout", headerTimeout);
		Durations.requirePositive("readTimeout", readTimeout);
		Durations.requirePositive("writeTimeout", writeTimeout);
		Durations.requirePositive("idleTimeout", idleTimeout);
		Durations.requirePositive("resetTimeout", resetTimeout);
		Objects.requireNonNull(upgrade, "upgrade");
		requireRange("maxHeaderSize", maxHeaderSize, 256, 1024 * 1024);
		requireRange("maxHeaderCount", maxHeaderCount, 1, 10_000);
		if (maxBodySize < -1) {
			throw new IllegalArgumentException("maxBodySize: " + maxBodySize + " (expected: >= 0, or -1 for any)");
		}
	}

	private static void requireRange(String name, int value, int least, int most) {
		if (value < least || value > most) {
			throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + ".." + most + ")");
		}
	}

	/**
	 * Returns the defaults: 10 s for a head, 60 s for the other timeouts, 64 KiB and 200
	 * fields for a head, bodies of any size, 2 s for a reset, and those of
	 * {@link ForwardedOptions}, {@link ClientLimits} and {@link UpgradeOptions}.
	 * @return the defaults
	 */
	public static DownstreamOptions defaults() {
		return builder().build();
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

		private Duration headerTimeout = Duration.ofSeconds(10);

		private Duration readTimeout = Duration.ofSeconds(60);

		private Duration writeTimeout = Duration.ofSeconds(60);

		private Duration idleTimeout = Duration.ofSeconds(60);

		private int maxHeaderSize = 64 * 1024;

		private int maxHeaderCount = 200;

		private long maxBodySize = -1;

		private Duration resetTimeout = Duration.ofSeconds(2);

		private ForwardedOptions forwarded = ForwardedOptions.defaults();

		private ClientLimits limits = ClientLimits.defaults();

		private UpgradeOptions upgrade = UpgradeOptions.defaults();

		private Builder() {
		}

		/**
		 * Sets how long a whole request head may take.
		 * @param timeout the timeout, positive
		 * @return this
		 */
		public Builder headerTimeout(Duration timeout) {
			this.headerTimeout = timeout;
			return this;
		}

		/**
		 * Sets the longest pause between two reads of a request body.
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
		 * Sets how long a connection may wait for its next request.
		 * @param timeout the timeout, positive
		 * @return this
		 */
		public Builder idleTimeout(Duration timeout) {
			this.idleTimeout = timeout;
			return this;
		}

		/**
		 * Sets the largest head, start line included.
		 * @param octets the number of octets, 256 to 1 MiB
		 * @return this
		 */
		public Builder maxHeaderSize(int octets) {
			this.maxHeaderSize = octets;
			return this;
		}

		/**
		 * Sets the most header fields, and the most trailer fields.
		 * @param fields the number of fields, 1 to 10,000
		 * @return this
		 */
		public Builder maxHeaderCount(int fields) {
			this.maxHeaderCount = fields;
			return this;
		}

		/**
		 * Sets the largest request body.
		 * @param octets the number of octets, or -1 for any
		 * @return this
		 */
		public Builder maxBodySize(long octets) {
			this.maxBodySize = octets;
			return this;
		}

		/**
		 * Sets how long a connection that is to be reset may take to deliver what it sent
		 * before.
		 * @param timeout the timeout, positive
		 * @return this
		 */
		public Builder resetTimeout(Duration timeout) {
			this.resetTimeout = timeout;
			return this;
		}

		/**
		 * Sets what becomes of the fields in which proxies tell of the client.
		 * @param options the options
		 * @return this
		 */
		public Builder forwarded(ForwardedOptions options) {
			this.forwarded = options;
			return this;
		}

		/**
		 * Sets how slow a client may be, and how long a connection is used.
		 * @param limits the limits
		 * @return this
		 */
		public Builder limits(ClientLimits limits) {
			this.limits = limits;
			return this;
		}

		/**
		 * Sets to which protocols connections may be upgraded.
		 * @param options the options
		 * @return this
		 */
		public Builder upgrade(UpgradeOptions options) {
			this.upgrade = options;
			return this;
		}

		/**
		 * Makes the options.
		 * @return the options
		 * @throws IllegalArgumentException if one is out of range
		 */
		public DownstreamOptions build() {
			return new DownstreamOptions(this.headerTimeout, this.readTimeout, this.writeTimeout, this.idleTimeout,
					this.maxHeaderSize, this.maxHeaderCount, this.maxBodySize, this.resetTimeout, this.forwarded,
					this.limits, this.upgrade);
		}

	}

}
