package dev.pingora.protocol;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * Counts the connections that limits have closed. Used by all threads.
 */
public final class ClosingLimitCounts {

	private final LongAdder[] counts = Stream.generate(LongAdder::new)
		.limit(ClosingLimit.values().length)
		.toArray(LongAdder[]::new);

	/**
	 * A connection was closed. Called once for each.
	 * @param limit the limit
	 */
	public void closed(ClosingLimit limit) {
		this.counts[limit.ordinal()].increment();
	}

	/**
	 * Returns how many connections each limit has closed.
	 * @return a number for every limit
	 */
	public Map<ClosingLimit, Long> all() {
		Map<ClosingLimit, Long> all = new EnumMap<>(ClosingLimit.class);
		Arrays.stream(ClosingLimit.values()).forEach((limit) -> all.put(limit, this.counts[limit.ordinal()].sum()));
		return all;
	}

}
