package dev.pingora.transport;

import java.net.InetAddress;

import io.netty.util.NetUtil;

/**
 * Where connections to backends come from. Immutable.
 *
 * @param address an address of this machine
 * @param firstPort the first of the ports that may be taken, or 0 for the system's range,
 * of which the others must be a part
 * @param lastPort the last of the ports, or 0
 */
public record LocalAddress(InetAddress address, int firstPort, int lastPort) {

	/** What {@link #parse} takes. */
	public static final String SYNTAX = "an address of this machine, such as 10.0.0.9, "
			+ "with ports or without: 10.0.0.9:40000-49999, [fd00::9]:40000-49999";

	/**
	 * Checks the address.
	 * @throws IllegalArgumentException if the ports are not a range of 1..65535
	 */
	public LocalAddress {
		boolean none = firstPort == 0 && lastPort == 0;
		if (!none && (firstPort < 1 || lastPort < firstPort || lastPort > 65535)) {
			throw new IllegalArgumentException(
					"ports: " + firstPort + "-" + lastPort + " (expected: a range of 1..65535)");
		}
	}

	/**
	 * Reads an address.
	 * @param text an IP address, and perhaps a range of ports
	 * @return the address
	 * @throws IllegalArgumentException if it is anything else; names are not looked up
	 */
	public static LocalAddress parse(String text) {
		int bracket = text.indexOf(']');
		int colon = text.indexOf(':', bracket + 1);
		boolean bare = bracket < 0 && colon != text.lastIndexOf(':');
		boolean ports = !bare && colon >= 0 && (bracket < 0 || colon == bracket + 1);
		InetAddress address = NetUtil.createInetAddressFromIpAddressString(ports ? text.substring(0, colon) : text);
		if (address == null) {
			throw new IllegalArgumentException("local address: " + text + " (expected: " + SYNTAX + ")");
		}
		if (!ports) {
			return new LocalAddress(address, 0, 0);
		}
		String range = text.substring(colon + 1);
		if (!range.matches("[0-9]{1,5}-[0-9]{1,5}")) {
			throw new IllegalArgumentException("local address: " + text + " (expected: " + SYNTAX + ")");
		}
		int dash = range.indexOf('-');
		return new LocalAddress(address, Integer.parseInt(range.substring(0, dash)),
				Integer.parseInt(range.substring(dash + 1)));
	}

	boolean hasPorts() {
		return this.firstPort > 0;
	}

	@Override
	public String toString() {
		String host = NetUtil.toAddressString(this.address);
		if (!hasPorts()) {
			return host;
		}
		return ((host.indexOf(':') >= 0) ? "[" + host + "]" : host) + ":" + this.firstPort + "-" + this.lastPort;
	}

}
