package dev.pingora.event;

import java.time.Duration;

/**
 * A step of a request's way: a phase in which filters were called, or a milestone.
 *
 * @param name the phase's name, or {@link #ATTEMPT}, {@link #CONNECTED}, {@link #HEADER}
 * @param at when it was reached, from the request's start
 */
public record Step(String name, Duration at) {

	/** A milestone: an attempt to call a peer has begun. */
	public static final String ATTEMPT = "attempt";

	/** A milestone: the attempt has its connection. */
	public static final String CONNECTED = "connected";

	/** A milestone: the head of the final response came from upstream. */
	public static final String HEADER = "header";

}
