package dev.pingora.route;

import java.nio.charset.StandardCharsets;

/**
 * Percent-encoding (RFC 3986 section 2.1). Octets stand as characters, as in ISO-8859-1.
 */
final class Percent {

	private Percent() {
	}

	/**
	 * Reads an escape.
	 * @param text the text
	 * @param at where its percent sign is
	 * @param end where the text ends
	 * @return the octet, or -1 if no two hexadecimal digits follow the percent sign
	 */
	static int escape(String text, int at, int end) {
		if (at + 2 >= end) {
			return -1;
		}
		int high = hex(text.charAt(at + 1));
		int low = hex(text.charAt(at + 2));
		return (high < 0 || low < 0) ? -1 : (high << 4) + low;
	}

	static boolean contains(String text, int from, int end) {
		for (int i = from; i < end; i++) {
			if (text.charAt(i) == '%') {
				return true;
			}
		}
		return false;
	}

	/**
	 * Decodes octets, once. A percent sign that starts no escape stands for itself.
	 * @param text the text
	 * @param from its first character
	 * @param end after its last character
	 * @return the octets
	 */
	static String decode(String text, int from, int end) {
		StringBuilder decoded = new StringBuilder(end - from);
		for (int i = from; i < end; i++) {
			int octet = (text.charAt(i) == '%') ? escape(text, i, end) : -1;
			decoded.append((octet >= 0) ? (char) octet : text.charAt(i));
			i += (octet >= 0) ? 2 : 0;
		}
		return decoded.toString();
	}

	/**
	 * Decodes a name or value of a query as forms encode them: a plus is a space, the
	 * octets are UTF-8.
	 * @param text the text
	 * @param from its first character
	 * @param end after its last character
	 * @return the decoded text
	 */
	static String decodeForm(String text, int from, int end) {
		String raw = text.substring(from, end);
		String octets = decode(raw.replace('+', ' '), 0, raw.length());
		return new String(octets.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
	}

	private static int hex(char c) {
		if (c >= '0' && c <= '9') {
			return c - '0';
		}
		int lower = c | 0x20;
		return (lower >= 'a' && lower <= 'f') ? lower - 'a' + 10 : -1;
	}

}
