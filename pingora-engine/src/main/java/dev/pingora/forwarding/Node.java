package dev.pingora.forwarding;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;

import dev.pingora.http.Ascii;
import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

/**
 * A hop as it is written: RFC 7239 section 6, and what is usual in
 * {@code X-Forwarded-For}. No name is ever looked up.
 */
final class Node {

	/** A hop that does not tell its address: {@code unknown}, or an obfuscated one. */
	static final InetSocketAddress UNKNOWN = InetSocketAddress.createUnresolved("unknown", 0);

	private static final int LONGEST_ADDRESS = 45; // eight groups, the last as IPv4

	private Node() {
	}

	/**
	 * Reads a hop.
	 * @param text such as {@code 192.0.2.7}, {@code 192.0.2.7:80}, {@code [::1]:80},
	 * {@code unknown}, {@code _hidden}
	 * @param bare whether an IPv6 address may stand without brackets
	 * @return the hop's address, with port 0 if it has none; {@link #UNKNOWN}; or
	 * {@code null} if it is malformed
	 */
	static @Nullable InetSocketAddress parse(String text, boolean bare) {
		int closing = text.startsWith("[") ? text.indexOf(']') : -1;
		if (closing >= 0) {
			InetAddress address = address(text.substring(1, closing));
			boolean isV6 = text.substring(1, closing).indexOf(':') >= 0;
			return isV6 ? withPort(address, text.substring(closing + 1)) : null;
		}
		int colon = text.indexOf(':');
		if (colon >= 0 && text.indexOf(':', colon + 1) >= 0) {
			return bare ? withPort(address(text), "") : null;
		}
		String name = (colon >= 0) ? text.substring(0, colon) : text;
		String port = (colon >= 0) ? text.substring(colon) : "";
		if (name.equalsIgnoreCase(UNKNOWN.getHostString()) || isObfuscated(name)) {
			return isPort(port) ? UNKNOWN : null;
		}
		return withPort(address(name), port);
	}

	private static @Nullable InetSocketAddress withPort(@Nullable InetAddress address, String port) {
		if (address == null || !isPort(port)) {
			return null;
		}
		return new InetSocketAddress(address, Math.max(0, number(port.substring(Math.min(1, port.length())), 65535)));
	}

	private static boolean isPort(String text) {
		return text.isEmpty()
				|| (text.startsWith(":") && (number(text.substring(1), 65535) >= 0 || isObfuscated(text.substring(1))));
	}

	// RFC 7239 section 6.3
	private static boolean isObfuscated(String text) {
		return text.length() > 1 && text.charAt(0) == '_'
				&& text.chars().allMatch((c) -> isAlphanumeric(c) || c == '.' || c == '_' || c == '-');
	}

	static boolean isAlphanumeric(int c) {
		return isDigit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z' && c < 0x80);
	}

	static boolean isDigit(int c) {
		return c >= '0' && c <= '9';
	}

	/**
	 * Reads a number.
	 * @param text digits
	 * @param most the most that it may be, at most 65535
	 * @return the number, or -1 if it is none, or too large
	 */
	static int number(String text, int most) {
		if (text.isEmpty() || text.length() > 5) {
			return -1;
		}
		int number = 0;
		for (int i = 0; i < text.length(); i++) {
			if (!isDigit(text.charAt(i))) {
				return -1;
			}
			number = number * 10 + text.charAt(i) - '0';
		}
		return (number <= most) ? number : -1;
	}

	/**
	 * Reads an IP address in its usual form, without brackets, zone, or leading zeros in
	 * IPv4, which some read as octal.
	 * @param text the text
	 * @return the address, an IPv4 one if it is IPv4-mapped; {@code null} if it is none
	 */
	static @Nullable InetAddress address(String text) {
		int length = text.length();
		if (length < 2 || length > LONGEST_ADDRESS) {
			return null;
		}
		for (int i = 0; i < length; i++) {
			char c = text.charAt(i);
			if (!isDigit(c) && c != '.' && c != ':' && !((c | 0x20) >= 'a' && (c | 0x20) <= 'f')) {
				return null;
			}
		}
		byte[] octets = hasLeadingZero(text) ? null : NetUtil.createByteArrayFromIpAddressString(text);
		return (octets != null) ? ofOctets(octets) : null;
	}

	// In what is written as IPv4: all of it, or the end of an IPv6 address.
	private static boolean hasLeadingZero(String text) {
		int start = text.lastIndexOf(':') + 1;
		if (text.indexOf('.') < 0) {
			return false;
		}
		for (int i = start; i + 1 < text.length(); i++) {
			if (text.charAt(i) == '0' && isDigit(text.charAt(i + 1)) && (i == start || text.charAt(i - 1) == '.')) {
				return true;
			}
		}
		return false;
	}

	private static InetAddress ofOctets(byte[] octets) {
		try {
			return InetAddress.getByAddress(octets); // unmaps
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException("address of " + octets.length + " octets", ex);
		}
	}

	/**
	 * Makes an IPv4 address of an IPv4-mapped one, which a socket for both may show (RFC
	 * 4291 section 2.5.5.2).
	 * @param address any resolved address
	 * @return the same, or the IPv4 address
	 */
	static InetSocketAddress unmapped(InetSocketAddress address) {
		if (address.getAddress() instanceof Inet6Address v6) {
			InetAddress plain = ofOctets(v6.getAddress());
			return (plain instanceof Inet6Address) ? address : new InetSocketAddress(plain, address.getPort());
		}
		return address;
	}

	/**
	 * Writes an address as it stands in {@code X-Forwarded-For}: without port, IPv6
	 * without brackets and zone.
	 * @param address any address
	 * @return the text
	 */
	static String plain(@Nullable SocketAddress address) {
		if (address instanceof InetSocketAddress inet && !inet.isUnresolved()) {
			return NetUtil.toAddressString(unmapped(inet).getAddress());
		}
		return UNKNOWN.getHostString();
	}

	/**
	 * Writes an address as the value of a parameter of {@code Forwarded}: quoted, since
	 * colon and brackets are not allowed in tokens (RFC 7239 section 6).
	 * @param address any address
	 * @return the value
	 */
	static String quoted(@Nullable SocketAddress address) {
		if (address instanceof InetSocketAddress inet && !inet.isUnresolved()) {
			String plain = plain(inet);
			String host = (plain.indexOf(':') >= 0) ? "[" + plain + "]" : plain;
			return "\"" + host + ":" + inet.getPort() + "\"";
		}
		return UNKNOWN.getHostString();
	}

	/**
	 * Writes text as the value of a parameter of {@code Forwarded}.
	 * @param text visible characters
	 * @return the text if it is a token, or else a quoted string (RFC 9110 section 5.6.4)
	 */
	static String tokenOrQuoted(String text) {
		if (!text.isEmpty() && text.chars().allMatch((c) -> c < 0x80 && Ascii.isTokenChar(c))) {
			return text;
		}
		return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
	}

}
