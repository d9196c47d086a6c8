package dev.pingora.autoconfigure.tracing;

import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The names of the observations and of what stands in their spans.
 */
final class Observations {

	static final String REQUEST = "pingora.request";

	static final String UPSTREAM = "pingora.upstream";

	static final String BLOCKING = "pingora.blocking";

	/** Stands for a value that there is not. */
	static final String NONE = "none";

	private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS",
			"TRACE", "CONNECT");

	private Observations() {
	}

	/**
	 * Returns whether an observation is one of these.
	 * @param name the observation's name, or {@code null}
	 * @return whether it is
	 */
	static boolean isOne(@Nullable String name) {
		return REQUEST.equals(name) || UPSTREAM.equals(name) || BLOCKING.equals(name);
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
