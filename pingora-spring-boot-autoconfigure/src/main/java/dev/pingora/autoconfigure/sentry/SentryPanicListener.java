package dev.pingora.autoconfigure.sentry;

import java.util.Date;

import dev.pingora.event.RequestSummary;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicListener;
import dev.pingora.panic.PanicSite;
import io.sentry.IScopes;
import io.sentry.SentryEvent;
import io.sentry.SentryLevel;
import io.sentry.exception.ExceptionMechanismException;
import io.sentry.protocol.Mechanism;
import io.sentry.protocol.Request;
import org.jspecify.annotations.Nullable;

/**
 * Reports panics to Sentry, as fatal and unhandled. A report says where the panic
 * happened and which request it ended: its method and path, no query and no headers.
 * <p>
 * Used by the thread that tells of panics, never by an event loop: a capture may take
 * milliseconds.
 */
final class SentryPanicListener implements PanicListener {

	private static final String MECHANISM = "pingora.panic";

	private final IScopes scopes;

	private final StormLimit limit;

	SentryPanicListener(IScopes scopes, StormLimit limit) {
		this.scopes = scopes;
		this.limit = limit;
	}

	@Override
	public void onPanic(Panic panic) {
		if (this.limit.tryPass()) {
			this.scopes.captureEvent(event(panic));
		}
	}

	private SentryEvent event(Panic panic) {
		Mechanism mechanism = new Mechanism();
		mechanism.setType(MECHANISM);
		mechanism.setHandled(false);
		SentryEvent event = new SentryEvent(Date.from(panic.time()));
		event.setThrowable(new ExceptionMechanismException(mechanism, panic.cause(), Thread.currentThread()));
		event.setLevel(SentryLevel.FATAL);
		PanicSite site = panic.site();
		tag(event, "phase", site.phase());
		tag(event, "filter", site.filter());
		tag(event, "route", site.route());
		event.setExtra("panic", panic.id());
		event.setExtra("thread", panic.thread());
		long suppressed = this.limit.takeSuppressed();
		if (suppressed > 0) {
			event.setExtra("suppressed", suppressed);
		}
		RequestSummary summary = site.request();
		if (summary != null) {
			tag(event, "protocol", summary.protocol());
			event.setRequest(request(summary));
		}
		return event;
	}

	private static void tag(SentryEvent event, String name, @Nullable String value) {
		if (value != null) {
			event.setTag(name, value);
		}
	}

	private static Request request(RequestSummary summary) {
		Request request = new Request();
		request.setMethod(summary.method());
		request.setUrl(summary.path());
		return request;
	}

}
