package dev.pingora.route;

import dev.pingora.http.RequestHeader;

/**
 * A condition of a route. {@link RequestPredicates} makes the usual ones.
 * <p>
 * One instance serves all event loops at once. Its {@code toString} is what operators see
 * of it; {@link RequestPredicates#named} gives a lambda one.
 */
@FunctionalInterface
public interface RequestPredicate {

	/**
	 * Tests a request. Runs on the request's event loop: it must not block and must not
	 * edit the request. A panic in it fails closed: the request ends, and no further
	 * route is tried.
	 * @param request the request's head, valid during this call
	 * @return whether the request meets the condition
	 */
	boolean test(RequestHeader request);

}
