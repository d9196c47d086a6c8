package dev.pingora.autoconfigure.sentry;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.regex.Pattern;

import dev.pingora.event.RequestSummary;
import dev.pingora.event.Step;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicSite;
import io.sentry.Breadcrumb;
import io.sentry.SentryEvent;
import io.sentry.SentryLevel;
import io.sentry.SpanContext;
import io.sentry.SpanId;
import io.sentry.exception.ExceptionMechanismException;
import io.sentry.protocol.Mechanism;
import io.sentry.protocol.Message;
import io.sentry.protocol.Request;
import io.sentry.protocol.SentryId;
import org.jspecify.annotations.Nullable;

/**
 * Makes the events: fatal, unhandled, with where the panic happened, which request it
 * ended, and that request's way. No values of the query, no header that was not asked
 * for, no body and no address of a client.
 */
final class PanicEvents {

	static final String MECHANISM = "pingora.panic";

	static final String CATEGORY = "pingora.phase";

	private static final Pattern TRACE_ID = Pattern.compile("[0-9a-f]{32}");

	private PanicEvents() {
	}

	static SentryEvent event(PanicReport report) {
		Panic panic = report.panic();
		SentryEvent event = new SentryEvent(Date.from(panic.time()));
		event.setLevel(SentryLevel.FATAL);
		event.setThrowable(new ExceptionMechanismException(mechanism(), panic.cause(), Thread.currentThread()));
		event.setMessage(message(panic));
		event.setFingerprints(report.fingerprint());
		PanicSite site = panic.site();
		tag(event, "phase", site.phase());
		tag(event, "filter", site.filter());
		tag(event, "route", site.route());
		event.setTag("panic.id", Long.toString(panic.id()));
		event.setExtra("thread", panic.thread());
		extra(event, "folded", report.folded());
		extra(event, "held_back", report.heldBack());
		RequestSummary summary = site.request();
		if (summary != null) {
			addRequest(event, panic, summary);
		}
		event.getContexts().setTrace(trace((summary != null) ? summary.traceId() : null));
		return event;
	}

	// All that is left if what was thrown panics when the SDK asks for its message or
	// stack.
	private static Message message(Panic panic) {
		Message message = new Message();
		message.setFormatted("Panic in " + panic.site().phase() + ": " + panic.cause().getClass().getName());
		return message;
	}

	private static Mechanism mechanism() {
		Mechanism mechanism = new Mechanism();
		mechanism.setType(MECHANISM);
		mechanism.setHandled(false);
		return mechanism;
	}

	private static void addRequest(SentryEvent event, Panic panic, RequestSummary summary) {
		tag(event, "protocol", summary.protocol());
		tag(event, "upstream", summary.upstream());
		tag(event, "peer", summary.peer());
		tag(event, "trace_id", summary.traceId());
		Request request = new Request();
		request.setMethod(summary.method());
		request.setUrl(summary.path());
		request.setQueryString(summary.query());
		if (!summary.headers().isEmpty()) {
			request.setHeaders(summary.headers());
		}
		event.setRequest(request);
		event.setBreadcrumbs(breadcrumbs(panic.time().minus(summary.duration()), summary.steps()));
	}

	private static List<Breadcrumb> breadcrumbs(Instant start, List<Step> steps) {
		List<Breadcrumb> breadcrumbs = new ArrayList<>(steps.size());
		for (Step step : steps) {
			Breadcrumb breadcrumb = new Breadcrumb(Date.from(start.plus(step.at())));
			breadcrumb.setCategory(CATEGORY);
			breadcrumb.setMessage(step.name());
			breadcrumb.setLevel(SentryLevel.INFO);
			breadcrumb.setData("at_micros", step.at().toNanos() / 1000);
			breadcrumbs.add(breadcrumb);
		}
		return breadcrumbs;
	}

	// Without one, all events of the reporter's thread would seem to belong together.
	private static SpanContext trace(@Nullable String traceId) {
		return (traceId != null && TRACE_ID.matcher(traceId).matches())
				? new SpanContext(new SentryId(traceId), new SpanId(), MECHANISM, null, null)
				: new SpanContext(MECHANISM);
	}

	private static void tag(SentryEvent event, String name, @Nullable String value) {
		if (value != null) {
			event.setTag(name, value);
		}
	}

	private static void extra(SentryEvent event, String name, long value) {
		if (value > 0) {
			event.setExtra(name, value);
		}
	}

}
