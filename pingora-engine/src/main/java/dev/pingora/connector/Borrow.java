package dev.pingora.connector;

import java.util.concurrent.TimeUnit;

import dev.pingora.error.ProxyException;
import dev.pingora.panic.Isolated;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.panic.TaskAction;
import dev.pingora.protocol.CrossLoopUpstreamSession;
import dev.pingora.protocol.UpstreamSession;
import dev.pingora.protocol.h1.H1ClientConnection;
import dev.pingora.upstream.HttpPeer;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/**
 * The borrowing of an idle connection of another event loop. If there is none any more, a
 * connection is made at home: there is one crossing at most. The same if the other loop
 * does not answer at once: something may hold it. A request that wants no used connection
 * has one closed instead, to make room for a new one.
 * <p>
 * What can change is owned by the home loop; {@code over} is read there.
 */
final class Borrow implements Isolated {

	private final PooledConnector connector;

	private final PanicIsolation isolation;

	private final LoopPool home;

	private final LoopPool there;

	private final HttpPeer peer;

	private @Nullable ConnectHandler handler;

	private @Nullable Runnable cancelDial;

	private @Nullable ScheduledFuture<?> patience;

	private volatile boolean over;

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
		return ask((borrow) -> borrow.lend());
	}

	/**
	 * Asks for one to be closed. To be called at home.
	 * @return the way to cancel, at home
	 */
	Runnable startClosing() {
		return ask((borrow) -> borrow.makeRoom());
	}

	private Runnable ask(TaskAction<Borrow> question) {
		this.there.loop().execute(() -> this.isolation.run(this, question));
		this.patience = this.home.loop()
			.schedule(() -> this.isolation.run(this, (borrow) -> borrow.dialAtHome()),
					this.connector.borrowTimeoutNanos(), TimeUnit.NANOSECONDS);
		return this::cancel;
	}

	private void cancel() {
		this.handler = null;
		this.over = true;
		stopWaiting();
		if (this.cancelDial != null) {
			this.cancelDial.run();
		}
	}

	// There.

	private void lend() {
		if (this.over) {
			return;
		}
		UpstreamSession session = this.there.lend(this.peer);
		if (session == null) {
			goHome();
			return;
		}
		boolean sent = false;
		try {
			CrossLoopUpstreamSession crossing = new CrossLoopUpstreamSession(this.home.loop(), session, this.isolation);
			this.home.loop().execute(() -> this.isolation.run(this, crossing, Borrow::borrowed));
			sent = true;
		}
		finally {
			if (!sent) { // nobody else knows of it
				session.close();
			}
		}
	}

	private void makeRoom() {
		H1ClientConnection closing = this.there.makeRoom(this.peer.key());
		if (closing != null) {
			closing.whenClosed(() -> this.isolation.run(this, (borrow) -> borrow.goHome()));
		}
		else {
			goHome();
		}
	}

	private void goHome() {
		this.home.loop().execute(() -> this.isolation.run(this, (borrow) -> borrow.dialAtHome()));
	}

	// At home.

	private void borrowed(CrossLoopUpstreamSession session) {
		this.home.rememberLender(this.there);
		stopWaiting();
		ConnectHandler handler = this.handler;
		if (handler != null && this.cancelDial == null) {
			Dial.handOver(session, handler);
		}
		else {
			session.close();
		}
	}

	private void dialAtHome() {
		this.over = true;
		stopWaiting();
		ConnectHandler handler = this.handler;
		if (handler != null && this.cancelDial == null) {
			this.cancelDial = this.connector.dialOrFail(this.home, this.peer, handler);
		}
	}

	private void stopWaiting() {
		if (this.patience != null) {
			this.patience.cancel(false);
			this.patience = null;
		}
	}

	@Override
	public PanicSite panicSite() {
		return PanicSite.of(PanicSite.ENGINE, "connect");
	}

	@Override
	public void failed(ProxyException error) {
		this.home.loop().execute(() -> {
			ConnectHandler handler = end();
			if (handler != null) {
				handler.onConnectFailed(error);
			}
		});
	}

	@Override
	public void panicked(Panic panic) {
		this.home.loop().execute(() -> {
			ConnectHandler handler = end();
			if (handler != null) {
				handler.onConnectPanicked(panic);
			}
		});
	}

	// None if it is told by the dial at home.
	private @Nullable ConnectHandler end() {
		ConnectHandler handler = (this.cancelDial == null) ? this.handler : null;
		this.handler = null;
		this.over = true;
		stopWaiting();
		return handler;
	}

}
