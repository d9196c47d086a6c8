package dev.pingora.route;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.RequestHeader;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.RouteTrace;
import dev.pingora.proxy.Router;

/**
 * Finds the route of a request: the first, in order, whose predicates all hold.
 * Immutable, used by all event loops at once.
 * <p>
 * A route that the path rules out is passed over without its other predicates being
 * asked, so the order of predicates within a route can't be relied on for side effects.
 * <p>
 * A request whose path an origin could understand in another way than the predicates do
 * is refused with 400 before any predicate is asked: a dot segment in any spelling, a
 * malformed escape, {@code %00}, a backslash, a {@code #}. So is a target that is neither
 * a path nor an http URI nor the {@code *} of {@code OPTIONS}, and one whose authority
 * has user information.
 */
public final class RouteIndex implements Router {

	private final List<RouteRule> rules;

	private final PathTrie trie;

	private final boolean hostMatters;

	private RouteIndex(List<RouteRule> rules) {
		this.rules = List.copyOf(rules);
		this.trie = new PathTrie(this.rules);
		this.hostMatters = this.rules.stream()
			.flatMap((rule) -> rule.predicates().stream())
			.anyMatch(HostPredicate.class::isInstance);
	}

	/**
	 * An index.
	 * @param rules the routes, the first that matches wins
	 * @return the index
	 * @throws IllegalArgumentException if two routes have the same id
	 */
	public static RouteIndex of(List<RouteRule> rules) {
		Map<String, Integer> positions = new HashMap<>();
		for (int i = 0; i < rules.size(); i++) {
			String id = rules.get(i).route().id();
			Integer earlier = positions.putIfAbsent(id, i);
			if (earlier != null) {
				throw new IllegalArgumentException(
						"route id: '" + id + "' (expected: unique, but routes " + earlier + " and " + i + " have it)");
			}
		}
		return new RouteIndex(rules);
	}

	/**
	 * An index.
	 * @param rules the routes, the first that matches wins
	 * @return the index
	 * @throws IllegalArgumentException if two routes have the same id
	 */
	public static RouteIndex of(RouteRule... rules) {
		return of(List.of(rules));
	}

	/**
	 * Finds the route of a request.
	 * @param request the request's head
	 * @param trace is told which route is being tested
	 * @return the route
	 * @throws ProxyException {@code NO_ROUTE} (404) if no route takes the request, or 400
	 * if its target is refused
	 */
	@Override
	public Route find(RequestHeader request, RouteTrace trace) throws ProxyException {
		String path = RequestTarget.routablePath(request);
		String host = this.hostMatters ? RequestTarget.host(request) : "";
		for (RouteRule rule : this.trie.candidates(path)) {
			trace.testing(rule.route().id());
			if (rule.matches(request, path, host)) {
				return rule.route();
			}
		}
		throw ProxyException.internal(ErrorType.NO_ROUTE,
				"no route for " + request.method() + " " + RequestTarget.shown(path));
	}

	/**
	 * Returns the routes with their predicates.
	 * @return the rules, in order
	 */
	public List<RouteRule> rules() {
		return this.rules;
	}

	@Override
	public List<Route> routes() {
		return this.rules.stream().map(RouteRule::route).toList();
	}

	@Override
	public String toString() {
		return "RouteIndex" + this.rules;
	}

}
