package dev.pingora.route;

import java.util.List;

import dev.pingora.http.RequestHeader;
import dev.pingora.proxy.Route;

/**
 * A route and the conditions under which it takes a request. Immutable.
 *
 * @param route the route
 * @param predicates all of them must hold, tested in this order; where there are none,
 * the route takes every request
 */
public record RouteRule(Route route, List<RequestPredicate> predicates) {

	/**
	 * Copies the predicates.
	 */
	public RouteRule {
		predicates = List.copyOf(predicates);
	}

	/**
	 * A rule.
	 * @param route the route
	 * @param predicates all of them must hold, tested in this order
	 * @return the rule
	 */
	public static RouteRule of(Route route, RequestPredicate... predicates) {
		return new RouteRule(route, List.of(predicates));
	}

	/**
	 * Returns whether this route takes a request, whose path is not checked here.
	 * @param request the request's head
	 * @return whether all predicates hold
	 */
	public boolean matches(RequestHeader request) {
		return matches(request, request.path(), RequestTarget.host(request));
	}

	// Path and host are read once for all rules.
	boolean matches(RequestHeader request, String path, String host) {
		for (int i = 0; i < this.predicates.size(); i++) {
			RequestPredicate predicate = this.predicates.get(i);
			boolean holds;
			if (predicate instanceof PathPredicate pathPredicate) {
				holds = pathPredicate.matches(path);
			}
			else if (predicate instanceof HostPredicate hostPredicate) {
				holds = hostPredicate.matches(host);
			}
			else {
				holds = predicate.test(request);
			}
			if (!holds) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Returns the predicates as operators see them, such as {@code Path=/orders/**}.
	 * @return one text for each predicate, in order
	 */
	public List<String> predicateTexts() {
		return this.predicates.stream().map(Object::toString).toList();
	}

	@Override
	public String toString() {
		return this.route.id() + predicateTexts();
	}

}
