package dev.pingora.examples;

import dev.pingora.error.ProxyException;
import dev.pingora.proxy.ProxyHttp;
import dev.pingora.proxy.Session;
import dev.pingora.upstream.HttpPeer;

class Failover implements ProxyHttp<Failover.Context> {

	static final class Context {

		int tries;

	}

	private final HttpPeer primary;

	private final HttpPeer secondary;

	Failover(HttpPeer primary, HttpPeer secondary) {
		this.primary = primary;
		this.secondary = secondary;
	}

	@Override
	public Context newContext() {
		return new Context();
	}

	@Override
	public HttpPeer upstreamPeer(Session session, Context context) throws ProxyException {
		return (context.tries == 0) ? this.primary : this.secondary;
	}

	@Override
	public ProxyException failToConnect(Session session, HttpPeer peer, Context context, ProxyException error) {
		return (context.tries++ == 0) ? error.retryable() : error;
	}

}
