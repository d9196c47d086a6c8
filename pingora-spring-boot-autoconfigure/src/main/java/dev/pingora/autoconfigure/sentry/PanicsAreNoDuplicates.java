package dev.pingora.autoconfigure.sentry;

import io.sentry.EventProcessor;
import io.sentry.Hint;
import io.sentry.SentryEvent;
import io.sentry.util.HintUtils;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the SDK's detection of duplicates away from panics. It lets a throwable be
 * reported once in the life of the process, but code may throw the same instance again
 * and again; panics are folded by other means.
 */
final class PanicsAreNoDuplicates implements EventProcessor {

	private final EventProcessor detection;

	PanicsAreNoDuplicates(EventProcessor detection) {
		this.detection = detection;
	}

	@Override
	public @Nullable SentryEvent process(SentryEvent event, Hint hint) {
		return HintUtils.hasType(hint, Delivery.class) ? event : this.detection.process(event, hint);
	}

	@Override
	public @Nullable Long getOrder() {
		return this.detection.getOrder();
	}

}
