package dev.pingora.autoconfigure.metrics;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * Meters by a name that code outside may choose. Their number is bounded: what comes when
 * the table is full shares one meter, whose key is given. Used by all threads; to get a
 * meter that is there allocates nothing, and takes no lock.
 *
 * @param <K> what they are found by
 * @param <M> the meters
 */
final class BoundedMeters<K, M> {

	private final ConcurrentMap<K, M> meters = new ConcurrentHashMap<>();

	private final int max;

	private final K other;

	private final Function<K, M> registration;

	// There when the table is full.
	private volatile @Nullable M others;

	/**
	 * Makes an empty table.
	 * @param max how many meters there may be, the one for all others not counted
	 * @param other the key of the meter for all others
	 * @param registration registers the meter of a key
	 */
	BoundedMeters(int max, K other, Function<K, M> registration) {
		this.max = max;
		this.other = other;
		this.registration = registration;
	}

	M get(K key) {
		M present = this.meters.get(key);
		if (present != null) {
			return present;
		}
		M others = this.others;
		return (others != null) ? others : register(key);
	}

	private synchronized M register(K key) {
		if (this.meters.size() < this.max) {
			return this.meters.computeIfAbsent(key, this.registration);
		}
		M present = this.meters.get(key); // another thread may have been faster
		if (present != null) {
			return present;
		}
		M others = this.registration.apply(this.other); // a registry has each meter once
		this.others = others;
		return others;
	}

}
