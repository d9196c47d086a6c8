package dev.pingora.connector;

import dev.pingora.error.ProxyException;
import dev.pingora.panic.Isolated;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicSite;
import dev.pingora.protocol.h1.H1ClientConnection;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;

/**
 * A dial that takes the place of a connection of the same loop that is being closed. With
 * most transports that is closed already; io_uring first waits for what the kernel was
 * asked for. Owned by the event loop.
 */
final class DelayedDial implements Isolated {

	private final PooledConnector connector;

	private final LoopPool home;

	private final HttpPeer peer;

	private @Nullable ConnectHandler handler;

	private @Nullable Runnable cancelDial;

	DelayedDial(PooledConnector connector, LoopPool home, HttpPeer peer, ConnectHandler handler) {
		this.connector = connector;
		this.home = home;
		this.peer = peer;
		this.handler = handler;
	}

	/**
	 * Dials when a connection is closed.
	 * @param closing the connection
	 * @return the way to cancel
	 */
	Runnable start(H1ClientConnection closing) {
		closing.whenClosed(() -> this.connector.isolation().run(this, DelayedDial::dial));
		return this::cancel;
	}

	private void dial() {
		ConnectHandler handler = this.handler;
		if (handler != null) {
			this.cancelDial = this.connector.dialOrFail(this.home, this.peer, handler);
		}
	}

	private void cancel() {
		this.handler = null;
		if (this.cancelDial != null) {
			this.cancelDial.run();
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
