package dev.pingora.connector;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.pingora.error.ProxyException;
import dev.pingora.panic.Isolated;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.panic.TaskAction;
import dev.pingora.panic.TaskStep;
import dev.pingora.protocol.UpstreamSession;
import dev.pingora.protocol.h1.H1ClientConnection;
import dev.pingora.upstream.HttpPeer;
import io.netty.channel.ChannelFuture;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/**
 * The making of one connection: name look-up and TCP handshake, together within the
 * connect timeout. If the name has several addresses they are tried in turn: the next one
 * when one fails, or when it has used up its part of the time that is left. Owned by the
 * event loop on which it was started.
 */
final class Dial implements Isolated {

	private final PanicIsolation isolation;

	private final HttpPeer peer;

	private final LoopPool pool;

	private final Permit permit;

	private @Nullable ConnectHandler handler;

	private Deque<SocketAddress> addresses = new ArrayDeque<>(0);

	private @Nullable Attempt attempt;

	private @Nullable ScheduledFuture<?> timeout;

	private @Nullable ScheduledFuture<?> turnover;

	private long endsAt;

	private boolean lookedUp;

	private boolean ended;

	/**
	 * The connecting to one address.
	 *
	 * @param connection the connection
	 * @param pooled its place in the pool
	 * @param connecting the channel's becoming connected
	 */
	private record Attempt(H1ClientConnection connection, PooledConnection pooled, ChannelFuture connecting) {
	}

	/**
	 * The permit for a connection: given back when the dial and all its channels have
	 * ended.
	 */
	static final class Permit {

		private final ConnectionCounts counts;

		private final PeerState state;

		private int users = 1;

		Permit(ConnectionCounts counts, PeerState state) {
			this.counts = counts;
			this.state = state;
		}

		void use() {
			this.users++;
		}

		void drop() {
			if (--this.users == 0) {
				this.counts.release(this.state);
			}
		}

	}

	Dial(PanicIsolation isolation, HttpPeer peer, LoopPool pool, Permit permit, ConnectHandler handler) {
		this.isolation = isolation;
		this.peer = peer;
		this.pool = pool;
		this.permit = permit;
		this.handler = handler;
	}

	/**
	 * Begins.
	 * @param resolver looks names up
	 */
	void start(AddressResolverGroup<InetSocketAddress> resolver) {
		boolean begun = false;
		try {
			begin(resolver);
			begun = true;
		}
		finally {
			if (!begun) {
				end();
			}
		}
	}

	private void begin(AddressResolverGroup<InetSocketAddress> resolver) {
		long nanos = this.peer.options().connectTimeout().toNanos();
		this.endsAt = System.nanoTime() + nanos;
		this.timeout = schedule(nanos, (dial) -> dial.timedOut());
		SocketAddress known = this.pool.sockets().address(this.peer.key());
		if (known != null) {
			this.addresses.add(known);
			connectNext();
			return;
		}
		resolver.getResolver(this.pool.loop())
			.resolveAll(InetSocketAddress.createUnresolved(this.peer.key().host(), this.peer.key().port()))
			.addListener((Future<List<InetSocketAddress>> result) -> onLoop(result, Dial::resolved));
	}

	private ScheduledFuture<?> schedule(long nanos, TaskAction<Dial> action) {
		return this.pool.loop().schedule(() -> this.isolation.run(this, action), nanos, TimeUnit.NANOSECONDS);
	}

	private <A> void onLoop(A argument, TaskStep<Dial, A> step) {
		this.isolation.run(this, argument, step);
	}

	private void resolved(Future<List<InetSocketAddress>> result) throws ProxyException {
		Throwable cause = result.cause();
		if (this.ended) {
			return;
		}
		if (cause != null) {
			throw ConnectFailure.unresolved(this.peer, cause);
		}
		this.addresses = Resolving.order(result.getNow(), this.pool.nextTurn());
		connectNext();
	}

