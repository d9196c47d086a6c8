package dev.pingora.route;

import java.util.regex.Pattern;

import dev.pingora.http.RequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request's query has a parameter, with a value that a regular expression
 * matches. Names and values are decoded as forms encode them, in UTF-8.
 */
final class QueryPredicate implements RequestPredicate {

	private final String param;

	private final @Nullable Pattern regexp;

	QueryPredicate(String param, @Nullable String regexp) {
		if (param.isEmpty()) {
			throw new IllegalArgumentException("query parameter: '' (expected: a name)");
		}
		this.param = param;
		this.regexp = (regexp != null) ? Regexp.compile(regexp) : null;
	}

	@Override
	public boolean test(RequestHeader request) {
		String query = request.query();
		for (int at = 0; query != null && at <= query.length();) {
			int separator = query.indexOf('&', at);
			int end = (separator >= 0) ? separator : query.length();
			if (matches(query, at, end)) {
				return true;
			}
			at = end + 1;
		}
		return false;
	}

	private boolean matches(String query, int from, int end) {
		int equals = query.indexOf('=', from);
		int nameEnd = (equals >= 0 && equals < end) ? equals : end;
		if (!Percent.decodeForm(query, from, nameEnd).equals(this.param)) {
			return false;
		}
		String value = Percent.decodeForm(query, Math.min(nameEnd + 1, end), end);
		return this.regexp == null || this.regexp.matcher(value).matches();
	}

	@Override
	public String toString() {
		return "Query=" + this.param + ((this.regexp != null) ? ", " + this.regexp : "");
	}

}
