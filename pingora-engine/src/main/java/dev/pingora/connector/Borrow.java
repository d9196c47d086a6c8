package dev.pingora.connector;

import dev.pingora.error.ProxyException;
import dev.pingora.panic.Isolated;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.protocol.CrossLoopUpstreamSession;
import dev.pingora.protocol.UpstreamSession;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;

/**
 * The borrowing of an idle connection of another event loop. If there is none any more, a
 * connection is made at home: there is one crossing at most. A request that wants no used
 * connection has one closed instead, to make room for a new one.
 * <p>
 * {@code handler} and {@code cancelDial} are owned by the home loop; the rest is
 * constant.
 */
final class Borrow implements Isolated {

	private final PooledConnector connector;

	private final PanicIsolation isolation;

	private final LoopPool home;

	private final LoopPool there;

	private final HttpPeer peer;

	private @Nullable ConnectHandler handler;

	private @Nullable Runnable cancelDial;

	Borrow(PooledConnector connector, LoopPool home, LoopPool there, HttpPeer peer, ConnectHandler handler) {
		this.connector = connector;
		this.isolation = connector.isolation();
		this.home = home;
		this.there = there;
		this.peer = peer;
		this.handler = handler;
	}

	/**
	 * Asks for a connection. To be called at home.
	 * @return the way to cancel, at home
	 */
	Runnable start() {
		this.there.loop().execute(() -> this.isolation.run(this, (borrow) -> borrow.lend()));
		return this::cancel;
	}

	/**
	 * Asks for one to be closed. To be called at home.
	 * @return the way to cancel, at home
	 */
	Runnable startClosing() {
		this.there.loop().execute(() -> this.isolation.run(this, (borrow) -> borrow.makeRoom()));
		return this::cancel;
	}

	private void cancel() {
		this.handler = null;
		if (this.cancelDial != null) {
			this.cancelDial.run();
		}
	}

	// There.

	private void lend() {
		UpstreamSession session = this.there.lend(this.peer);
		if (session == null) {
			dialAtHome();
			return;
		}
		CrossLoopUpstreamSession crossing = new CrossLoopUpstreamSession(this.home.loop(), session, this.isolation);
		this.home.loop().execute(() -> this.isolation.run(this, crossing, Borrow::borrowed));
	}

	private void makeRoom() {
		this.there.closeOldest(this.peer.key());
		dialAtHome();
	}

	private void dialAtHome() {
		this.home.loop().execute(() -> this.isolation.run(this, (borrow) -> borrow.nothingThere()));
	}

	// At home.

	private void borrowed(CrossLoopUpstreamSession session) {
		this.home.rememberLender(this.there);
		ConnectHandler handler = this.handler;
		if (handler != null) {
			handler.onConnected(session);
		}
		else {
			session.close();
		}
	}

	private void nothingThere() {
		ConnectHandler handler = this.handler;
		if (handler != null) {
			this.cancelDial = this.connector.dialOrFail(this.home, this.peer, handler);
		}
	}

	@Override
	public PanicSite panicSite() {
		return PanicSite.of(PanicSite.ENGINE, "connect");
	}

	@Override
	public void failed(ProxyException error) {
		this.home.loop().execute(() -> {
			if (this.handler != null) {
				this.handler.onConnectFailed(error);
			}
		});
	}

	@Override
	public void panicked(Panic panic) {
		this.home.loop().execute(() -> {
			if (this.handler != null) {
				this.handler.onConnectPanicked(panic);
			}
		});
	}

}
