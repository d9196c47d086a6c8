package dev.pingora.route;

import java.util.ArrayList;
import java.util.List;

/**
 * A pattern of paths, compiled. A path is split at its slashes, and each segment is
 * percent-decoded by itself, so that {@code %2F} separates nothing. Octets are compared,
 * case-sensitively, and a trailing slash counts. Immutable.
 */
final class PathPattern {

	private final String text;

	private final Glob[] segments;

	private final boolean open;

	private PathPattern(String text, List<Glob> segments, boolean open) {
		this.text = text;
		this.segments = segments.toArray(Glob[]::new);
		this.open = open;
	}

	/**
	 * Compiles a pattern.
	 * @param text the pattern, not percent-encoded
	 * @return the pattern
	 * @throws IllegalArgumentException if it is malformed, or no path could match
	 */
	static PathPattern of(String text) {
		check(text);
		String[] parts = text.substring(1).split("/", -1);
		String last = parts[parts.length - 1];
		boolean open = last.equals("**") || last.matches("\\{\\*[A-Za-z0-9_-]+}");
		List<Glob> segments = new ArrayList<>();
		for (int i = 0; i < parts.length - (open ? 1 : 0); i++) {
			if (parts[i].equals("**") || parts[i].startsWith("{*")) {
				throw invalid(text, parts[i] + " only at the end");
			}
			segments.add(Glob.of("path pattern " + text, parts[i]));
		}
		return new PathPattern(text, segments, open);
	}

	private static void check(String text) {
		if (!text.startsWith("/")) {
			throw invalid(text, "a leading slash");
		}
		for (int i = text.indexOf('%'); i >= 0; i = text.indexOf('%', i + 1)) {
			if (Percent.escape(text, i, text.length()) >= 0) {
				throw invalid(text, "decoded text instead of " + text.substring(i, i + 3));
			}
		}
		if (text.indexOf('\\') >= 0) {
			throw invalid(text, "no backslash");
		}
		for (String segment : text.split("/")) {
			if (segment.equals(".") || segment.equals("..")) {
				throw invalid(text, "no dot segments");
			}
		}
	}

	private static IllegalArgumentException invalid(String text, String expected) {
		return new IllegalArgumentException("path pattern: '" + text + "' (expected: " + expected + ")");
	}

	/**
	 * Matches a path.
	 * @param path the raw path
	 * @return whether all of it matches
	 */
	boolean matches(String path) {
		if (!path.startsWith("/")) {
			return false; // OPTIONS *
		}
		int at = 0; // the slash before the next segment
		for (Glob segment : this.segments) {
			if (at == path.length()) {
				return false;
			}
			int end = segmentEnd(path, at + 1);
			if (!matches(segment, path, at + 1, end)) {
				return false;
			}
			at = end;
		}
		return this.open || at == path.length();
	}

	private static boolean matches(Glob segment, String path, int from, int end) {
		if (!Percent.contains(path, from, end)) {
			return segment.matches(path, from, end);
		}
		String decoded = Percent.decode(path, from, end);
		return segment.matches(decoded, 0, decoded.length());
	}

	static int segmentEnd(String path, int from) {
		int slash = path.indexOf('/', from);
		return (slash >= 0) ? slash : path.length();
	}

	/**
	 * Returns the segments with which every path starts that matches.
	 * @return their decoded octets
	 */
	List<String> literalPrefix() {
		List<String> prefix = new ArrayList<>();
		for (Glob segment : this.segments) {
			if (!segment.isLiteral()) {
				break;
			}
			prefix.add(segment.octets());
		}
		return prefix;
	}

	@Override
	public String toString() {
		return this.text;
	}

}
