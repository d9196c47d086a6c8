package dev.pingora.proxy;

import java.util.List;

import dev.pingora.http.RequestHeader;

/**
 * The router of all requests to one route.
 *
 * @param route the route
 */
record SingleRoute(Route route) implements Router {

	@Override
	public Route find(RequestHeader request, RouteTrace trace) {
		return this.route;
	}

	@Override
	public List<Route> routes() {
		return List.of(this.route);
	}

}
