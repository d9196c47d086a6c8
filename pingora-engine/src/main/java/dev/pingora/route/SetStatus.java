package dev.pingora.route;

import dev.pingora.http.ResponseHeader;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;

/**
 * Changes the status of the response that goes to the client. Whether a response has a
 * body depends on its status (RFC 9112 section 6.3), so statuses without one, 1xx, 204,
 * 205 and 304, are neither set nor changed.
 *
 * @param status the status
 */
record SetStatus(int status) implements ProxyFilter {

	SetStatus {
		if (status < 200 || status > 599 || hasNoBody(status)) {
			throw new IllegalArgumentException(
					"SetStatus status: " + status + " (expected: 200..599, but none of 204, 205 and 304)");
		}
	}

	@Override
	public void responseFilter(Session session, ResponseHeader response) {
		if (!hasNoBody(response.status())) {
			response.setStatus(this.status);
		}
	}

	private static boolean hasNoBody(int status) {
		return status < 200 || status == 204 || status == 205 || status == 304;
	}

}
