package dev.pingora.connector;

import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.protocol.UpstreamSession;
import dev.pingora.transport.EventLoops;
import dev.pingora.upstream.HttpPeer;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoop;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The connector of a server: a pool for each event loop. Names are resolved by Netty's
 * resolver, which never blocks a loop and keeps answers for their time to live.
 */
public final class PooledConnector implements Connector, AutoCloseable {

	private final PanicIsolation isolation;

	private final UnaryOperator<EventLoop> upstreamLoop;

	private final DnsAddressResolverGroup resolver;

	private final ConnectionCounts counts = new ConnectionCounts();

	private final PeerStatistics statistics = new PeerStatistics();

	private final Map<EventLoop, LoopPool> pools = new IdentityHashMap<>();

	private final Map<EventLoop, PeerSockets> sockets = new IdentityHashMap<>();

	/**
	 * Makes a connector.
	 * @param loops the loops on which it will be used
	 * @param isolation the border
	 * @param upstreamLoop says, for a request's loop, on which loop its upstream
	 * connection lives: best the same
	 */
	public PooledConnector(EventLoops loops, PanicIsolation isolation, UnaryOperator<EventLoop> upstreamLoop) {
		this.isolation = isolation;
		this.upstreamLoop = upstreamLoop;
		this.resolver = new DnsAddressResolverGroup(
				new DnsNameResolverBuilder().datagramChannelType(loops.datagramChannel())
					.socketChannelType(loops.channel())
					.queryTimeoutMillis(2000));
		for (EventLoop loop : loops.loops()) {
			this.pools.put(loop, new LoopPool(this.statistics));
			this.sockets.put(loop, new PeerSockets(loops, loop, this.resolver));
		}
	}

	private LoopPool pool(EventLoop loop) {
		return Objects.requireNonNull(this.pools.get(loop), "the event loop belongs to another server");
	}

	@Override
	public @Nullable UpstreamSession reuse(EventLoop loop, HttpPeer peer) {
		return (this.upstreamLoop.apply(loop) == loop) ? reuseHere(loop, peer) : null;
	}

	@Override
	public Runnable dial(EventLoop loop, HttpPeer peer, ConnectHandler handler) {
		EventLoop there = this.upstreamLoop.apply(loop);
		if (there == loop) {
			return dialHere(loop, peer, handler);
		}
		CrossLoopDial dial = new CrossLoopDial(loop, there, this.isolation, handler);
		dial.start(this, peer);
		return dial::cancel;
	}

	@Nullable UpstreamSession reuseHere(EventLoop loop, HttpPeer peer) {
		return pool(loop).reuse(peer);
	}

	Runnable dialHere(EventLoop loop, HttpPeer peer, ConnectHandler handler) {
		Bootstrap bootstrap = Objects.requireNonNull(this.sockets.get(loop)).bootstrap(peer);
		Dial dial = new Dial(this.isolation, peer, pool(loop), handler);
		if (this.counts.tryAcquire(peer)) {
			dial.start(loop, bootstrap, () -> this.counts.release(peer.key()));
		}
		else {
			loop.execute(() -> this.isolation.run(dial, peer, (refused, target) -> {
				throw ProxyException.upstream(ErrorType.TOO_MANY_CONNECTIONS,
						target + " has " + target.options().maxConnections() + " connections");
			}));
		}
		return dial::cancel;
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
			.execute(() -> this.isolation.observe(PanicSite.of(PanicSite.ENGINE, "pool"), pool, LoopPool::close)));
		this.resolver.close();
		this.counts.awaitNone(Duration.ofSeconds(2));
	}

}
