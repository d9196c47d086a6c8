package dev.pingora.connector;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.panic.Isolated;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.protocol.h1.H1ClientConnection;
import dev.pingora.upstream.HttpPeer;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/**
 * The making of one connection: name look-up and TCP handshake, together within the
 * connect timeout. Owned by the event loop on which it was started.
 */
final class Dial implements Isolated {

	private final PanicIsolation isolation;

	private final HttpPeer peer;

	private final LoopPool pool;

	private final H1ClientConnection connection;

	private @Nullable ConnectHandler handler;

	private @Nullable ChannelFuture connecting;

	private @Nullable ScheduledFuture<?> timeout;

	Dial(PanicIsolation isolation, HttpPeer peer, LoopPool pool, ConnectHandler handler) {
		this.isolation = isolation;
		this.peer = peer;
		this.pool = pool;
		this.handler = handler;
		this.connection = new H1ClientConnection(isolation, peer.key(), pool);
	}

	/**
	 * Begins.
	 * @param loop this loop
	 * @param bootstrap makes a channel on it that knows where to connect to
	 * @param closed is run when the connection is closed, or never came about
	 */
	void start(EventLoop loop, Bootstrap bootstrap, Runnable closed) {
		ChannelFuture connecting = bootstrap.handler(this.connection).connect();
		Throwable noSocket = connecting.cause();
		if (noSocket != null && !connecting.channel().isRegistered()) {
			closed.run(); // out of descriptors, say: such a channel is never closed
			loop.execute(() -> this.isolation.run(this, connecting, Dial::completed));
			return;
		}
		this.connecting = connecting;
		connecting.channel()
			.closeFuture()
			.addListener((future) -> this.isolation.observe(PanicSite.of(PanicSite.ENGINE, "connect"), closed,
					Runnable::run));
		this.timeout = loop.schedule(() -> this.isolation.run(this, (dial) -> dial.timedOut()),
				this.peer.options().connectTimeout().toNanos(), TimeUnit.NANOSECONDS);
		connecting.addListener((future) -> this.isolation.run(this, future, Dial::completed));
	}

	private void completed(Future<?> result) throws ProxyException {
		ConnectHandler handler = end();
		Throwable cause = result.cause();
		if (cause == null && handler != null) {
			this.pool.add(this.connection);
			handler.onConnected(this.connection.open(this.peer));
		}
		else if (cause == null) {
			this.connection.close();
		}
		else if (handler != null) {
			this.handler = handler; // for what the translation throws
			throw translate(cause);
		}
	}

	private void timedOut() throws ProxyException {
		if (this.handler != null) {
			throw ProxyException.upstream(ErrorType.CONNECT_TIMEDOUT,
					"connect to " + this.peer + " within " + this.peer.options().connectTimeout().toMillis() + " ms");
		}
	}

	// What a connect may fail with; anything else is a panic.
	private ProxyException translate(Throwable thrown) {
		Throwable cause = (thrown instanceof ChannelException && thrown.getCause() != null) ? thrown.getCause()
				: thrown;
		ErrorType type;
		if (cause instanceof UnknownHostException) {
			type = ErrorType.DNS_ERROR;
		}
		else if (cause instanceof NoRouteToHostException) {
			type = ErrorType.CONNECT_NO_ROUTE;
		}
		else if (cause instanceof ConnectException && String.valueOf(cause.getMessage()).contains("refused")) {
			type = ErrorType.CONNECT_REFUSED;
		}
		else if (cause instanceof IOException) {
			type = ErrorType.CONNECT_ERROR;
		}
		else {
			PanicIsolation.rethrow(cause);
			throw new AssertionError("not reached", cause);
		}
		String reason = (cause instanceof FileNotFoundException) ? "no such file" : cause.getMessage();
		return ProxyException.upstream(type, "connect to " + this.peer + ": " + reason);
	}

	/**
	 * Stops; the handler isn't told any more.
	 */
	void cancel() {
		end();
		closeChannel();
	}

	private @Nullable ConnectHandler end() {
		ConnectHandler handler = this.handler;
		this.handler = null;
		if (this.timeout != null) {
			this.timeout.cancel(false);
			this.timeout = null;
		}
		return handler;
	}

	private void closeChannel() {
		if (this.connecting != null) {
			this.connecting.channel().close();
		}
	}

	@Override
	public PanicSite panicSite() {
		return PanicSite.of(PanicSite.ENGINE, "connect");
	}

	@Override
	public void failed(ProxyException error) {
		ConnectHandler handler = end();
		closeChannel();
		if (handler != null) {
			handler.onConnectFailed(error);
		}
	}

	@Override
	public void panicked(Panic panic) {
		ConnectHandler handler = end();
		closeChannel();
		if (handler != null) {
			handler.onConnectPanicked(panic);
		}
	}

}
