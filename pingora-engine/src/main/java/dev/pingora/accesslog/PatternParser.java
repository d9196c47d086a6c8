package dev.pingora.accesslog;

import java.util.Arrays;
import java.util.stream.Collectors;

import dev.pingora.http.Ascii;

/**
 * Reads patterns: text with variables such as {@code $status} or {@code $(status)}.
 * Braces are no part of it, since they are the placeholders of configuration files.
 */
final class PatternParser {

	private static final String REQUEST_FIELD = "http_";

	private static final String RESPONSE_FIELD = "sent_http_";

	private final String pattern;

	private final AccessLogFormat.Pieces pieces = new AccessLogFormat.Pieces();

	private final StringBuilder text = new StringBuilder();

	private boolean any;

	private int at;

	private PatternParser(String pattern) {
		this.pattern = pattern;
	}

	static AccessLogFormat.Pieces parse(String pattern) {
		return new PatternParser(pattern).parse();
	}

	private AccessLogFormat.Pieces parse() {
		while (this.at < this.pattern.length()) {
			char c = this.pattern.charAt(this.at++);
			if ((c < 0x20 && c != '\t') || c == 0x7f) {
				throw refused("no control characters but the tab: a request has one line");
			}
			if (c == '$') {
				dollar();
			}
			else {
				this.text.append(c);
			}
		}
		if (!this.any) {
			throw refused("common, combined, json, or a pattern with a variable such as $status");
		}
		this.pieces.text(this.text.toString());
		return this.pieces;
	}

	private void dollar() {
		char next = (this.at < this.pattern.length()) ? this.pattern.charAt(this.at) : ' ';
		if (next == '$') {
			this.at++;
			this.text.append('$');
			return;
		}
		if (next == '{') {
			throw refused("$name or $(name): braces are for placeholders of configuration files");
		}
		boolean closed = next == '(';
		int start = closed ? this.at + 1 : this.at;
		int end = start;
		while (end < this.pattern.length() && isNameChar(this.pattern.charAt(end))) {
			end++;
		}
		if (end == start || (closed && (end == this.pattern.length() || this.pattern.charAt(end) != ')'))) {
			throw refused("a variable such as $status or $(status) behind a dollar sign, or $$ for the sign itself");
		}
		this.at = closed ? end + 1 : end;
		variable(this.pattern.substring(start, end));
		this.any = true;
		this.text.setLength(0);
	}

	private static boolean isNameChar(char c) {
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
	}

	private void variable(String name) {
		String before = this.text.toString();
		if (name.startsWith(REQUEST_FIELD) && name.length() > REQUEST_FIELD.length()) {
			this.pieces.value(before, this.pieces.requestField(field(name, REQUEST_FIELD)));
			return;
		}
		if (name.startsWith(RESPONSE_FIELD) && name.length() > RESPONSE_FIELD.length()) {
			this.pieces.value(before, this.pieces.responseField(field(name, RESPONSE_FIELD)));
			return;
		}
		Variable variable = Variable.of(name);
		if (variable == null) {
			throw new IllegalArgumentException("variable: $" + name + " (expected: "
					+ Arrays.stream(Variable.values())
						.map((known) -> "$" + known.tag())
						.collect(Collectors.joining(", "))
					+ ", $http_<name> or $sent_http_<name>)");
		}
		this.pieces.variable(before, variable);
	}

	// As in nginx: $http_user_agent is User-Agent.
	private static String field(String name, String prefix) {
		return name.substring(prefix.length()).replace('_', '-');
	}

	private IllegalArgumentException refused(String expectation) {
		return new IllegalArgumentException(
				"format: '" + Ascii.printable(this.pattern) + "' (expected: " + expectation + ")");
	}

}
