package dev.pingora.route;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A pattern of host names, compiled: labels from the right, {@code **} as the first label
 * for any number of labels, none included. Immutable.
 */
final class HostPattern {

	private final String text;

	// From the last label to the first.
	private final Glob[] labels;

	private final boolean open;

	private HostPattern(String text, List<Glob> labels, boolean open) {
		this.text = text;
		this.labels = labels.toArray(Glob[]::new);
		this.open = open;
	}

	/**
	 * Compiles a pattern.
	 * @param text the pattern, without a port
	 * @return the pattern
	 * @throws IllegalArgumentException if it is malformed, or no host could match
	 */
	static HostPattern of(String text) {
		String normal = text.toLowerCase(Locale.ROOT);
		normal = normal.endsWith(".") ? normal.substring(0, normal.length() - 1) : normal;
		boolean port = normal.startsWith("[") ? !normal.endsWith("]") : normal.indexOf(':') >= 0;
		if (port) {
			throw invalid(text, "no port, it is ignored");
		}
		if (!RequestTarget.isAuthority(normal.replaceAll("[*?{}]", "x"))) {
			throw invalid(text, "a host name with *, ** or ?");
		}
		String[] parts = normal.split("\\.", -1);
		boolean open = parts[0].equals("**");
		List<Glob> labels = new ArrayList<>();
		for (int i = parts.length - 1; i >= (open ? 1 : 0); i--) {
			if (parts[i].isEmpty() || parts[i].equals("**")) {
				throw invalid(text, parts[i].isEmpty() ? "no empty label" : "** only as the first label");
			}
			labels.add(Glob.of("host pattern " + text, parts[i]));
		}
		return new HostPattern(text, labels, open);
	}

	private static IllegalArgumentException invalid(String text, String expected) {
		return new IllegalArgumentException("host pattern: '" + text + "' (expected: " + expected + ")");
	}

	/**
	 * Matches a host.
	 * @param host the host as {@link RequestTarget#host} returns it
	 * @return whether all of it matches
	 */
	boolean matches(String host) {
		if (host.isEmpty()) {
			return false;
		}
		int end = host.length(); // after the next label, -1 when none is left
		for (Glob label : this.labels) {
			if (end < 0) {
				return false;
			}
			int dot = host.lastIndexOf('.', end - 1);
			if (end == 0 || !label.matches(host, dot + 1, end)) {
				return false;
			}
			end = dot;
		}
		return this.open || end < 0;
	}

	@Override
	public String toString() {
		return this.text;
	}

}
