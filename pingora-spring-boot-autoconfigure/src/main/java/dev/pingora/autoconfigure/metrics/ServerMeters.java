package dev.pingora.autoconfigure.metrics;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.connector.PoolStatus;
import dev.pingora.protocol.ClosingLimit;
import dev.pingora.route.RouteIndex;
import dev.pingora.server.BoundListener;
import dev.pingora.server.ExecutorStatus;
import dev.pingora.server.ProxyServer;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextRefreshedEvent;

/**
 * Meters of what the server holds: they cost nothing until they are read. All of one
 * scrape are read from one look at the server, which may have a thousand peers. Peers and
 * listeners that are met then for the first time get their meters. Used by all threads.
 */
final class ServerMeters implements ApplicationListener<ContextRefreshedEvent> {

	private static final long FRESH = TimeUnit.MILLISECONDS.toNanos(100);

	private final MeterRegistry registry;

	private final ProxyServer server;

	private final Set<String> peers = ConcurrentHashMap.newKeySet();

	private final Set<String> listeners = ConcurrentHashMap.newKeySet();

	private volatile @Nullable Look last;

	/**
	 * A look at the server.
	 *
	 * @param time when it was taken
	 * @param pools the pools by peer
	 * @param listeners the listeners by name
	 * @param executor how busy the executor is, if it can tell
	 */
	private record Look(long time, Map<String, PoolStatus> pools, Map<String, BoundListener> listeners,
			@Nullable ExecutorStatus executor) {
	}

	/**
	 * Registers the meters.
	 * @param registry where they are registered
	 * @param server the server
	 * @param routes the routes, or {@code null} if the router can't tell them
	 */
	ServerMeters(MeterRegistry registry, ProxyServer server, @Nullable RouteIndex routes) {
		this.registry = registry;
		this.server = server;
		Gauge.builder("pingora.requests.active", server, ProxyServer::activeRequests)
			.description("Requests that have begun and not ended")
			.register(registry);
		Gauge.builder("pingora.tunnels.active", server, ProxyServer::activeTunnels)
			.description("Requests that have become tunnels and not ended")
			.register(registry);
		// Read at each scrape, even if no peer is known yet.
		registerPeer(PoolStatus.OTHER);
		if (routes != null) {
			registerUpstreams(routes);
		}
		if (server.executor() != null) {
			registerExecutor();
		}
	}

	/**
	 * Registers what is known once the server has started.
	 * @param event tells that all is started
	 */
	@Override
	public void onApplicationEvent(ContextRefreshedEvent event) {
		look();
	}

	private Look look() {
		Look last = this.last;
		if (last != null && System.nanoTime() - last.time() < FRESH) {
			return last;
		}
		Map<String, PoolStatus> pools = new LinkedHashMap<>();
		this.server.pools().forEach((pool) -> pools.put(pool.peer(), pool));
		Map<String, BoundListener> listeners = this.server.listeners()
			.stream()
			.collect(Collectors.toMap(BoundListener::name, (listener) -> listener, ServerMeters::both));
		Look look = new Look(System.nanoTime(), pools, listeners, this.server.executor());
		this.last = look; // first: registration must not look again
		pools.keySet().forEach(this::registerPeer);
		listeners.keySet().forEach(this::registerListener);
		return look;
	}

	private static BoundListener both(BoundListener one, BoundListener other) {
		return new BoundListener(one.name(), one.address(), one.port(), one.connections() + other.connections(),
				one.maxConnections() + other.maxConnections(), one.pauses() + other.pauses(),
				one.rejected() + other.rejected(), sums(one.closed(), other.closed()));
	}

	private static Map<ClosingLimit, Long> sums(Map<ClosingLimit, Long> one, Map<ClosingLimit, Long> other) {
		Map<ClosingLimit, Long> sums = new EnumMap<>(one);
		other.forEach((limit, count) -> sums.merge(limit, count, Long::sum));
		return sums;
	}

	private void registerListener(String name) {
		if (this.listeners.add(name)) {
			Gauge.builder("pingora.downstream.connections", this, listener(name, BoundListener::connections))
				.description("Connections of clients")
				.tag("listener", name)
				.register(this.registry);
			FunctionCounter
				.builder("pingora.downstream.connections.rejected", this, listener(name, BoundListener::rejected))
				.description("Connections of clients that were reset at once")
				.tag("listener", name)
				.tag("reason", "per_address")
				.register(this.registry);
			FunctionCounter.builder("pingora.downstream.accept.pauses", this, listener(name, BoundListener::pauses))
				.description("Times at which accepting paused since there were as many connections as allowed")
				.tag("listener", name)
				.register(this.registry);
			Stream.of(ClosingLimit.values()).forEach((limit) -> registerClosed(name, limit));
		}
	}

