package dev.pingora.route;

import java.util.List;
import java.util.Locale;
import java.util.Set;

import dev.pingora.http.RequestHeader;

/**
 * Whether a request has one of some methods; they are case-sensitive (RFC 9110 section
 * 9.1).
 */
final class MethodPredicate implements RequestPredicate {

	private static final Set<String> STANDARD = Set.of("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST",
			"PUT", "TRACE");

	private final List<String> methods;

	MethodPredicate(List<String> methods) {
		this.methods = List.copyOf(methods);
		for (String method : this.methods) {
			RequestHeader.of(method, "/"); // a token, or it throws
			String upper = method.toUpperCase(Locale.ROOT);
			if (STANDARD.contains(upper) && !method.equals(upper)) {
				throw new IllegalArgumentException("method: '" + method + "' (expected: " + upper + ")");
			}
		}
	}

	@Override
	public boolean test(RequestHeader request) {
		return this.methods.contains(request.method());
	}

	@Override
	public String toString() {
		return "Method=" + String.join(", ", this.methods);
	}

}
