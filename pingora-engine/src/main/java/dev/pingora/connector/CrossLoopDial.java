package dev.pingora.connector;

import dev.pingora.error.ProxyException;
import dev.pingora.panic.Isolated;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.protocol.CrossLoopUpstreamSession;
import dev.pingora.protocol.UpstreamSession;
import dev.pingora.upstream.HttpPeer;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * Obtains a session on another event loop than its user's. {@code handler} is owned by
 * the user's loop ("home"), {@code cancelDial} and {@code cancelled} by the other one
 * ("there").
 */
final class CrossLoopDial implements ConnectHandler, Isolated {

	private final EventLoop home;

	private final EventLoop there;

	private final PanicIsolation isolation;

	private @Nullable ConnectHandler handler;

	private @Nullable Runnable cancelDial;

	private boolean cancelled;

	CrossLoopDial(EventLoop home, EventLoop there, PanicIsolation isolation, ConnectHandler handler) {
		this.home = home;
		this.there = there;
		this.isolation = isolation;
		this.handler = handler;
	}

	void start(PooledConnector connector, HttpPeer peer) {
		this.there.execute(() -> this.isolation.run(this, connector, (dial, pool) -> dial.obtain(pool, peer)));
	}

	private void obtain(PooledConnector connector, HttpPeer peer) {
		if (this.cancelled) {
			return;
		}
		UpstreamSession reused = connector.reuseHere(this.there, peer);
		if (reused != null) {
			Dial.handOver(reused, this);
		}
		else {
			this.cancelDial = connector.dialHere(this.there, peer, this);
		}
	}

	/**
	 * Stops, at home.
	 */
	void cancel() {
		this.handler = null;
		this.there.execute(() -> this.isolation.run(this, CrossLoopDial::cancelThere));
	}

	private void cancelThere() {
		this.cancelled = true;
		if (this.cancelDial != null) {
			this.cancelDial.run();
		}
	}

	@Override
	public void onConnected(UpstreamSession session) {
		CrossLoopUpstreamSession crossing = new CrossLoopUpstreamSession(this.home, session, this.isolation);
		this.home.execute(() -> {
			ConnectHandler handler = take();
			if (handler != null) {
				handler.onConnected(crossing);
			}
			else {
				crossing.close();
			}
		});
	}

	@Override
	public void onConnectFailed(ProxyException error) {
		this.home.execute(() -> {
			ConnectHandler handler = take();
			if (handler != null) {
				handler.onConnectFailed(error);
			}
		});
	}

	@Override
	public void onConnectPanicked(Panic panic) {
		this.home.execute(() -> {
			ConnectHandler handler = take();
			if (handler != null) {
				handler.onConnectPanicked(panic);
			}
		});
	}

	// At home. It is told once, even if a message came through that failed to be sent.
	private @Nullable ConnectHandler take() {
		ConnectHandler handler = this.handler;
		this.handler = null;
		return handler;
	}

	@Override
	public PanicSite panicSite() {
		return PanicSite.of(PanicSite.ENGINE, "connect");
	}

	@Override
	public void failed(ProxyException error) {
		onConnectFailed(error);
	}

	@Override
	public void panicked(Panic panic) {
		onConnectPanicked(panic);
	}

}
