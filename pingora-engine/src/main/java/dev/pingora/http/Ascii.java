package dev.pingora.http;

import java.nio.charset.StandardCharsets;

/**
 * Octets that are mostly ASCII: comparing and validating without making strings.
 */
public final class Ascii {

	/** Stands for octets that are no number. */
	public static final long NO_NUMBER = -2;

	// No number of so many digits is larger than a long.
	private static final int MAX_DIGITS = 18;

	private static final boolean[] TOKEN = new boolean[256];

	static {
		for (char c : "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".toCharArray()) {
			TOKEN[c] = true;
		}
	}

	private Ascii() {
	}

	/**
	 * Returns whether an octet may stand in a token (RFC 9110 section 5.6.2).
	 * @param octet the octet; only its low eight bits count
	 * @return whether it is a {@code tchar}
	 */
	public static boolean isTokenChar(int octet) {
		return TOKEN[octet & 0xff];
	}

	/**
	 * Returns whether an octet may stand in a field value: everything but controls, the
	 * tab excepted (RFC 9110 section 5.5).
	 * @param octet the octet; only its low eight bits count
	 * @return whether it is allowed
	 */
	public static boolean isValueChar(int octet) {
		int value = octet & 0xff;
		return (value >= 0x20 && value != 0x7f) || value == '\t';
	}

	/**
	 * Compares without regard to the case of ASCII letters.
	 * @param text a string
	 * @param bytes where the octets are
	 * @param start the first octet
	 * @param end the octet after the last
	 * @return whether both are the same
	 */
	public static boolean equalsIgnoreCase(String text, byte[] bytes, int start, int end) {
		if (text.length() != end - start) {
			return false;
		}
		for (int i = 0; i < text.length(); i++) {
			if (lower(text.charAt(i)) != lower(bytes[start + i] & 0xff)) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Compares without regard to the case of ASCII letters, and of no others:
	 * {@code String}'s own way takes the Kelvin sign for a k.
	 * @param one a string
	 * @param other another
	 * @return whether both are the same
	 */
	static boolean equalsIgnoreCase(String one, String other) {
		if (one.length() != other.length()) {
			return false;
		}
		for (int i = 0; i < one.length(); i++) {
			if (lower(one.charAt(i)) != lower(other.charAt(i))) {
				return false;
			}
		}
		return true;
	}

	private static int lower(int c) {
		return (c >= 'A' && c <= 'Z') ? c + ('a' - 'A') : c;
	}

	/**
	 * Reads a decimal number: 1 to 18 digits and nothing else.
	 * @param bytes where the octets are
	 * @param start the first octet
	 * @param end the octet after the last
	 * @return the number, or {@link #NO_NUMBER}
	 */
	public static long number(byte[] bytes, int start, int end) {
		if (start == end || end - start > MAX_DIGITS) {
			return NO_NUMBER;
		}
		long value = 0;
		for (int i = start; i < end; i++) {
			if (bytes[i] < '0' || bytes[i] > '9') {
				return NO_NUMBER;
			}
			value = value * 10 + (bytes[i] - '0');
		}
		return value;
	}

	static long number(String text) {
		byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
		return number(bytes, 0, bytes.length);
	}

	static String string(byte[] bytes, int start, int end) {
		return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
	}

	static String requireToken(String what, String text) {
		boolean valid = !text.isEmpty();
		for (int i = 0; i < text.length(); i++) {
			valid &= text.charAt(i) < 0x80 && TOKEN[text.charAt(i)];
		}
		if (!valid) {
			throw new IllegalArgumentException(what + ": '" + printable(text) + "' (expected: a token)");
		}
		return text;
	}

	static String requireFieldValue(String name, String value) {
		for (int i = 0; i < value.length(); i++) {
			if (value.charAt(i) > 0xff || !isValueChar(value.charAt(i))) {
				throw new IllegalArgumentException("header " + name + ": '" + printable(value)
						+ "' (expected: ISO-8859-1 without control characters)");
			}
		}
		return value;
	}

	/**
	 * Makes text safe for a log line.
	 * @param text any text
	 * @return the text, controls replaced by {@code ?}
	 */
	public static String printable(String text) {
		StringBuilder safe = new StringBuilder(text.length());
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			safe.append((c < 0x20 || c == 0x7f || (c > 0x7e && c < 0xa0)) ? '?' : c);
		}
		return safe.toString();
	}

}
