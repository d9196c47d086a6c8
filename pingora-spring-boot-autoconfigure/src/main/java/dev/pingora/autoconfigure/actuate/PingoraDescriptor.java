package dev.pingora.autoconfigure.actuate;

import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * The proxy server, as the endpoint {@code pingora} shows it. What is {@code null} is
 * left out of the JSON. Times are in milliseconds, sizes in octets.
 *
 * @param version the version of the engine, or {@code null} if its jar does not tell
 * @param running whether the server accepts clients
 * @param transport the transport in use, and why
 * @param eventLoops the number of event loops
 * @param activeRequests how many requests are being served
 * @param listeners where clients are accepted; empty while the server does not run
 * @param router the class of what finds a request's route
 * @param routes the routes that the router tells of, in order
 * @param upstreams the upstreams of those routes
 * @param pools the connections to each peer that was ever called
 * @param executor the executor for blocking phases, or {@code null} if it can't be looked
 * at
 * @param watchdog what the watchdog has seen
 * @param accessLog the access log, or {@code null} if there is none
 * @param settings the settings that are in effect, by the names of their properties
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PingoraDescriptor(@Nullable String version, boolean running, String transport, int eventLoops,
		int activeRequests, List<ListenerDescriptor> listeners, String router, List<RouteDescriptor> routes,
		List<UpstreamDescriptor> upstreams, List<PoolDescriptor> pools, @Nullable ExecutorDescriptor executor,
		WatchdogDescriptor watchdog, @Nullable AccessLogDescriptor accessLog, Map<String, Object> settings) {

	/**
	 * A listener.
	 *
	 * @param name its name
	 * @param address the address that it is bound to
	 * @param port the port that it is bound to, or 0 of a Unix domain socket
	 * @param connections how many connections there are now
	 * @param maxConnections how many there may be at once
	 */
	public record ListenerDescriptor(String name, String address, int port, int connections, int maxConnections) {
	}

	/**
	 * A route.
	 *
	 * @param id its id
	 * @param predicates its predicates as text, all of which must hold; {@code null} if
	 * the router does not tell
	 * @param filters its filters, in order
	 * @param upstream the name of its upstream, or {@code null} if filters choose each
	 * peer
	 */
	@JsonInclude(JsonInclude.Include.NON_NULL)
	public record RouteDescriptor(String id, @Nullable List<String> predicates, List<FilterDescriptor> filters,
			@Nullable String upstream) {
	}

	/**
	 * A filter of a route.
	 *
	 * @param name its name
	 * @param phases the phases that it implements, in their order
	 * @param blockingPhases those of them that run on the executor
	 */
	public record FilterDescriptor(String name, List<String> phases, List<String> blockingPhases) {
	}

	/**
	 * An upstream.
	 *
	 * @param name its name
	 * @param loadBalancing how a backend is chosen
	 * @param backends its backends
	 */
	public record UpstreamDescriptor(String name, String loadBalancing, List<BackendDescriptor> backends) {
	}

	/**
	 * A backend of an upstream. Its connections are counted by address: two backends with
	 * the same address show the same numbers.
	 *
	 * @param address its host and port, or {@code unix:} and its path
	 * @param weight its share of the requests
	 * @param active how many connections are in use or being made
	 * @param idle how many connections wait for a request
	 * @param connects how many connections came about since the start
	 * @param reuses how often a request took one that was idle, since the start
	 * @param borrows how many of these reuses took one of another event loop
	 * @param connectTimeoutMs how long a connection may take to come about
	 * @param readTimeoutMs the longest pause between two reads of a response
	 * @param writeTimeoutMs how long a write may make no progress
	 * @param idleTimeoutMs how long an unused connection is kept
	 * @param maxConnections how many connections there may be at once
	 * @param maxIdleConnections how many of them may be idle
	 * @param maxHeaderSize the largest head of a response in octets
	 * @param maxHeaderCount the most fields of a response's head
	 */
	public record BackendDescriptor(String address, int weight, int active, int idle, long connects, long reuses,
			long borrows, long connectTimeoutMs, long readTimeoutMs, long writeTimeoutMs, long idleTimeoutMs,
			int maxConnections, int maxIdleConnections, int maxHeaderSize, int maxHeaderCount) {
	}

	/**
	 * The connections to a peer.
	 *
	 * @param peer its host and port, or {@code other} for all that came after a thousand
	 * others
	 * @param active how many are in use or being made
	 * @param idle how many wait for a request
	 * @param connects how many came about since the start
	 * @param reuses how often a request took one that was idle, since the start
	 * @param borrows how many of these reuses took one of another event loop
	 */
	public record PoolDescriptor(String peer, int active, int idle, long connects, long reuses, long borrows) {
	}

	/**
	 * The executor for blocking phases.
	 *
	 * @param threads what its tasks run on: {@code virtual} or {@code platform}
	 * @param active how many tasks are running
	 * @param queued how many tasks wait for a thread
	 * @param limit how many tasks it takes at once, running and waiting together
	 * @param rejected how many tasks it has refused since the start
	 * @param saturationPercent running and waiting tasks in per cent of the limit
	 */
	public record ExecutorDescriptor(String threads, int active, int queued, int limit, long rejected,
			int saturationPercent) {
	}

	/**
	 * The watchdog of the event loops.
	 *
	 * @param loopBudgetMs how long a call may hold an event loop, 0 if there is no
	 * watchdog
	 * @param overruns how many calls held one for longer since the start
	 * @param recent the last of them, the newest first
	 */
	public record WatchdogDescriptor(long loopBudgetMs, long overruns, List<HeldLoopDescriptor> recent) {
	}

	/**
	 * A call that holds, or has held, an event loop for too long.
	 *
	 * @param phase where it was made
	 * @param filter the name of the filter or listener, or {@code null}
	 * @param route the id of the route, or {@code null}
	 * @param thread the name of the loop's thread
	 * @param heldMs for how long, at least
	 * @param stack what the thread was doing, the innermost call first; {@code null} in
	 * health
	 */
	@JsonInclude(JsonInclude.Include.NON_NULL)
	public record HeldLoopDescriptor(String phase, @Nullable String filter, @Nullable String route, String thread,
			long heldMs, @Nullable List<String> stack) {
	}

	/**
	 * The access log.
	 *
	 * @param written how many lines were written since the start
	 * @param dropped how many lines were lost
	 */
	public record AccessLogDescriptor(long written, long dropped) {
	}

}