	private void connectNext() {
		this.lookedUp = true;
		SocketAddress address = this.addresses.remove();
		PooledConnection pooled = new PooledConnection();
		H1ClientConnection connection = new H1ClientConnection(this.isolation, this.peer.key(), pooled);
		ChannelFuture connecting = this.pool.sockets().bootstrap(this.peer).handler(connection).connect(address);
		Attempt attempt = new Attempt(connection, pooled, connecting);
		this.attempt = attempt;
		if (connecting.cause() != null && !connecting.channel().isRegistered()) {
			// Out of descriptors, say: such a channel is never closed.
			this.pool.loop().execute(() -> onLoop(attempt, Dial::completed));
			return;
		}
		this.permit.use();
		connecting.channel()
			.closeFuture()
			.addListener((future) -> this.isolation.observe(panicSite(), this.permit, Permit::drop));
		if (!this.addresses.isEmpty()) {
			long left = this.endsAt - System.nanoTime();
			this.turnover = schedule(Math.max(0, left / (this.addresses.size() + 1)), (dial) -> dial.giveUp(attempt));
		}
		connecting.addListener((future) -> onLoop(attempt, Dial::completed));
	}

	private void giveUp(Attempt attempt) {
		if (!this.ended && this.attempt == attempt) {
			this.attempt = null; // its failing may be told before close() returns
			attempt.connecting().channel().close();
			connectNext();
		}
	}

	private void completed(Attempt attempt) throws ProxyException {
		Throwable cause = attempt.connecting().cause();
		if (this.ended || this.attempt != attempt) {
			if (cause == null) {
				attempt.connection().close();
			}
			return;
		}
		cancel(this.turnover);
		if (cause == null) {
			connected(attempt);
			return;
		}
		this.attempt = null;
		if (this.addresses.isEmpty()) {
			throw ConnectFailure.translate(this.peer, cause);
		}
		else {
			ConnectFailure.translate(this.peer, cause); // panics if it must
			connectNext();
		}
	}

	// What throws here ends the dial, and its channel with it, and the handler is told.
	private void connected(Attempt attempt) {
		this.pool.add(attempt.pooled(), this.permit.state, attempt.connection());
		UpstreamSession session = attempt.connection().open(this.peer);
		this.attempt = null; // the channel lives on
		ConnectHandler handler = end();
		if (handler != null) {
			this.handler = handler; // until it has taken the session
			handOver(session, handler);
			this.handler = null;
		}
	}

	/**
	 * Hands a session over. If the handler can't take it, it is closed: nobody else knows
	 * of it.
	 * @param session the session
	 * @param handler whose it is from now on
	 */
	static void handOver(UpstreamSession session, ConnectHandler handler) {
		boolean taken = false;
		try {
			handler.onConnected(session);
			taken = true;
		}
		finally {
			if (!taken) {
				session.close();
			}
		}
	}

	private void timedOut() throws ProxyException {
		if (!this.ended) {
			throw ConnectFailure.timedOut(this.peer, this.lookedUp);
		}
	}

	/**
	 * Stops; the handler isn't told any more.
	 */
	void cancel() {
		end();
	}

	private @Nullable ConnectHandler end() {
		ConnectHandler handler = this.handler;
		this.handler = null;
		if (!this.ended) {
			this.ended = true;
			cancel(this.timeout);
			cancel(this.turnover);
			if (this.attempt != null && this.attempt.connecting().channel().isRegistered()) {
				this.attempt.connecting().channel().close();
			}
			this.permit.drop();
		}
		return handler;
	}

	private static void cancel(@Nullable ScheduledFuture<?> timer) {
		if (timer != null) {
			timer.cancel(false);
		}
	}

	@Override
	public PanicSite panicSite() {
		return PanicSite.of(PanicSite.ENGINE, "connect");
	}

	@Override
	public void failed(ProxyException error) {
		ConnectHandler handler = end();
		if (handler != null) {
			handler.onConnectFailed(error);
		}
	}

	@Override
	public void panicked(Panic panic) {
		ConnectHandler handler = end();
		if (handler != null) {
			handler.onConnectPanicked(panic);
		}
	}

}
