package dev.pingora.proxy;

import org.jspecify.annotations.Nullable;

/**
 * Remembers which route's predicates are being tested. Owned by one request.
 */
public final class RouteTrace {

	// Another thread, the watchdog's, may have a look; it makes do with an older value.
	private @Nullable String routeId;

	/**
	 * Makes an empty trace.
	 */
	public RouteTrace() {
	}

	/**
	 * A route's predicates are about to be tested.
	 * @param routeId the route's id
	 */
	public void testing(String routeId) {
		this.routeId = routeId;
	}

	/**
	 * Returns which route is being tested, or was tested last.
	 * @return the route's id, or {@code null} if none was tested
	 */
	public @Nullable String routeId() {
		return this.routeId;
	}

	/**
	 * Says which route is being tested. Also for other threads.
	 * @return the route's id, or nothing
	 */
	@Override
	public String toString() {
		String routeId = this.routeId;
		return (routeId != null) ? routeId : "";
	}

}
