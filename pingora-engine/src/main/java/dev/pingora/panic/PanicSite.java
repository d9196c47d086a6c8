package dev.pingora.panic;

import dev.pingora.event.RequestSummary;
import org.jspecify.annotations.Nullable;

/**
 * Where a panic happened.
 *
 * @param phase the phase's name, or another name for work outside the phases:
 * {@code predicate}, {@code engine}, {@code codec}, {@code listener}, {@code release},
 * {@code background}, {@code executor}
 * @param filter the name of the filter, listener or task, or {@code null}
 * @param route the id of the route, or {@code null}
 * @param request the request, or {@code null} outside any
 */
public record PanicSite(String phase, @Nullable String filter, @Nullable String route,
		@Nullable RequestSummary request) {

	/** Outside the phases: a route's predicate. */
	public static final String PREDICATE = "predicate";

	/** Outside the phases: the engine's own code while it works for a request. */
	public static final String ENGINE = "engine";

	/** Outside the phases: a codec, on a connection that belongs to no request. */
	public static final String CODEC = "codec";

	/** Outside the phases: a {@code ProxyListener} or {@code PanicListener}. */
	public static final String LISTENER = "listener";

	/** Outside the phases: an action that releases a resource. */
	public static final String RELEASE = "release";

	/** Outside the phases: a supervised background task. */
	public static final String BACKGROUND = "background";

	/** Outside the phases: a task on the panic-isolating executor. */
	public static final String EXECUTOR = "executor";

	/**
	 * A site outside any request.
	 * @param phase the name of the work
	 * @param name the name of what was running, or {@code null}
	 * @return the site
	 */
	public static PanicSite of(String phase, @Nullable String name) {
		return new PanicSite(phase, name, null, null);
	}

}
