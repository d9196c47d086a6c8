package dev.pingora.route;

import dev.pingora.http.ResponseHeader;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;

/**
 * Edits a header field of the response that goes to the client.
 *
 * @param edit the edit
 */
record ResponseHeaderFilter(HeaderEdit edit) implements ProxyFilter {

	@Override
	public void responseFilter(Session session, ResponseHeader response) {
		this.edit.apply(response.headers());
	}

}
