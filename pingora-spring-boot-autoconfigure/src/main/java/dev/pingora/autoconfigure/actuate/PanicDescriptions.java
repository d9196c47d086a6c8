package dev.pingora.autoconfigure.actuate;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.pingora.autoconfigure.actuate.PanicDescriptor.RequestDescriptor;
import dev.pingora.autoconfigure.actuate.PanicDescriptor.StepDescriptor;
import dev.pingora.event.RequestOutcome;
import dev.pingora.event.RequestSummary;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicSite;
import org.jspecify.annotations.Nullable;

/**
 * Describes panics.
 */
final class PanicDescriptions {

	/** The time in which recent panics are counted; the JSON's names say so. */
	static final Duration WINDOW = Duration.ofMinutes(5);

	private PanicDescriptions() {
	}

	static PanicDescriptor describe(Panic panic, int frames, @Nullable List<String> stackTrace,
			Map<String, String> reports) {
		PanicSite site = panic.site();
		RequestSummary request = site.request();
		StackTraceElement[] stack = ThrownText.stack(panic.cause());
		return new PanicDescriptor(panic.id(), panic.time(), panic.thread(), site.phase(), site.filter(), site.route(),
				(request != null) ? describe(request) : null, ThrownText.describe(panic.cause()),
				ThrownText.causes(panic.cause()), ThrownText.frames(stack, frames), Math.max(stack.length - frames, 0),
				stackTrace, reports);
	}

	private static RequestDescriptor describe(RequestSummary request) {
		RequestOutcome outcome = request.outcome();
		return new RequestDescriptor(request.id(), request.traceId(), request.protocol(), request.clientAddress(),
				request.method(), request.path(), request.query(), request.host(), request.headers(),
				request.upstream(), request.peer(), request.attempts(),
				(request.status() != 0) ? request.status() : null, request.bytesIn(), request.bytesOut(),
				millis(request.duration()), (outcome != null) ? outcome.tag() : null,
				request.steps().stream().map((step) -> new StepDescriptor(step.name(), millis(step.at()))).toList());
	}

	// To a microsecond.
	private static double millis(Duration duration) {
		return duration.toNanos() / 1000 / 1000.0;
	}

}
