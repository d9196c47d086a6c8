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

	private final ConcurrentHashMap<K, Integer> counts = new ConcurrentHashMap<>();

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
		boolean[] entered = { false };
		this.counts.compute(key, (ignored, present) -> {
			int count = (present != null) ? present : 0;
			entered[0] = count < limit;
			return entered[0] ? Integer.valueOf(count + 1) : present;
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
			return (count > 1) ? Integer.valueOf(count - 1) : null;
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
		return this.counts.getOrDefault(key, 0);
	}

	/**
	 * Returns of how many keys anything goes on.
	 * @return how many keys are remembered
	 */
	public int keys() {
		return this.counts.size();
	}

}