	private void registerClosed(String listener, ClosingLimit limit) {
		FunctionCounter
			.builder("pingora.downstream.connections.closed", this,
					listener(listener, (bound) -> bound.closed().getOrDefault(limit, 0L)))
			.description("Connections of clients that a limit closed, without a request that failed by it")
			.tag("listener", listener)
			.tag("reason", limit.tag())
			.register(this.registry);
	}

	private static ToDoubleFunction<ServerMeters> listener(String name, ToDoubleFunction<BoundListener> value) {
		return (meters) -> {
			BoundListener listener = meters.look().listeners().get(name);
			return (listener != null) ? value.applyAsDouble(listener) : 0;
		};
	}

	private void registerPeer(String peer) {
		if (this.peers.add(peer)) {
			registerConnections(peer, "active", PoolStatus::active);
			registerConnections(peer, "idle", PoolStatus::idle);
			FunctionCounter.builder("pingora.upstream.connects", this, pool(peer, PoolStatus::connects))
				.description("Connections to upstreams that came about")
				.tag("peer", peer)
				.register(this.registry);
			FunctionCounter.builder("pingora.upstream.reuses", this, pool(peer, PoolStatus::reuses))
				.description("Attempts that took a connection that was idle")
				.tag("peer", peer)
				.register(this.registry);
			FunctionCounter.builder("pingora.upstream.borrows", this, pool(peer, PoolStatus::borrows))
				.description("Attempts that took an idle connection of another event loop")
				.tag("peer", peer)
				.register(this.registry);
		}
	}

	private void registerConnections(String peer, String state, ToDoubleFunction<PoolStatus> value) {
		Gauge.builder("pingora.upstream.connections", this, pool(peer, value))
			.description("Connections to upstreams")
			.tag("peer", peer)
			.tag("state", state)
			.register(this.registry);
	}

	private static ToDoubleFunction<ServerMeters> pool(String peer, ToDoubleFunction<PoolStatus> value) {
		return (meters) -> {
			PoolStatus pool = meters.look().pools().get(peer);
			return (pool != null) ? value.applyAsDouble(pool) : 0;
		};
	}

	private void registerUpstreams(RouteIndex routes) {
		// many routes may share one
		Map<String, Upstream> upstreams = new LinkedHashMap<>();
		routes.rules().forEach((rule) -> {
			Upstream upstream = rule.route().upstream();
			if (upstream != null) {
				upstreams.putIfAbsent(upstream.name(), upstream);
			}
		});
		upstreams.values().forEach(this::registerUpstream);
	}

	// There are no health checks: nobody knows more of a backend than that it is listed.
	private void registerUpstream(Upstream upstream) {
		Gauge.builder("pingora.upstream.backends", upstream, (group) -> group.backends().size())
			.description("Backends of upstreams")
			.tag("upstream", upstream.name())
			.tag("state", "unchecked")
			.register(this.registry);
		for (Backend backend : upstream.backends()) {
			registerPeer(backend.peer().key().toString());
		}
	}

	private void registerExecutor() {
		registerExecutor("active", "Blocking calls that run", ExecutorStatus::active);
		registerExecutor("queued", "Blocking calls that wait for a thread", ExecutorStatus::queued);
		registerExecutor("limit", "Blocking calls that may run and wait at once", ExecutorStatus::limit);
		FunctionCounter.builder("pingora.executor.rejected", this, executor(ExecutorStatus::rejected))
			.description("Blocking calls that the executor refused")
			.register(this.registry);
	}

	private void registerExecutor(String name, String description, ToDoubleFunction<ExecutorStatus> value) {
		Gauge.builder("pingora.executor." + name, this, executor(value))
			.description(description)
			.register(this.registry);
	}

	private static ToDoubleFunction<ServerMeters> executor(ToDoubleFunction<ExecutorStatus> value) {
		return (meters) -> {
			ExecutorStatus status = meters.look().executor();
			return (status != null) ? value.applyAsDouble(status) : 0;
		};
	}

}
