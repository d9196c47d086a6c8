package dev.pingora.transport;

import java.time.Duration;

/**
 * How the sockets of a side are set up, clients' or backends'. What is zero is left to
 * the system. {@code TCP_NODELAY} is always on. Immutable.
 * <p>
 * What concerns TCP or IP means nothing to a Unix domain socket and is not set on one.
 * What a transport can't do is refused by {@link SocketSupport}, never passed over.
 * <p>
 * Follows Pingora's {@code TcpKeepalive}, {@code PeerOptions} and
 * {@code TcpSocketOptions} (pingora-core/src/protocols/l4/ext.rs, connectors/l4.rs and
 * listeners/l4.rs).
 *
 * @param keepAlive whether TCP asks for signs of life from a peer that is silent
 * @param userTimeout how long sent octets may stay unacknowledged before TCP gives the
 * connection up (RFC 5482), in whole milliseconds
 * @param sendBuffer the system's send buffer of a socket, in octets; Linux doubles it and
 * no longer tunes it by itself
 * @param receiveBuffer the system's receive buffer of a socket, in octets; likewise
 * @param dscp the class of the packets (RFC 2474), 0 to 63
 * @param buffers how much is read and written at once
 */
public record SocketOptions(KeepAlive keepAlive, Duration userTimeout, int sendBuffer, int receiveBuffer, int dscp,
		BufferOptions buffers) {

	private static final int MAX_BUFFER = 1 << 30;

	private static final Duration MAX_USER_TIMEOUT = Duration.ofMillis(Integer.MAX_VALUE);

	private static final SocketOptions DOWNSTREAM = new SocketOptions(KeepAlive.OFF, Duration.ZERO, 0, 0, 0,
			BufferOptions.defaults());

	private static final SocketOptions UPSTREAM = DOWNSTREAM.toBuilder().keepAlive(KeepAlive.ON).build();

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if one is out of range
	 */
	public SocketOptions {
		if (userTimeout.isNegative() || userTimeout.compareTo(MAX_USER_TIMEOUT) > 0) {
			throw new IllegalArgumentException("userTimeout: " + userTimeout + " (expected: 0..24d)");
		}
		requireRange("sendBuffer", sendBuffer, MAX_BUFFER);
		requireRange("receiveBuffer", receiveBuffer, MAX_BUFFER);
		requireRange("dscp", dscp, 63);
	}

	private static void requireRange(String name, int value, int most) {
		if (value < 0 || value > most) {
			throw new IllegalArgumentException(name + ": " + value + " (expected: 0.." + most + ")");
		}
	}

	/**
	 * Returns the defaults towards clients: nothing is set, since the engine's own
	 * timeouts find clients that are gone.
	 * @return the options
	 */
	public static SocketOptions downstream() {
		return DOWNSTREAM;
	}

	/**
	 * Returns the defaults towards backends: keep-alive with the system's times, so that
	 * firewalls don't forget pooled connections.
	 * @return the options
	 */
	public static SocketOptions upstream() {
		return UPSTREAM;
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

		private KeepAlive keepAlive;

		private Duration userTimeout;

		private int sendBuffer;

		private int receiveBuffer;

		private int dscp;

		private BufferOptions buffers;

		private Builder(SocketOptions from) {
			this.keepAlive = from.keepAlive;
			this.userTimeout = from.userTimeout;
			this.sendBuffer = from.sendBuffer;
			this.receiveBuffer = from.receiveBuffer;
			this.dscp = from.dscp;
			this.buffers = from.buffers;
		}

		/**
		 * Sets whether TCP asks for signs of life.
		 * @param keepAlive whether, and how often
		 * @return this
		 */
		public Builder keepAlive(KeepAlive keepAlive) {
			this.keepAlive = keepAlive;
			return this;
		}

		/**
		 * Sets how long sent octets may stay unacknowledged.
		 * @param timeout the timeout; zero leaves it to the system
		 * @return this
		 */
		public Builder userTimeout(Duration timeout) {
			this.userTimeout = timeout;
			return this;
		}

		/**
		 * Sets the system's send buffer.
		 * @param octets its size; zero leaves it to the system
		 * @return this
		 */
		public Builder sendBuffer(int octets) {
			this.sendBuffer = octets;
			return this;
		}

		/**
		 * Sets the system's receive buffer.
		 * @param octets its size; zero leaves it to the system
		 * @return this
		 */
		public Builder receiveBuffer(int octets) {
			this.receiveBuffer = octets;
			return this;
		}

		/**
		 * Sets the class of the packets.
		 * @param dscp the code point, 0 to 63
		 * @return this
		 */
		public Builder dscp(int dscp) {
			this.dscp = dscp;
			return this;
		}

		/**
		 * Sets how much is read and written at once.
		 * @param buffers the sizes
		 * @return this
		 */
		public Builder buffers(BufferOptions buffers) {
			this.buffers = buffers;
			return this;
		}

		/**
		 * Makes the options.
		 * @return the options
		 * @throws IllegalArgumentException if one is out of range
		 */
		public SocketOptions build() {
			return new SocketOptions(this.keepAlive, this.userTimeout, this.sendBuffer, this.receiveBuffer, this.dscp,
					this.buffers);
		}

	}

}
