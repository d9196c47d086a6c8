package dev.pingora.autoconfigure.tracing;

import java.util.Set;

/**
 * The names of the observations and of what stands in their spans.
 */
final class Observations {

	static final String REQUEST = "pingora.request";

	static final String UPSTREAM = "pingora.upstream";

	static final String BLOCKING = "pingora.blocking";

	/** Stands for a value that there is not. */
	static final String NONE = "none";

	private static final Set<String> TIMERS = Set.of(REQUEST, REQUEST + ".active", UPSTREAM, UPSTREAM + ".active",
			BLOCKING, BLOCKING + ".active");

	private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS",
			"TRACE", "CONNECT");

	private Observations() {
	}

	/**
	 * Returns whether a meter is what Micrometer makes of these observations by itself.
	 * @param meter the meter's name
	 * @return whether it is
	 */
	static boolean isTimer(String meter) {
		return TIMERS.contains(meter);
	}

	/**
	 * Bounds the number of methods: clients may invent some.
	 * @param method the method as it was sent
	 * @return the method, or {@code OTHER}
	 */
	static String method(String method) {
		return METHODS.contains(method) ? method : "OTHER";
	}

}
