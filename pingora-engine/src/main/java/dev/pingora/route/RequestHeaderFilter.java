package dev.pingora.route;

import dev.pingora.http.RequestHeader;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;

/**
 * Edits a header field of the request that goes upstream.
 *
 * @param edit the edit
 */
record RequestHeaderFilter(HeaderEdit edit) implements ProxyFilter {

	@Override
	public void upstreamRequestFilter(Session session, RequestHeader upstreamRequest) {
		this.edit.apply(upstreamRequest.headers());
	}

}
