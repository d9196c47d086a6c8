package dev.pingora.route;

import java.util.List;
import java.util.regex.Pattern;

import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request has a header field, with a value that a regular expression matches.
 */
final class HeaderPredicate implements RequestPredicate {

	private final String name;

	private final @Nullable Pattern regexp;

	HeaderPredicate(String name, @Nullable String regexp) {
		Headers.create().add(name, ""); // a token, or it throws
		this.name = name;
		this.regexp = (regexp != null) ? Regexp.compile(regexp) : null;
	}

	@Override
	public boolean test(RequestHeader request) {
		if (this.regexp == null) {
			return request.hasHeader(this.name);
		}
		List<String> values = request.hasHeader(this.name) ? request.headers().all(this.name) : List.of();
		for (String value : values) {
			if (this.regexp.matcher(value).matches()) {
				return true;
			}
		}
		return false;
	}

	@Override
	public String toString() {
		return "Header=" + this.name + ((this.regexp != null) ? ", " + this.regexp : "");
	}

}
