package dev.pingora.transport;

/**
 * How a listening socket is set up. What is zero is not set. Immutable.
 * <p>
 * Follows Pingora's {@code TcpSocketOptions} and the permissions of its Unix listeners
 * (pingora-core/src/listeners/l4.rs).
 *
 * @param backlog how many clients the system accepts before the server has taken them;
 * Linux cuts it to {@code net.core.somaxconn}
 * @param reusePort whether several processes may listen on the port, among which the
 * system shares out clients; not for Unix domain sockets
 * @param fastOpenQueue how many clients may send with their first packet (RFC 7413)
 * before their address is known to be theirs; not for Unix domain sockets. What such a
 * packet asks for may come twice
 * @param ipv6Only whether the address {@code ::} takes IPv6 clients only; not for Unix
 * domain sockets
 * @param mode who may connect to a Unix domain socket, as the nine bits of its file; 0 is
 * 0666 for one, and the only value for a port
 */
public record AcceptOptions(int backlog, boolean reusePort, int fastOpenQueue, boolean ipv6Only, int mode) {

	private static final AcceptOptions DEFAULTS = new AcceptOptions(4096, false, 0, false, 0);

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if one is out of range
	 */
	public AcceptOptions {
		requireRange("backlog", backlog, 1, 1 << 20);
		requireRange("fastOpenQueue", fastOpenQueue, 0, 1 << 16);
		if (mode < 0 || mode > 0777) {
			throw new IllegalArgumentException("mode: " + Integer.toOctalString(mode) + " (expected: 0..777, octal)");
		}
	}

	private static void requireRange(String name, int value, int least, int most) {
		if (value < least || value > most) {
			throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + ".." + most + ")");
		}
	}

	/**
	 * Returns the defaults: a backlog of 4096, and nothing else.
	 * @return the defaults
	 */
	public static AcceptOptions defaults() {
		return DEFAULTS;
	}

	/**
	 * Changes the backlog.
	 * @param backlog how many clients may wait, 1 to 1,048,576
	 * @return the changed options
	 */
	public AcceptOptions backlog(int backlog) {
		return new AcceptOptions(backlog, this.reusePort, this.fastOpenQueue, this.ipv6Only, this.mode);
	}

	/**
	 * Changes whether several processes may listen on the port.
	 * @param reusePort whether they may
	 * @return the changed options
	 */
	public AcceptOptions reusePort(boolean reusePort) {
		return new AcceptOptions(this.backlog, reusePort, this.fastOpenQueue, this.ipv6Only, this.mode);
	}

	/**
	 * Changes how many clients may send with their first packet.
	 * @param fastOpenQueue how many, 0 to 65,536
	 * @return the changed options
	 */
	public AcceptOptions fastOpenQueue(int fastOpenQueue) {
		return new AcceptOptions(this.backlog, this.reusePort, fastOpenQueue, this.ipv6Only, this.mode);
	}

	/**
	 * Changes whether {@code ::} takes IPv6 clients only.
	 * @param ipv6Only whether it does
	 * @return the changed options
	 */
	public AcceptOptions ipv6Only(boolean ipv6Only) {
		return new AcceptOptions(this.backlog, this.reusePort, this.fastOpenQueue, ipv6Only, this.mode);
	}

	/**
	 * Changes who may connect to a Unix domain socket.
	 * @param mode the nine bits, such as 0660
	 * @return the changed options
	 */
	public AcceptOptions mode(int mode) {
		return new AcceptOptions(this.backlog, this.reusePort, this.fastOpenQueue, this.ipv6Only, mode);
	}

}
