package dev.pingora.protocol.h1;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import dev.pingora.http.Headers;

/**
 * Which fields can't be trailers (RFC 9110 section 6.5.1). A recipient that merges
 * trailers into the header section would let them change what was decided by it: where
 * the message ends, who is addressed, who asks, what the content is.
 */
final class TrailerRules {

	private static final Set<String> FORBIDDEN = Set.of(
			// Framing, and what is of one hop.
			"connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding",
			"upgrade",
			// Routing, and who asks.
			"forwarded", "host", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto",
			"x-real-ip",
			// Controls and conditions of the request.
			"cache-control", "expect", "if-match", "if-modified-since", "if-none-match", "if-range",
			"if-unmodified-since", "max-forwards", "pragma", "range",
			// Authentication, RFC 6265 included.
			"authorization", "cookie", "proxy-authenticate", "proxy-authorization", "set-cookie", "www-authenticate",
			// Controls of the response.
			"age", "date", "expires", "location", "retry-after", "vary", "warning",
			// What the content is.
			"content-encoding", "content-range", "content-type");

	private TrailerRules() {
	}

	/**
	 * Removes what is forbidden.
	 * @param trailers the trailers
	 */
	static void apply(Headers trailers) {
		List<String> forbidden = new ArrayList<>(0);
		trailers.forEach((name, value) -> {
			if (FORBIDDEN.contains(name.toLowerCase(Locale.ROOT))) {
				forbidden.add(name);
			}
		});
		forbidden.forEach(trailers::remove);
	}

}
