package dev.pingora.connector;

import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.protocol.UpstreamSession;
import dev.pingora.protocol.h1.H1ClientConnection;
import dev.pingora.transport.EventLoops;
import dev.pingora.upstream.HttpPeer;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * The connector of a server: a pool for each event loop, of which one may borrow from the
 * other. A request takes, in this order: an idle connection of its own loop, one of
 * another loop, a new one. Which other loop has one is known without asking it.
 */
public final class PooledConnector implements Connector, AutoCloseable {

	private final PanicIsolation isolation;

	private final PoolOptions options;

	private final UnaryOperator<EventLoop> upstreamLoop;

	private final Resolving resolving;

	private final PeerStatistics statistics;

	private final ConnectionCounts counts;

	private final Map<EventLoop, LoopPool> pools = new IdentityHashMap<>();

	/**
	 * What a connector is made from.
	 *
	 * @param pool how idle connections are kept
	 * @param dns how names are looked up
	 * @param upstreamLoop says, for a request's loop, on which loop its upstream
	 * connection lives: best the same
	 */
	public record Settings(PoolOptions pool, DnsOptions dns, UnaryOperator<EventLoop> upstreamLoop) {
	}

	/**
	 * Makes a connector.
	 * @param loops the loops on which it will be used
	 * @param isolation the border
	 * @param settings the settings
	 */
	public PooledConnector(EventLoops loops, PanicIsolation isolation, Settings settings) {
		this.isolation = isolation;
		this.options = settings.pool();
		this.upstreamLoop = settings.upstreamLoop();
		this.resolving = new Resolving(loops, settings.dns());
		List<EventLoop> all = loops.loops();
		this.statistics = new PeerStatistics(all.size());
		this.counts = new ConnectionCounts(this.statistics, all.size());
		IdleQuota quota = new IdleQuota(this.options.maxIdle(), all.size());
		for (EventLoop loop : all) {
			this.pools.put(loop, new LoopPool(loop, this.pools.size(), new PeerSockets(loops, loop), quota));
		}
	}

	PanicIsolation isolation() {
		return this.isolation;
	}

	long borrowTimeoutNanos() {
		return this.options.borrowTimeout().toNanos();
	}

	private LoopPool pool(EventLoop loop) {
		return Objects.requireNonNull(this.pools.get(loop), "the event loop belongs to another server");
	}

	@Override
	public @Nullable UpstreamSession reuse(EventLoop loop, HttpPeer peer) {
		return (this.upstreamLoop.apply(loop) == loop) ? reuseHere(loop, peer) : null;
	}

	@Nullable UpstreamSession reuseHere(EventLoop loop, HttpPeer peer) {
		return pool(loop).reuse(peer);
	}

	@Override
	public Runnable obtain(EventLoop loop, HttpPeer peer, ConnectHandler handler) {
		EventLoop there = this.upstreamLoop.apply(loop);
		if (there != loop) {
			return cross(loop, there, peer, handler);
		}
		LoopPool home = pool(loop);
		PeerState state = mayShare() ? this.counts.find(peer.key()) : null;
		LoopPool lender = (state != null) ? state.lender(home.index()) : null;
		if (state != null && lender != null && state.counters().of(home.index()).mayBorrow(System.nanoTime())) {
			return new Borrow(this, home, lender, peer, handler).start();
		}
		Runnable dial = tryDial(home, peer, handler);
		if (dial != null) {
			return dial;
		}
		lender = lender(home, peer);
		return (lender != null) ? new Borrow(this, home, lender, peer, handler).start()
				: awaitRoom(home, peer, handler);
	}

	@Override
	public Runnable dial(EventLoop loop, HttpPeer peer, ConnectHandler handler) {
		EventLoop there = this.upstreamLoop.apply(loop);
		return (there == loop) ? dialHere(loop, peer, handler) : cross(loop, there, peer, handler);
	}

	private Runnable cross(EventLoop loop, EventLoop there, HttpPeer peer, ConnectHandler handler) {
		CrossLoopDial dial = new CrossLoopDial(loop, there, this.isolation, handler);
		dial.start(this, peer);
		return dial::cancel;
	}

	/**
	 * Makes a connection; if there are too many, an idle one is closed for it.
	 */
	Runnable dialHere(EventLoop loop, HttpPeer peer, ConnectHandler handler) {
		LoopPool home = pool(loop);
		Runnable dial = tryDial(home, peer, handler);
		H1ClientConnection closing = (dial == null) ? home.makeRoom(peer.key()) : null;
		if (closing != null) {
			return new DelayedDial(this, home, peer, handler).start(closing);
		}
		if (dial != null) {
			return dial;
		}
		// Who lent the last one may be closing it just now.
		LoopPool lender = lender(home, peer);
		LoopPool there = (lender != null) ? lender : home.lastLender();
		return (there != null) ? new Borrow(this, home, there, peer, handler).startClosing()
				: Refusal.tell(home, peer, handler);
	}

	Runnable dialOrFail(LoopPool home, HttpPeer peer, ConnectHandler handler) {
		Runnable dial = tryDial(home, peer, handler);
		return (dial != null) ? dial : awaitRoom(home, peer, handler);
	}

	// A connection that is being closed still has its permit, on io_uring for a while.
	private Runnable awaitRoom(LoopPool home, HttpPeer peer, ConnectHandler handler) {
		H1ClientConnection closing = home.takeClosing(peer.key());
		return (closing != null) ? new DelayedDial(this, home, peer, handler).start(closing)
				: Refusal.tell(home, peer, handler);
	}

	private @Nullable Runnable tryDial(LoopPool home, HttpPeer peer, ConnectHandler handler) {
		PeerState state = this.counts.acquire(peer);
		if (state == null) {
			return null;
		}
		Dial dial = new Dial(this.isolation, peer, home, new Dial.Permit(this.counts, state), handler);
		dial.start(this.resolving.of(home.index()));
		return dial::cancel;
	}

	private boolean mayShare() {
		return this.options.shareAcrossLoops() && this.pools.size() > 1;
	}

	private @Nullable LoopPool lender(LoopPool home, HttpPeer peer) {
		PeerState state = mayShare() ? this.counts.find(peer.key()) : null;
		return (state != null) ? state.lender(home.index()) : null;
	}

	/**
	 * Returns how many connections there are, in use, idle or being made.
	 * @return the number of connections to all peers
	 */
	public int connections() {
		return this.counts.total();
	}

	/**
	 * Returns the connections by peer.
	 * @return the peers that were ever called, in the order of their names
	 */
	public List<PoolStatus> pools() {
		return this.statistics.status(this.counts);
	}

	/**
	 * Closes all connections and waits for it, two seconds at most: io_uring leaves a
	 * socket open whose closing is under way when its loop ends. Not to be called on an
	 * event loop.
	 */
	@Override
	public void close() {
		this.pools.forEach((loop, pool) -> loop
			.execute(() -> this.isolation.observe(PanicSite.of(PanicSite.ENGINE, "pool"), pool, this::close)));
		this.resolving.close();
		this.counts.awaitNone(Duration.ofSeconds(2));
	}

	private void close(LoopPool pool) {
		pool.close();
		this.resolving.closeSockets(pool.index());
	}

}
