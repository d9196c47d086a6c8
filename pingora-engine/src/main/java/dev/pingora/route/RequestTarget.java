package dev.pingora.route;

import java.util.Locale;

import dev.pingora.error.ProxyException;
import dev.pingora.http.Ascii;
import dev.pingora.http.RequestHeader;

/**
 * The parts of a request's target, whatever its form (RFC 9112 section 3.2).
 */
final class RequestTarget {

	private static final int SHOWN = 200;

	private RequestTarget() {
	}

	/**
	 * Returns the path of a request that may be routed.
	 * @param request the request
	 * @return the raw path, or {@code *} for {@code OPTIONS *}
	 * @throws ProxyException 400, if the target has no form that can be routed or its
	 * path is refused by {@link PathSyntax}
	 */
	static String routablePath(RequestHeader request) throws ProxyException {
		String target = request.target();
		if (!target.startsWith("/")) {
			if (target.equals("*") && request.method().equals("OPTIONS")) {
				return target;
			}
			checkAbsolute(target);
		}
		String path = request.path();
		String flaw = PathSyntax.flaw(path);
		if (flaw != null) {
			throw refused("path", path, flaw);
		}
		return path;
	}

	private static void checkAbsolute(String target) throws ProxyException {
		boolean http = target.regionMatches(true, 0, "http://", 0, 7)
				|| target.regionMatches(true, 0, "https://", 0, 8);
		if (!http) {
			throw refused("target", target, "a path, an http URI, or * with OPTIONS");
		}
		if (!isAuthority(authority(target))) {
			// RFC 9110 section 4.2.4: user information is an error here.
			throw refused("target", target, "host and port as authority");
		}
	}

	static ProxyException refused(String what, String value, String expected) {
		return ProxyException.httpStatus(400, what + ": '" + shown(value) + "' (expected: " + expected + ")");
	}

	static String shown(String value) {
		String start = (value.length() > SHOWN) ? value.substring(0, SHOWN) + "..." : value;
		return Ascii.printable(start);
	}

	/**
	 * Returns the host that a request is meant for, as predicates compare it. Where the
	 * target has an authority, {@code Host} does not count (RFC 9112 section 3.2.2).
	 * @param request the request
	 * @return the host, in lower case, without port and trailing dot; empty if unknown
	 */
	static String host(RequestHeader request) {
		String target = request.target();
		String host = isAbsolute(target) ? authority(target) : request.header("Host");
		return (host != null) ? normalized(host) : "";
	}

	/**
	 * Changes the path of a request that goes upstream and keeps its query. A target in
	 * absolute form becomes one in origin form; its authority becomes {@code Host}, as it
	 * must at a proxy (RFC 9112 section 3.2.2).
	 * @param request the request
	 * @param path the raw path
	 */
	static void rewritePath(RequestHeader request, String path) {
		String target = request.target();
		if (isAbsolute(target)) {
			request.headers().set("Host", authority(target));
		}
		request.setPath(path);
	}

	/**
	 * Changes the host that a request is meant for, wherever its target names it.
	 * @param request the request
	 * @param host host and port
	 */
	static void rewriteHost(RequestHeader request, String host) {
		if (isAbsolute(request.target())) {
			request.setPath(request.path());
		}
		request.headers().set("Host", host);
	}

	/**
	 * Returns whether a text may be a host with or without a port.
	 * @param text the text
	 * @return whether it has only characters of names, addresses and ports
	 */
	static boolean isAuthority(String text) {
		boolean valid = !text.isEmpty();
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			boolean alphanumeric = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
			valid &= alphanumeric || ".-_~:[]".indexOf(c) >= 0;
		}
		return valid;
	}

	static boolean isAbsolute(String target) {
		return !target.startsWith("/") && target.contains("://");
	}

	private static String authority(String target) {
		int start = target.indexOf("://") + 3;
		int end = start;
		while (end < target.length() && "/?".indexOf(target.charAt(end)) < 0) {
			end++;
		}
		return target.substring(start, end);
	}

	private static String normalized(String host) {
		int port = host.startsWith("[") ? host.indexOf(']') + 1 : host.indexOf(':');
		int end = (port > 0) ? port : host.length();
		if (end > 0 && host.charAt(end - 1) == '.') {
			end--;
		}
		return host.substring(0, end).toLowerCase(Locale.ROOT);
	}

}
