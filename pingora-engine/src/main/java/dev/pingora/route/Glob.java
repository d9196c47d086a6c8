package dev.pingora.route;

import java.nio.charset.StandardCharsets;

/**
 * The pattern of one segment of a path or one label of a host: {@code ?} is one octet,
 * {@code *} any number, {@code {name}} at least one, and so is a {@code *} that is all of
 * the pattern. Immutable.
 */
final class Glob {

	// No octets, so that they can't be in what is matched.
	private static final char ONE = '\ufffe';

	private static final char MANY = '\uffff';

	private final String octets;

	private final boolean literal;

	private Glob(String octets) {
		this.octets = octets;
		this.literal = octets.indexOf(ONE) < 0 && octets.indexOf(MANY) < 0;
	}

	/**
	 * Compiles a pattern.
	 * @param what what the pattern is part of, for errors
	 * @param text the pattern
	 * @return the glob
	 * @throws IllegalArgumentException if a brace or a double star is misplaced
	 */
	static Glob of(String what, String text) {
		if (text.equals("*")) {
			return new Glob("" + ONE + MANY);
		}
		String escaped = text.replaceAll("\\{[A-Za-z0-9_-]+}", "?*");
		if (escaped.indexOf('{') >= 0 || escaped.indexOf('}') >= 0) {
			throw new IllegalArgumentException(
					what + ": '" + text + "' (expected: variables as {name}, without regular expressions)");
		}
		if (text.contains("**")) {
			throw new IllegalArgumentException(what + ": '" + text + "' (expected: ** as the whole segment)");
		}
		String octets = new String(escaped.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
		return new Glob(octets.replace('?', ONE).replace('*', MANY));
	}

	boolean isLiteral() {
		return this.literal;
	}

	/**
	 * Returns the octets of a literal.
	 * @return the octets, each as a character
	 */
	String octets() {
		return this.octets;
	}

	/**
	 * Matches octets. Takes no more steps than the product of both lengths.
	 * @param text where the octets are, each as a character
	 * @param from the first
	 * @param end after the last
	 * @return whether all of them match
	 */
	boolean matches(String text, int from, int end) {
		if (this.literal) {
			return end - from == this.octets.length() && text.startsWith(this.octets, from);
		}
		int at = from;
		int token = 0;
		int star = -1; // the last MANY, and where what it covers ends
		int covered = from;
		while (at < end) {
			char expected = (token < this.octets.length()) ? this.octets.charAt(token) : 0;
			if (token < this.octets.length() && expected == MANY) {
				star = token++;
				covered = at;
			}
			else if (token < this.octets.length() && (expected == ONE || expected == text.charAt(at))) {
				token++;
				at++;
			}
			else if (star >= 0) {
				token = star + 1;
				at = ++covered;
			}
			else {
				return false;
			}
		}
		while (token < this.octets.length() && this.octets.charAt(token) == MANY) {
			token++;
		}
		return token == this.octets.length();
	}

}
