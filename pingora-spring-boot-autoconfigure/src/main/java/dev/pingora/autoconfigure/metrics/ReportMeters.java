package dev.pingora.autoconfigure.metrics;

import java.util.List;
import java.util.function.ToDoubleFunction;

import dev.pingora.autoconfigure.PanicReporter;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * Meters of what became of the news of panics. They cost nothing until they are read.
 */
final class ReportMeters {

	private final MeterRegistry registry;

	/**
	 * Registers the meters.
	 * @param registry where they are registered
	 * @param isolation the border
	 * @param reporters the services that panics are reported to
	 */
	ReportMeters(MeterRegistry registry, PanicIsolation isolation, List<PanicReporter> reporters) {
		this.registry = registry;
		Gauge.builder("pingora.panics.last", isolation, ReportMeters::newest)
			.description("The id of the newest panic, 0 if there was none")
			.register(registry);
		FunctionCounter.builder("pingora.panics.notifications.dropped", isolation, PanicIsolation::droppedNotifications)
			.description("Panics that were counted, but neither logged nor reported, since too many waited")
			.register(registry);
		for (PanicReporter reporter : reporters) {
			register(reporter, "sent", PanicReporter::sent);
			register(reporter, "folded", PanicReporter::folded);
			register(reporter, "dropped", PanicReporter::dropped);
		}
	}

	// Threads that panic at once may be remembered in another order than they were
	// numbered. The greatest never falls, so its increase counts panics.
	private static long newest(PanicIsolation isolation) {
		return isolation.recent().stream().mapToLong(Panic::id).max().orElse(0);
	}

	private void register(PanicReporter reporter, String result, ToDoubleFunction<PanicReporter> value) {
		FunctionCounter.builder("pingora.panic.reports", reporter, value)
			.description("Panics by what became of their report")
			.tag("reporter", reporter.name())
			.tag("result", result)
			.register(this.registry);
	}

}
