package dev.pingora.protocol.h1;

/**
 * Checks the authority of a request: its {@code Host}, or what its target says (RFC 9110
 * section 7.2, RFC 3986 section 3.2). More is refused than the grammar refuses: user
 * information, an empty host, commas, and ports that no port can have.
 */
final class H1Authority {

	private H1Authority() {
	}

	/**
	 * Returns whether this is an authority that is served.
	 * @param bytes where it is
	 * @param start its first octet
	 * @param end the octet after its last
	 * @return whether it is
	 */
	static boolean isValid(byte[] bytes, int start, int end) {
		int hostEnd = (start < end && bytes[start] == '[') ? addressEnd(bytes, start, end) : nameEnd(bytes, start, end);
		if (hostEnd <= start) {
			return false;
		}
		return hostEnd == end || (bytes[hostEnd] == ':' && isPort(bytes, hostEnd + 1, end));
	}

	// reg-name: unreserved, pct-encoded, sub-delims. No comma: it would be a list of
	// hosts to some.
	private static int nameEnd(byte[] bytes, int start, int end) {
		int i = start;
		while (i < end && bytes[i] != ':') {
			if (bytes[i] == '%' && isEncoded(bytes, i, end)) {
				i += 3;
			}
			else if (isNameChar(bytes[i])) {
				i++;
			}
			else {
				return start;
			}
		}
		return i;
	}

	private static boolean isNameChar(byte octet) {
		return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') || isDigit(octet)
				|| "-._~!$&'()*+;=".indexOf(octet) >= 0;
	}

	private static boolean isEncoded(byte[] bytes, int at, int end) {
		return at + 2 < end && isHexDigit(bytes[at + 1]) && isHexDigit(bytes[at + 2]);
	}

	// IP-literal: an IPv6 address, perhaps with a zone (RFC 6874)
	private static int addressEnd(byte[] bytes, int start, int end) {
		int colons = 0;
		int i = start + 1;
		while (i < end && (isHexDigit(bytes[i]) || bytes[i] == ':' || bytes[i] == '.')) {
			colons += (bytes[i] == ':') ? 1 : 0;
			i++;
		}
		if (i < end && bytes[i] == '%' && isEncoded(bytes, i, end)) {
			i += 3;
			while (i < end && isNameChar(bytes[i])) {
				i++;
			}
		}
		return (i < end && bytes[i] == ']' && colons >= 2) ? i + 1 : start;
	}

	// Two recipients may cut what is too large differently.
	private static boolean isPort(byte[] bytes, int start, int end) {
		int port = 0;
		for (int i = start; i < end; i++) {
			if (!isDigit(bytes[i])) {
				return false;
			}
			port = Math.min(port * 10 + (bytes[i] - '0'), 65_536);
		}
		return port <= 65_535;
	}

	private static boolean isDigit(byte octet) {
		return octet >= '0' && octet <= '9';
	}

	private static boolean isHexDigit(byte octet) {
		return isDigit(octet) || ((octet | 0x20) >= 'a' && (octet | 0x20) <= 'f');
	}

}
