package dev.pingora.proxy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

import dev.pingora.balancing.Upstream;
import dev.pingora.event.Phase;
import org.jspecify.annotations.Nullable;

/**
 * What is done with a request: its filters, and the upstream that it goes to. Immutable.
 */
public final class Route {

	private static final List<NamedFilter> NONE = List.of();

	private final String id;

	private final List<NamedFilter> filters;

	private final @Nullable Upstream upstream;

	private final List<List<NamedFilter>> chains; // by the phase's ordinal

	private Route(String id, List<NamedFilter> filters, @Nullable Upstream upstream) {
		this.id = id;
		this.filters = List.copyOf(filters);
		this.upstream = upstream;
		this.chains = Arrays.stream(Phase.values()).map(this::nested).toList();
	}

	/**
	 * A route to an upstream.
	 * @param id the route's id, for logs and meters
	 * @param filters its filters, in order
	 * @param upstream the upstream, or {@code null} if a filter's {@code upstreamPeer}
	 * chooses each peer or answers each request
	 * @return the route
	 * @throws IllegalArgumentException if the id is blank
	 */
	public static Route of(String id, List<NamedFilter> filters, @Nullable Upstream upstream) {
		if (id.isBlank()) {
			throw new IllegalArgumentException("route id: '" + id + "' (expected: not blank)");
		}
		return new Route(id, filters, upstream);
	}

	/**
	 * A route of one: a whole proxy of the user's own.
	 * @param id the route's id, for logs and meters
	 * @param proxy the proxy
	 * @return the route
	 * @throws IllegalArgumentException if the id is blank, or a phase is marked
	 * {@link Blocking} that may not block
	 */
	public static Route of(String id, ProxyHttp<?> proxy) {
		return of(id, List.of(NamedFilter.of(id, proxy, proxy.getClass())), null);
	}

	// Up to the upstream in order, from the upstream back in reverse: filters nest.
	private List<NamedFilter> nested(Phase phase) {
		List<NamedFilter> chain = new ArrayList<>();
		this.filters.stream().filter((filter) -> filter.phases().contains(phase)).forEach(chain::add);
		if (phase.compareTo(Phase.UPSTREAM_RESPONSE_FILTER) >= 0 && phase.compareTo(Phase.ERROR_WHILE_PROXY) < 0) {
			Collections.reverse(chain);
		}
		return chain.isEmpty() ? NONE : List.copyOf(chain);
	}

	/**
	 * Returns the route's id.
	 * @return the id
	 */
	public String id() {
		return this.id;
	}

	/**
	 * Returns the filters, in the order in which they were given.
	 * @return the filters
	 */
	public List<NamedFilter> filters() {
		return this.filters;
	}

	/**
	 * Returns the upstream.
	 * @return the upstream, or {@code null} if filters choose each peer
	 */
	public @Nullable Upstream upstream() {
		return this.upstream;
	}

	/**
	 * Returns the filters that implement a phase, in the order in which they run in it.
	 * @param phase the phase
	 * @return the filters; empty if nobody implements it
	 */
	public List<NamedFilter> chain(Phase phase) {
		return this.chains.get(phase.ordinal());
	}

	@Override
	public String toString() {
		return "Route(" + this.id + ")";
	}

}
