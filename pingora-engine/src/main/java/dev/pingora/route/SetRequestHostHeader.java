package dev.pingora.route;

import dev.pingora.http.RequestHeader;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;

/**
 * Sets the host that goes upstream.
 *
 * @param host the host, with its port where it is not the default one
 */
record SetRequestHostHeader(String host) implements ProxyFilter {

	SetRequestHostHeader {
		if (!RequestTarget.isAuthority(host)) {
			throw new IllegalArgumentException(
					"SetRequestHostHeader host: '" + host + "' (expected: host or host:port)");
		}
	}

	@Override
	public void upstreamRequestFilter(Session session, RequestHeader upstreamRequest) {
		RequestTarget.rewriteHost(upstreamRequest, this.host);
	}

}
