package dev.pingora.panic;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The most recent panics, and how many there were in the last minutes. Used by all
 * threads: each panic takes a short lock.
 */
final class PanicHistory {

	/** How far back panics are counted by time. */
	static final Duration MEMORY = Duration.ofMinutes(10);

	private static final long BUCKET = TimeUnit.SECONDS.toNanos(1);

	private static final int BUCKETS = (int) MEMORY.toSeconds();

	private final int capacity;

	private final LongSupplier clock;

	// Guarded by this.

	private final Deque<Panic> recent = new ArrayDeque<>();

	private final long[] counts = new long[BUCKETS];

	private long newestBucket;

	/**
	 * Makes an empty history.
	 * @param capacity how many panics are kept
	 * @param clock tells nanoseconds, from 0
	 */
	PanicHistory(int capacity, LongSupplier clock) {
		this.capacity = capacity;
		this.clock = clock;
	}

	synchronized void add(Panic panic) {
		advance();
		this.counts[(int) (this.newestBucket % BUCKETS)]++;
		this.recent.addFirst(panic);
		if (this.recent.size() > this.capacity) {
			this.recent.removeLast();
		}
	}

	private void advance() {
		long now = this.clock.getAsLong() / BUCKET;
		long stale = Math.min(now - this.newestBucket, BUCKETS);
		for (long i = 1; i <= stale; i++) {
			this.counts[(int) ((this.newestBucket + i) % BUCKETS)] = 0;
		}
		this.newestBucket = Math.max(now, this.newestBucket);
	}

	/**
	 * Returns the most recent panics.
	 * @return the panics, the newest first
	 */
	synchronized List<Panic> recent() {
		return Collections.unmodifiableList(new ArrayList<>(this.recent));
	}

	/**
	 * Counts the panics of the last time.
	 * @param window how far back; {@link #MEMORY} at most
	 * @return how many there were, to a second
	 */
	synchronized long inLast(Duration window) {
		advance();
		long buckets = Math.min(Math.max(window.toSeconds(), 1), BUCKETS);
		long sum = 0;
		for (long i = 0; i < buckets && i <= this.newestBucket; i++) {
			sum += this.counts[(int) ((this.newestBucket - i) % BUCKETS)];
		}
		return sum;
	}

}
