package dev.pingora.testkit;

import java.nio.charset.StandardCharsets;

/**
 * Octets that can be told apart: a pattern that is known at every offset, so that bodies
 * can be compared octet by octet, and what belongs to another request shows.
 */
public final class Octets {

	private static final int SHOWN = 300;

	private Octets() {
	}

	/**
	 * Returns the octet at an offset.
	 * @param seed which pattern
	 * @param offset the offset
	 * @return the octet
	 */
	public static byte at(long seed, long offset) {
		long mixed = (offset + 1) * 0x9E3779B97F4A7C15L + seed * 0xC2B2AE3D27D4EB4FL;
		return (byte) (mixed >>> 56);
	}

	/**
	 * Returns the start of pattern 0.
	 * @param length the number of octets
	 * @return the octets
	 */
	public static byte[] pattern(int length) {
		return pattern(0, 0, length);
	}

	/**
	 * Returns a piece of a pattern.
	 * @param seed which pattern
	 * @param offset where the piece starts
	 * @param length the number of octets
	 * @return the octets
	 */
	public static byte[] pattern(long seed, long offset, int length) {
		byte[] octets = new byte[length];
		for (int i = 0; i < length; i++) {
			octets[i] = at(seed, offset + i);
		}
		return octets;
	}

	/**
	 * Encodes a text, one octet per character.
	 * @param text the text
	 * @return the octets
	 */
	public static byte[] latin1(String text) {
		return text.getBytes(StandardCharsets.ISO_8859_1);
	}

	/**
	 * Decodes a text, one character per octet.
	 * @param octets the octets
	 * @return the text
	 */
	public static String latin1(byte[] octets) {
		return new String(octets, StandardCharsets.ISO_8859_1);
	}

	/**
	 * Shows octets in an error message, shortened.
	 * @param octets the octets
	 * @return their number and their start, control characters escaped
	 */
	static String show(byte[] octets) {
		StringBuilder shown = new StringBuilder().append(octets.length).append(" octets \"");
		for (int i = 0; i < Math.min(octets.length, SHOWN); i++) {
			int octet = octets[i] & 0xFF;
			switch (octet) {
				case '\r' -> shown.append("\\r");
				case '\n' -> shown.append("\\n");
				default -> shown
					.append((octet >= ' ' && octet < 0x7F) ? String.valueOf((char) octet) : "\\x%02x".formatted(octet));
			}
		}
		return shown.append((octets.length > SHOWN) ? "\"..." : "\"").toString();
	}

}
