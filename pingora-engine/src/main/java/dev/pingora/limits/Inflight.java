package dev.pingora.limits;

import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts, for each key, what is going on at this moment: connections, requests, calls
 * (Pingora's {@code pingora-limits/src/inflight.rs}, but exact: no two keys share a
 * count). A key is remembered only while something of it goes on, so the memory is
 * bounded by what goes on.
 *
 * <pre>{@code
 * if (!calls.tryEnter(tenant, 10)) {
 *     return session.respond(429);
 * }
 * session.onRelease(() -> calls.leave(tenant));
 * }</pre>
 *
 * May be used by all threads: a count never exceeds its limit, whoever enters at once.
 *
 * @param <K> the type of keys, which must be usable in a hash map
 */
public final class Inflight<K> {

	private final ConcurrentHashMap<K, Count> counts = new ConcurrentHashMap<>();

	/**
	 * A key's count. Written while the map holds the key's place.
	 */
	private static final class Count {

		private volatile int value;

	}

	/**
	 * Counts one more for a key, unless the limit is reached.
	 * @param key the key
	 * @param limit how many there may be at once; what is entered under one limit counts
	 * under another
	 * @return whether it was counted; then {@link #leave} is to be called once
	 */
	public boolean tryEnter(K key, int limit) {
		if (limit < 1) {
			return false;
		}
		boolean[] entered = { true };
		this.counts.compute(key, (ignored, present) -> {
			Count count = (present != null) ? present : new Count();
			if (count.value < limit) {
				count.value = count.value + 1;
			}
			else {
				entered[0] = false;
			}
			return count;
		});
		return entered[0];
	}

	/**
	 * Counts one less for a key.
	 * @param key the key
	 * @throws IllegalStateException if nothing of this key goes on
	 */
	public void leave(K key) {
		boolean[] left = { false };
		this.counts.computeIfPresent(key, (ignored, count) -> {
			left[0] = true;
			count.value = count.value - 1;
			return (count.value > 0) ? count : null;
		});
		if (!left[0]) {
			throw new IllegalStateException("key: " + key + " (expected: one that has entered)");
		}
	}

	/**
	 * Returns how much of a key goes on.
	 * @param key the key
	 * @return its count
	 */
	public int count(K key) {
		Count count = this.counts.get(key);
		return (count != null) ? count.value : 0;
	}

	/**
	 * Returns of how many keys anything goes on.
	 * @return how many keys are remembered
	 */
	public int keys() {
		return this.counts.size();
	}

}
