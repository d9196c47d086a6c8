package dev.pingora.server;

/**
 * Where the server accepts clients. Immutable.
 *
 * @param name the listener's name, for logs, meters and {@link ProxyServer#port}
 * @param address the address to bind, such as {@code 0.0.0.0} or {@code 127.0.0.1}
 * @param port the port, or 0 for one that the system chooses
 * @param maxConnections how many connections there may be at once; further clients wait
 * in the system's backlog
 */
public record ListenerOptions(String name, String address, int port, int maxConnections) {

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
		if (maxConnections < 1) {
			throw new IllegalArgumentException("maxConnections: " + maxConnections + " (expected: >= 1)");
		}
	}

	/**
	 * A listener with the default limit of 100,000 connections.
	 * @param name the listener's name
	 * @param address the address to bind
	 * @param port the port, or 0 for one that the system chooses
	 * @return the options
	 */
	public static ListenerOptions of(String name, String address, int port) {
		return new ListenerOptions(name, address, port, 100_000);
	}

}
