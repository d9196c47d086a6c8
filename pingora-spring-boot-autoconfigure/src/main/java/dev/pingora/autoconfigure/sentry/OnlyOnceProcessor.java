package dev.pingora.autoconfigure.sentry;

import java.util.List;
import java.util.regex.Pattern;

import dev.pingora.panic.PanicIsolation;
import io.sentry.Breadcrumb;
import io.sentry.EventProcessor;
import io.sentry.Hint;
import io.sentry.SentryEvent;
import io.sentry.protocol.Message;
import io.sentry.util.HintUtils;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out the events that a log appender of Sentry's makes of the log lines of panics,
 * which are reported already, and of failed requests, which are no panics; and takes from
 * a panic's own event what happened to be logged on other threads.
 */
final class OnlyOnceProcessor implements EventProcessor {

	private static final String ERROR_LOG = "dev.pingora.errors";

	// Not that a PanicListener has panicked, which is told nowhere else.
	private static final Pattern PANIC_LINE = Pattern.compile("Panic \\d+ in .*", Pattern.DOTALL);

	private final boolean errorLog;

	/**
	 * Makes the processor.
	 * @param errorLog whether the error lines of failed requests may become events
	 */
	OnlyOnceProcessor(boolean errorLog) {
		this.errorLog = errorLog;
	}

	@Override
	public @Nullable SentryEvent process(SentryEvent event, Hint hint) {
		if (HintUtils.hasType(hint, Delivery.class)) {
			List<Breadcrumb> breadcrumbs = event.getBreadcrumbs();
			if (breadcrumbs != null) {
				event.setBreadcrumbs(breadcrumbs.stream()
					.filter((breadcrumb) -> PanicEvents.CATEGORY.equals(breadcrumb.getCategory()))
					.toList());
			}
			return event;
		}
		return (isPanicLine(event) || (!this.errorLog && ERROR_LOG.equals(event.getLogger()))) ? null : event;
	}

	private static boolean isPanicLine(SentryEvent event) {
		Message message = event.getMessage();
		return PanicIsolation.class.getName().equals(event.getLogger()) && message != null
				&& message.getFormatted() != null && PANIC_LINE.matcher(message.getFormatted()).matches();
	}

}
