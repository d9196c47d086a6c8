package dev.pingora.autoconfigure.actuate;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.pingora.accesslog.AccessLog;
import dev.pingora.autoconfigure.actuate.PingoraDescriptor.AccessLogDescriptor;
import dev.pingora.autoconfigure.actuate.PingoraDescriptor.BackendDescriptor;
import dev.pingora.autoconfigure.actuate.PingoraDescriptor.ExecutorDescriptor;
import dev.pingora.autoconfigure.actuate.PingoraDescriptor.FilterDescriptor;
import dev.pingora.autoconfigure.actuate.PingoraDescriptor.HeldLoopDescriptor;
import dev.pingora.autoconfigure.actuate.PingoraDescriptor.ListenerDescriptor;
import dev.pingora.autoconfigure.actuate.PingoraDescriptor.PoolDescriptor;
import dev.pingora.autoconfigure.actuate.PingoraDescriptor.RouteDescriptor;
import dev.pingora.autoconfigure.actuate.PingoraDescriptor.UpstreamDescriptor;
import dev.pingora.autoconfigure.actuate.PingoraDescriptor.WatchdogDescriptor;
import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.connector.PoolStatus;
import dev.pingora.event.HeldLoop;
import dev.pingora.event.Phase;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.Router;
import dev.pingora.route.RouteIndex;
import dev.pingora.server.ExecutorStatus;
import dev.pingora.server.ProxyServer;
import dev.pingora.upstream.PeerOptions;
import dev.pingora.watchdog.WatchdogStatus;
import org.jspecify.annotations.Nullable;

/**
 * Describes the parts of a server at one moment, for its health and its endpoint.
 */
final class ServerDescriptions {

	private static final int STACK_FRAMES = 20;

	private ServerDescriptions() {
	}

	static List<ListenerDescriptor> listeners(ProxyServer server) {
		return server.listeners()
			.stream()
			.map((listener) -> new ListenerDescriptor(listener.name(), listener.address(), listener.port(),
					listener.connections(), listener.maxConnections()))
			.toList();
	}

	static List<RouteDescriptor> routes(Router router) {
		if (router instanceof RouteIndex index) {
			return index.rules().stream().map((rule) -> describe(rule.route(), rule.predicateTexts())).toList();
		}
		return router.routes().stream().map((route) -> describe(route, null)).toList();
	}

	private static RouteDescriptor describe(Route route, @Nullable List<String> predicates) {
		Upstream upstream = route.upstream();
		return new RouteDescriptor(route.id(), predicates,
				route.filters().stream().map(ServerDescriptions::describe).toList(),
				(upstream != null) ? upstream.name() : null);
	}

	private static FilterDescriptor describe(NamedFilter filter) {
		return new FilterDescriptor(filter.name(), tags(filter.phases()), tags(filter.blockingPhases()));
	}

	private static List<String> tags(Set<Phase> phases) {
		return phases.stream().sorted().map(Phase::tag).toList();
	}

	/**
	 * Describes the upstreams that the routes go to. Each {@code uri} of a route is an
	 * upstream of its own: those that are alike are shown once.
	 * @param server the server
	 * @return the upstreams, in order of the routes
	 */
	static List<UpstreamDescriptor> upstreams(ProxyServer server) {
		Map<String, PoolStatus> pools = new LinkedHashMap<>();
		server.pools().forEach((pool) -> pools.put(pool.peer(), pool));
		List<Upstream> upstreams = new ArrayList<>();
		for (Route route : server.description().router().routes()) {
			Upstream upstream = route.upstream();
			if (upstream != null) {
				upstreams.add(upstream);
			}
		}
		return upstreams.stream().map((upstream) -> describe(upstream, pools)).distinct().toList();
	}

	private static UpstreamDescriptor describe(Upstream upstream, Map<String, PoolStatus> pools) {
		return new UpstreamDescriptor(upstream.name(), upstream.balancer().name(),
				upstream.backends().stream().map((backend) -> describe(backend, pools)).toList());
	}

	private static BackendDescriptor describe(Backend backend, Map<String, PoolStatus> pools) {
		String address = backend.peer().toString();
		PoolStatus pool = pools.getOrDefault(address, new PoolStatus(address, 0, 0, 0, 0, 0));
		PeerOptions options = backend.peer().options();
		return new BackendDescriptor(address, backend.weight(), pool.active(), pool.idle(), pool.connects(),
				pool.reuses(), pool.borrows(), options.connectTimeout().toMillis(), options.readTimeout().toMillis(),
				options.writeTimeout().toMillis(), options.idleTimeout().toMillis(), options.maxConnections(),
				options.maxIdleConnections(), options.maxHeaderSize(), options.maxHeaderCount());
	}

	static List<PoolDescriptor> pools(Collection<PoolStatus> pools) {
		return pools.stream()
			.map((pool) -> new PoolDescriptor(pool.peer(), pool.active(), pool.idle(), pool.connects(), pool.reuses(),
					pool.borrows()))
			.toList();
	}

	static @Nullable ExecutorDescriptor executor(ProxyServer server) {
		ExecutorStatus status = server.executor();
		if (status == null) {
			return null;
		}
		long taken = (long) status.active() + status.queued();
		int percent = (status.limit() > 0) ? (int) Math.round(100.0 * taken / status.limit()) : 0;
		return new ExecutorDescriptor(status.threads(), status.active(), status.queued(), status.limit(),
				status.rejected(), percent);
	}

	static WatchdogDescriptor watchdog(WatchdogStatus status) {
		return new WatchdogDescriptor(status.budget().toMillis(), status.overruns(),
				status.recent().stream().map((held) -> describe(held, true)).toList());
	}

	static HeldLoopDescriptor describe(HeldLoop held, boolean withStack) {
		List<String> stack = withStack ? held.stack().stream().limit(STACK_FRAMES).map(String::valueOf).toList() : null;
		return new HeldLoopDescriptor(held.phase(), held.filter(), held.route(), held.thread(), held.held().toMillis(),
				stack);
	}

	static @Nullable AccessLogDescriptor accessLog(@Nullable AccessLog log) {
		return (log != null) ? new AccessLogDescriptor(log.written(), log.dropped()) : null;
	}

}
