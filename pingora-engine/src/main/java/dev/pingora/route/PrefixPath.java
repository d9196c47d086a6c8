package dev.pingora.route;

import dev.pingora.http.RequestHeader;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;

/**
 * Puts a prefix before the path that goes upstream.
 */
final class PrefixPath implements ProxyFilter {

	private final String prefix;

	PrefixPath(String prefix) {
		String flaw = PathSyntax.flaw(prefix);
		if (flaw == null && prefix.endsWith("/")) {
			flaw = "no trailing slash";
		}
		for (int i = 0; i < prefix.length() && flaw == null; i++) {
			char c = prefix.charAt(i);
			flaw = (c > 0x7e || "?{}".indexOf(c) >= 0) ? "an encoded path without ?, { and }" : null;
		}
		if (flaw != null) {
			throw new IllegalArgumentException("PrefixPath prefix: '" + prefix + "' (expected: " + flaw + ")");
		}
		this.prefix = prefix;
	}

	@Override
	public void upstreamRequestFilter(Session session, RequestHeader upstreamRequest) {
		String path = upstreamRequest.path();
		if (path.startsWith("/")) {
			RequestTarget.rewritePath(upstreamRequest, this.prefix + path);
		}
	}

	@Override
	public String toString() {
		return "PrefixPath=" + this.prefix;
	}

}
