package dev.pingora.server;

import dev.pingora.transport.AcceptOptions;
import dev.pingora.transport.SocketOptions;
import dev.pingora.transport.UnixAddress;

/**
 * Where the server accepts clients. Immutable.
 *
 * @param name the listener's name, for logs, meters and {@link ProxyServer#port}
 * @param address the address to bind, such as {@code 0.0.0.0} or {@code 127.0.0.1}, or
 * {@code unix:} and the absolute path of a Unix domain socket
 * @param port the port, or 0 for one that the system chooses; 0 for a Unix domain socket
 * @param maxConnections how many connections there may be at once; further clients wait
 * in the system's backlog
 * @param limits how many of them one client may have
 * @param socket how clients' sockets are set up
 * @param accept how the listening socket is set up
 */
public record ListenerOptions(String name, String address, int port, int maxConnections, ConnectionLimits limits,
		SocketOptions socket, AcceptOptions accept) {

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if one is out of range
	 */
	public ListenerOptions {
		if (name.isBlank()) {
			throw new IllegalArgumentException("name: '" + name + "' (expected: not blank)");
		}
		if (port < 0 || port > 65535) {
			throw new IllegalArgumentException("port: " + port + " (expected: 0..65535)");
		}
		if (UnixAddress.is(address) && port != 0) {
			throw new IllegalArgumentException("port: " + port + " (expected: 0, since " + address + " has none)");
		}
		if (UnixAddress.is(address)) {
			UnixAddress.path(address);
		}
		if (maxConnections < 1) {
			throw new IllegalArgumentException("maxConnections: " + maxConnections + " (expected: >= 1)");
		}
	}

	/**
	 * Returns whether clients come by a Unix domain socket.
	 * @return whether they do
	 */
	public boolean isUnix() {
		return UnixAddress.is(this.address);
	}

	/**
	 * A listener at a Unix domain socket, with the defaults.
	 * @param name the listener's name
	 * @param path the socket's absolute path
	 * @return the options
	 */
	public static ListenerOptions unix(String name, String path) {
		return of(name, UnixAddress.PREFIX + path, 0);
	}

	/**
	 * A listener with the defaults: 100,000 connections, of which a client may have as
	 * many as {@link ConnectionLimits#defaults()} says.
	 * @param name the listener's name
	 * @param address the address to bind
	 * @param port the port, or 0 for one that the system chooses
	 * @return the options
	 */
	public static ListenerOptions of(String name, String address, int port) {
		return builder(name, address, port).build();
	}

	/**
	 * Starts with the defaults.
	 * @param name the listener's name
	 * @param address the address to bind
	 * @param port the port, or 0 for one that the system chooses
	 * @return a builder
	 */
	public static Builder builder(String name, String address, int port) {
		return new Builder(name, address, port);
	}

	/**
	 * Makes options.
	 */
	public static final class Builder {

		private final String name;

		private final String address;

		private final int port;

		private int maxConnections = 100_000;

		private ConnectionLimits limits = ConnectionLimits.defaults();

		private SocketOptions socket = SocketOptions.downstream();

		private AcceptOptions accept = AcceptOptions.defaults();

		private Builder(String name, String address, int port) {
			this.name = name;
			this.address = address;
			this.port = port;
		}

		/**
		 * Sets how many connections there may be at once.
		 * @param limit the limit, at least 1
		 * @return this
		 */
		public Builder maxConnections(int limit) {
			this.maxConnections = limit;
			return this;
		}

		/**
		 * Sets how many connections one client may have.
		 * @param limits the limits
		 * @return this
		 */
		public Builder limits(ConnectionLimits limits) {
			this.limits = limits;
			return this;
		}

		/**
		 * Sets how clients' sockets are set up.
		 * @param options the options
		 * @return this
		 */
		public Builder socket(SocketOptions options) {
			this.socket = options;
			return this;
		}

		/**
		 * Sets how the listening socket is set up.
		 * @param options the options
		 * @return this
		 */
		public Builder accept(AcceptOptions options) {
			this.accept = options;
			return this;
		}

		/**
		 * Makes the options.
		 * @return the options
		 * @throws IllegalArgumentException if one is out of range
		 */
		public ListenerOptions build() {
			return new ListenerOptions(this.name, this.address, this.port, this.maxConnections, this.limits,
					this.socket, this.accept);
		}

	}

}
