package dev.pingora.protocol.h1;

import dev.pingora.http.Ascii;

/**
 * Looks at the elements of a list in a field's value (RFC 9110 section 5.6.1), where they
 * are.
 */
final class H1List {

	private H1List() {
	}

	/**
	 * Returns where an element ends.
	 * @param bytes where the list is
	 * @param start where the element starts
	 * @param end the octet after the list's last
	 * @return the index of the next comma, or {@code end}
	 */
	static int elementEnd(byte[] bytes, int start, int end) {
		int comma = start;
		while (comma < end && bytes[comma] != ',') {
			comma++;
		}
		return comma;
	}

	/**
	 * Returns whether an element is a certain one.
	 * @param name the one, whatever its case
	 * @param bytes where the element is
	 * @param start where it starts, white space included
	 * @param end the octet after its last, white space included
	 * @return whether it is this one
	 */
	static boolean isElement(String name, byte[] bytes, int start, int end) {
		int from = skipBlanks(bytes, start, end);
		return Ascii.equalsIgnoreCase(name, bytes, from, trimBlanks(bytes, from, end));
	}

	/**
	 * Returns whether an element is a token.
	 * @param bytes where the element is
	 * @param start where it starts, white space included
	 * @param end the octet after its last, white space included
	 * @return whether it is one
	 */
	static boolean isToken(byte[] bytes, int start, int end) {
		int from = skipBlanks(bytes, start, end);
		int to = trimBlanks(bytes, from, end);
		boolean token = from < to;
		for (int i = from; i < to; i++) {
			token &= Ascii.isTokenChar(bytes[i]);
		}
		return token;
	}

	/**
	 * Returns where an element begins behind white space.
	 * @param bytes where the element is
	 * @param start where it starts, white space included
	 * @param end the octet after its last
	 * @return the index of its first octet that is none, or {@code end}
	 */
	static int skipBlanks(byte[] bytes, int start, int end) {
		int from = start;
		while (from < end && isBlank(bytes[from])) {
			from++;
		}
		return from;
	}

	/**
	 * Returns where an element ends before white space.
	 * @param bytes where the element is
	 * @param start where it starts
	 * @param end the octet after its last, white space included
	 * @return the index after its last octet that is none, or {@code start}
	 */
	static int trimBlanks(byte[] bytes, int start, int end) {
		int to = end;
		while (to > start && isBlank(bytes[to - 1])) {
			to--;
		}
		return to;
	}

	private static boolean isBlank(byte octet) {
		return octet == ' ' || octet == '\t';
	}

}
