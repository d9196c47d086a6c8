package dev.pingora.panic;

import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

import org.jspecify.annotations.Nullable;

/**
 * Counts all panics, by site. Used by all threads. The number of sites is bounded: what
 * comes when the table is full is counted as {@link #OTHER}.
 */
public final class PanicTotals {

	/** Stands for a filter or route that is absent. */
	public static final String NONE = "none";

	/** Stands for all sites that came after the table was full. */
	public static final String OTHER = "other";

	private static final int MAX_SITES = 1000;

	private final Map<Key, LongAdder> totals = new ConcurrentHashMap<>();

	private final LongAdder all = new LongAdder();

	PanicTotals() {
	}

	/**
	 * What panics are counted by.
	 *
	 * @param phase the phase's name
	 * @param filter the filter's name, or {@link #NONE}
	 * @param route the route's id, or {@link #NONE}
	 */
	public record Key(String phase, String filter, String route) {

		/**
		 * Returns the key of a site.
		 * @param site the site
		 * @return the key
		 */
		public static Key of(PanicSite site) {
			return new Key(site.phase(), orNone(site.filter()), orNone(site.route()));
		}

		private static String orNone(@Nullable String name) {
			return (name != null) ? name : NONE;
		}

	}

	void count(PanicSite site) {
		this.all.increment();
		Key key = Key.of(site);
		LongAdder total = this.totals.get(key);
		if (total == null) {
			boolean full = this.totals.size() >= MAX_SITES;
			total = this.totals.computeIfAbsent(full ? new Key(OTHER, OTHER, OTHER) : key,
					(missing) -> new LongAdder());
		}
		total.increment();
	}

	/**
	 * Returns how many panics there were.
	 * @return the number of all panics since the start
	 */
	public long total() {
		return this.all.sum();
	}

	/**
	 * Returns how many panics there were at a site.
	 * @param key the site
	 * @return the number of panics since the start
	 */
	public long total(Key key) {
		LongAdder total = this.totals.get(key);
		return (total != null) ? total.sum() : 0;
	}

	/**
	 * Returns all totals.
	 * @return a snapshot, in order of phase, filter and route
	 */
	public Map<Key, Long> snapshot() {
		Map<Key, Long> snapshot = new TreeMap<>(
				Comparator.comparing(Key::phase).thenComparing(Key::filter).thenComparing(Key::route));
		this.totals.forEach((key, total) -> snapshot.put(key, total.sum()));
		return snapshot;
	}

}
