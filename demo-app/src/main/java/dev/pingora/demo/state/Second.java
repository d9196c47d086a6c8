package dev.pingora.demo.state;

import org.jspecify.annotations.Nullable;

/**
 * A point of the charts: about a second of traffic.
 *
 * @param at when it ended, in milliseconds since 1970
 * @param rate requests that ended, in a second
 * @param p50 the median of the latency in milliseconds, or {@code null} if nothing was
 * answered
 * @param p90 the 90th percentile
 * @param p99 the 99th percentile
 * @param inFlight the most requests that were under way at once
 * @param panics panics that happened
 */
record Second(long at, double rate, @Nullable Double p50, @Nullable Double p90, @Nullable Double p99, long inFlight,
		long panics) {
}
