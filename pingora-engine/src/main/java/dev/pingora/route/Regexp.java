package dev.pingora.route;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Compiles regular expressions, with errors that name them.
 */
final class Regexp {

	private Regexp() {
	}

	static Pattern compile(String text) {
		try {
			return Pattern.compile(text);
		}
		catch (PatternSyntaxException ex) {
			throw new IllegalArgumentException("regexp: '" + text + "' (expected: a regular expression, but at index "
					+ ex.getIndex() + ": " + ex.getDescription() + ")", ex);
		}
	}

}
