package dev.pingora.connector;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;

/**
 * Tells, later, that a peer has as many connections as it may have. Owned by the caller's
 * event loop.
 */
final class Refusal {

	private @Nullable ConnectHandler handler;

	private Refusal(ConnectHandler handler) {
		this.handler = handler;
	}

	static Runnable tell(LoopPool pool, HttpPeer peer, ConnectHandler handler) {
		Refusal refusal = new Refusal(handler);
		pool.loop().execute(() -> refusal.tell(peer));
		return () -> refusal.handler = null;
	}

	private void tell(HttpPeer peer) {
		if (this.handler != null) {
			this.handler.onConnectFailed(ProxyException.upstream(ErrorType.TOO_MANY_CONNECTIONS,
					peer + " has " + peer.options().maxConnections() + " connections"));
		}
	}

}
