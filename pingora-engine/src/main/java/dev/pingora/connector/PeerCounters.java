package dev.pingora.connector;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.ToLongFunction;

import org.jspecify.annotations.Nullable;

/**
 * What has become of the connections to one peer, by event loop. Used by all loops.
 */
final class PeerCounters {

	private final AtomicReferenceArray<@Nullable LoopCounters> loops;

	PeerCounters(int loops) {
		this.loops = new AtomicReferenceArray<>(loops);
	}

	/**
	 * Returns a loop's counters.
	 * @param loop the index of the caller's own loop
	 * @return the counters, which no other loop writes
	 */
	LoopCounters of(int loop) {
		LoopCounters counters = this.loops.get(loop);
		if (counters == null) {
			counters = new LoopCounters();
			this.loops.set(loop, counters);
		}
		return counters;
	}

	private long sum(ToLongFunction<LoopCounters> counter) {
		long sum = 0;
		for (int i = 0; i < this.loops.length(); i++) {
			LoopCounters counters = this.loops.get(i);
			sum += (counters != null) ? counter.applyAsLong(counters) : 0;
		}
		return sum;
	}

	/**
	 * Returns the status.
	 * @param peer the peer's name
	 * @param connections how many connections there are: in use, idle or being made
	 * @param idle how many of them are idle
	 * @return the status; the counters are read one after the other
	 */
	PoolStatus status(String peer, int connections, int idle) {
		int waiting = Math.min(Math.max(0, idle), connections);
		return new PoolStatus(peer, connections - waiting, waiting, sum(LoopCounters::connects),
				sum(LoopCounters::reuses), sum(LoopCounters::borrows));
	}

}
