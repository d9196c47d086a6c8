package dev.pingora.event;

import java.time.Duration;

/**
 * When a request's milestones came: nanoseconds from its start, that is, from when its
 * head had been read. Those of the upstream's side belong to the last attempt.
 *
 * @param attempt when the attempt began, or {@link #NEVER}
 * @param connected when its connection was there, or {@link #NEVER}
 * @param header when the head of the final response had been read, or {@link #NEVER}
 * @param total when these timings were taken: the request's end, in a finished request
 */
public record Timings(long attempt, long connected, long header, long total) {

	/** Stands for a milestone that was not reached. */
	public static final long NEVER = -1;

	/**
	 * Returns how long the request took.
	 * @return the time from its start until these timings were taken
	 */
	public Duration duration() {
		return Duration.ofNanos(this.total);
	}

}
