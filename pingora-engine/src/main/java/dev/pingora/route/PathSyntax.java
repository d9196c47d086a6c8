package dev.pingora.route;

import org.jspecify.annotations.Nullable;

/**
 * Which paths are refused, as requests come in and as filters rewrite them: those about
 * which a predicate and an origin would disagree. The list:
 * <ul>
 * <li>a path that does not start with a slash;</li>
 * <li>a percent sign without two hexadecimal digits (RFC 3986 section 2.1);</li>
 * <li>{@code %00};</li>
 * <li>a backslash, raw or as {@code %5C}: some origins take it for a slash;</li>
 * <li>a {@code #}: a target has no fragment (RFC 9112 section 3.2), and some origins cut
 * it off;</li>
 * <li>a dot segment, {@code .} or {@code ..}, its dots raw or as {@code %2E}: origins
 * remove them (RFC 3986 section 5.2.4). For this rule alone {@code %2F} separates
 * segments too, and a semicolon ends one, as origins decode before they normalize
 * ({@code /a/..%2Fb}) or drop parameters ({@code /a/..;/b});</li>
 * <li>spaces, controls, and characters that are no octets, which only a filter could
 * bring in.</li>
 * </ul>
 * Escapes are decoded once: {@code %252E} is the text {@code %2E}. Empty segments
 * ({@code //}) are allowed and count as segments.
 */
final class PathSyntax {

	private static final int OTHER = -1;

	private PathSyntax() {
	}

	/**
	 * Checks a path.
	 * @param path the raw path, without a query
	 * @return what was expected instead, or {@code null} if the path is good
	 */
	static @Nullable String flaw(String path) {
		int length = path.length();
		if (length == 0 || path.charAt(0) != '/') {
			return "a leading slash";
		}
		int dots = OTHER; // how many dots are all of the segment so far
		for (int i = 0; i < length; i++) {
			int c = path.charAt(i);
			if (c == '%') {
				c = Percent.escape(path, i, length);
				i += 2;
				if (c <= 0) {
					return (c < 0) ? "two hexadecimal digits after each %" : "no %00";
				}
			}
			else if (c <= 0x20 || c == 0x7f || c > 0xff || c == '#') {
				return "visible octets, no #";
			}
			if (c == '\\') {
				return "no backslash";
			}
			if ((c == '/' || c == ';') && isDotSegment(dots)) {
				return "no dot segments";
			}
			dots = dotsAfter(dots, c);
		}
		return isDotSegment(dots) ? "no dot segments" : null;
	}

	private static int dotsAfter(int dots, int c) {
		if (c == '/') {
			return 0;
		}
		return (c == '.' && dots != OTHER) ? dots + 1 : OTHER;
	}

	private static boolean isDotSegment(int dots) {
		return dots == 1 || dots == 2;
	}

}
