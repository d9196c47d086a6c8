package dev.pingora.autoconfigure.sentry;

import java.util.List;
import java.util.function.ObjIntConsumer;

import io.sentry.DuplicateEventDetectionEventProcessor;
import io.sentry.EventProcessor;
import io.sentry.Sentry;
import io.sentry.SentryOptions;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/**
 * Fits the SDK to a proxy: shorter timeouts, unless the application's {@code sentry.*}
 * properties or its own {@code OptionsConfiguration} say otherwise, and no second event
 * for what is reported already.
 */
@Order(Ordered.HIGHEST_PRECEDENCE) // others come later and win
final class SentryOptionsDefaults implements Sentry.OptionsConfiguration<SentryOptions> {

	// The SDK's own are 30 s, 30 s, 2 s and 15 s: the last two are waited for one after
	// the other when the application ends.
	private static final List<Timeout> TIMEOUTS = List.of(
			new Timeout("sentry.connection-timeout-millis", 2000, SentryOptions::setConnectionTimeoutMillis),
			new Timeout("sentry.read-timeout-millis", 2000, SentryOptions::setReadTimeoutMillis),
			new Timeout("sentry.shutdown-timeout-millis", 500, SentryOptions::setShutdownTimeoutMillis),
			new Timeout("sentry.flush-timeout-millis", 500, SentryOptions::setFlushTimeoutMillis));

	private final Binder binder;

	private final boolean errorLog;

	/**
	 * A timeout of the SDK.
	 *
	 * @param property the property by which an application sets it
	 * @param millis the default
	 * @param setter sets it
	 */
	private record Timeout(String property, int millis, ObjIntConsumer<SentryOptions> setter) {
	}

	/**
	 * Makes the defaults.
	 * @param environment what the application says
	 * @param errorLog whether the error lines of failed requests may become events
	 */
	SentryOptionsDefaults(Environment environment, boolean errorLog) {
		this.binder = Binder.get(environment);
		this.errorLog = errorLog;
	}

	@Override
	public void configure(SentryOptions options) {
		for (Timeout timeout : TIMEOUTS) {
			if (!this.binder.bind(timeout.property(), String.class).isBound()) {
				timeout.setter().accept(options, timeout.millis());
			}
		}
		// Before the detection of duplicates: it would remember the throwable of a log
		// line
		// that is left out, and then leave out the panic's own event.
		List<EventProcessor> processors = options.getEventProcessors();
		processors.replaceAll((processor) -> (processor instanceof DuplicateEventDetectionEventProcessor)
				? new PanicsAreNoDuplicates(processor) : processor);
		processors.add(0, new OnlyOnceProcessor(this.errorLog));
	}

}
