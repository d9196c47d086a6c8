package dev.pingora.demo.state;

import dev.pingora.event.RequestSummary;
import dev.pingora.panic.Panic;
import org.jspecify.annotations.Nullable;

/**
 * A panic in the page's list. Its stack is told apart from it.
 *
 * @param id its number
 * @param at when it happened, in milliseconds since 1970
 * @param phase the phase
 * @param filter the filter, or {@code null}
 * @param route the route, or {@code null}
 * @param exception the class that was thrown, without its package
 * @param message its message, or {@code null}
 * @param thread the thread's name
 * @param request the request, such as {@code GET /hello}, or {@code null}
 */
record PanicEntry(long id, long at, String phase, @Nullable String filter, @Nullable String route, String exception,
		@Nullable String message, String thread, @Nullable String request) {

	static PanicEntry of(Panic panic) {
		RequestSummary request = panic.site().request();
		return new PanicEntry(panic.id(), panic.time().toEpochMilli(), panic.site().phase(), panic.site().filter(),
				panic.site().route(), panic.cause().getClass().getSimpleName(), panic.cause().getMessage(),
				panic.thread(), (request != null) ? request.method() + " " + request.path() : null);
	}

}
