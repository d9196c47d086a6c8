package dev.pingora.route;

import dev.pingora.http.RequestHeader;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;

/**
 * Drops the first segments of the path that goes upstream, and the empty ones behind
 * them: no path comes to start with two slashes. What has fewer segments becomes
 * {@code /}.
 */
final class StripPrefix implements ProxyFilter {

	private final int parts;

	StripPrefix(int parts) {
		if (parts < 1 || parts > 100) {
			throw new IllegalArgumentException("StripPrefix parts: " + parts + " (expected: 1..100)");
		}
		this.parts = parts;
	}

	@Override
	public void upstreamRequestFilter(Session session, RequestHeader upstreamRequest) {
		String path = upstreamRequest.path();
		if (path.startsWith("/")) {
			RequestTarget.rewritePath(upstreamRequest, strip(path));
		}
	}

	private String strip(String path) {
		int slash = 0;
		for (int i = 0; i < this.parts && slash >= 0; i++) {
			slash = path.indexOf('/', slash + 1);
		}
		while (slash >= 0 && path.startsWith("//", slash)) {
			slash++;
		}
		return (slash >= 0) ? path.substring(slash) : "/";
	}

	@Override
	public String toString() {
		return "StripPrefix=" + this.parts;
	}

}
