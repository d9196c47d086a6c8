package dev.pingora.proxy;

import java.util.List;

import dev.pingora.error.ProxyException;
import dev.pingora.http.RequestHeader;

/**
 * Finds the route of a request. Called on many event loops at once; must not block.
 */
@FunctionalInterface
public interface Router {

	/**
	 * Finds a route.
	 * @param request the request's head
	 * @param trace is told which route is being tested, so that a predicate that panics
	 * can be named
	 * @return the route
	 * @throws ProxyException if no route takes the request, or it must not be routed
	 */
	Route find(RequestHeader request, RouteTrace trace) throws ProxyException;

	/**
	 * Returns the routes, for those who look at the server; requests don't depend on it.
	 * @return the routes that can be told, in order; none unless the router says so
	 */
	default List<Route> routes() {
		return List.of();
	}

	/**
	 * A router that knows one route, for all requests.
	 * @param route the route
	 * @return the router
	 */
	static Router to(Route route) {
		return new SingleRoute(route);
	}

}
