package dev.pingora.autoconfigure.metrics;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;

import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicListener;
import dev.pingora.panic.PanicTotals;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * Counts panics in {@code pingora.panics}, by phase, filter and route. A meter reads the
 * engine's own total, so that it is right even if the news of a panic was dropped; the
 * news only says that it is time to look for sites that have no meter yet. The engine
 * bounds the number of sites.
 * <p>
 * Used by the thread that tells of panics.
 */
final class PanicMeters implements PanicListener {

	private final MeterRegistry registry;

	private final Supplier<PanicTotals> totals;

	private final Set<PanicTotals.Key> known = new HashSet<>();

	/**
	 * Makes the meters.
	 * @param registry where they are registered
	 * @param totals the engine's totals; asked for late, since the border that has them
	 * is made with this listener
	 */
	PanicMeters(MeterRegistry registry, Supplier<PanicTotals> totals) {
		this.registry = registry;
		this.totals = totals;
	}

	@Override
	public void onPanic(Panic panic) {
		PanicTotals totals = this.totals.get();
		for (PanicTotals.Key key : totals.snapshot().keySet()) {
			if (this.known.add(key)) {
				register(totals, key);
			}
		}
	}

	private void register(PanicTotals totals, PanicTotals.Key key) {
		FunctionCounter.builder("pingora.panics", totals, (all) -> all.total(key))
			.description("Panics that were contained")
			.tag("phase", key.phase())
			.tag("filter", key.filter())
			.tag("route", key.route())
			.register(this.registry);
	}

}
