package dev.pingora.http;

import org.jspecify.annotations.Nullable;

/**
 * Makes strings of octets, and none if they are the same as the last time: many clients
 * ask for the same thing again and again. Used by one thread at a time.
 */
final class LastText {

	// Nothing large is kept for nothing.
	private static final int LONGEST = 256;

	private @Nullable String last;

	/**
	 * Makes a string.
	 * @param bytes where the octets are
	 * @param start the first octet
	 * @param end the octet after the last
	 * @return the octets as ISO-8859-1
	 */
	String of(byte[] bytes, int start, int end) {
		String last = this.last;
		if (last != null && isSame(last, bytes, start, end)) {
			return last;
		}
		String text = Ascii.string(bytes, start, end);
		this.last = (text.length() <= LONGEST) ? text : null;
		return text;
	}

	private static boolean isSame(String text, byte[] bytes, int start, int end) {
		if (text.length() != end - start) {
			return false;
		}
		for (int i = 0; i < text.length(); i++) {
			if (text.charAt(i) != (bytes[start + i] & 0xff)) {
				return false;
			}
		}
		return true;
	}

}
