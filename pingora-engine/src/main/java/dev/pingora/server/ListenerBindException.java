package dev.pingora.server;

import java.io.Serial;

/**
 * A listener could not be bound: usually another process has the port.
 */
public final class ListenerBindException extends RuntimeException {

	@Serial
	private static final long serialVersionUID = 1L;

	private final String listener;

	private final String address;

	private final int port;

	ListenerBindException(ListenerOptions options, Throwable cause) {
		super("listener " + options.name() + " could not be bound to " + options.address()
				+ (options.isUnix() ? "" : ":" + options.port()) + ": " + cause.getMessage(), cause);
		this.listener = options.name();
		this.address = options.address();
		this.port = options.port();
	}

	/**
	 * Returns the listener's name.
	 * @return the name
	 */
	public String listener() {
		return this.listener;
	}

	/**
	 * Returns the address that was to be bound.
	 * @return the address
	 */
	public String address() {
		return this.address;
	}

	/**
	 * Returns the port that was to be bound.
	 * @return the port, or 0 of a Unix domain socket
	 */
	public int port() {
		return this.port;
	}

}
