package dev.pingora.autoconfigure.tracing;

import java.util.List;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ProxyException;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.Phase;
import dev.pingora.event.RequestObserver;
import dev.pingora.http.RequestHeader;
import dev.pingora.upstream.HttpPeer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import org.jspecify.annotations.Nullable;

/**
 * One request's observation, and those of its attempts and blocking calls below it. Each
 * is stopped exactly once, whatever becomes of the request. Owned by the request's event
 * loop.
 */
final class TracedRequest implements RequestObserver {

	private static final int MAX_PATH = 1024;

	private final ObservationRegistry registry;

	private final List<String> traceFields;

	private final RequestContext context;

	private final Observation observation;

	private final String method;

	private final @Nullable String traceId;

	private @Nullable TracedAttempt attempt;

	/**
	 * Starts the observation of a request.
	 * @param registry where the others are made
	 * @param traceFields the header fields that belong to a trace
	 * @param context the context of the request's observation
	 * @param observation the observation, not started yet
	 * @param id the request's number
	 */
	TracedRequest(ObservationRegistry registry, List<String> traceFields, RequestContext context,
			Observation observation, long id) {
		RequestHeader request = context.request();
		this.registry = registry;
		this.traceFields = traceFields;
		this.context = context;
		this.observation = observation;
		this.method = Observations.method(request.method());
		observation.contextualName(this.method)
			.lowCardinalityKeyValue("method", this.method)
			.highCardinalityKeyValue("path", path(request))
			.highCardinalityKeyValue("request", Long.toString(id))
			.start();
		this.traceId = traceId(observation);
	}

	// Spans wait in memory for their export: a long path must not make them large.
	private static String path(RequestHeader request) {
		String path = request.path();
		return (path.length() > MAX_PATH) ? path.substring(0, MAX_PATH) : path;
	}

	// Null, too, if the tracer is there but switched off: its ids are blank or zero.
	private static @Nullable String traceId(Observation observation) {
		TracingContext tracing = observation.getContextView().get(TracingContext.class);
		Span span = (tracing != null) ? tracing.getSpan() : null;
		TraceContext context = (span != null) ? span.context() : null;
		String id = (context != null) ? context.traceId() : "";
		boolean valid = id.chars().anyMatch((digit) -> digit != '0');
		return valid ? id : null;
	}

	@Override
	public @Nullable String traceId() {
		return this.traceId;
	}

	@Override
	public void attemptStarted(HttpPeer peer, int attempt) {
		TracedAttempt started = TracedAttempt.of(this.registry, this.observation, this.method, peer, attempt);
		this.attempt = started; // to be finished, even if a handler panics at the start
		started.start();
	}

	@Override
	public void upstreamRequest(RequestHeader request) {
		TracedAttempt attempt = this.attempt;
		if (attempt != null) {
			attempt.handOn(request.headers(), this.traceFields);
		}
	}

	@Override
	public void attemptFinished(int status, @Nullable ProxyException error) {
		TracedAttempt attempt = this.attempt;
		this.attempt = null;
		if (attempt != null) {
			attempt.finish(status, error);
		}
	}

	@Override
	public BlockingObserver blockingStarted(Phase phase, String filter) {
		return new TracedCall(this.registry, this.observation, phase, filter);
	}

	@Override
	public void finished(FinishedRequest request) {
		try {
			attemptFinished(request.upstreamStatus(), null);
			describe(request);
		}
		finally {
			this.observation.stop();
		}
	}

	private void describe(FinishedRequest request) {
		this.context.setResponse(request);
		String route = orNone(request.route());
		ProxyException error = request.error();
		this.observation.contextualName(this.method + " " + route)
			.lowCardinalityKeyValue("route", route)
			.lowCardinalityKeyValue("upstream", orNone(request.upstream()))
			.lowCardinalityKeyValue("status",
					(request.status() != 0) ? Integer.toString(request.status()) : Observations.NONE)
			.lowCardinalityKeyValue("outcome", request.outcome().tag())
			.lowCardinalityKeyValue("error.type", (error != null) ? error.type().name() : Observations.NONE);
		if (request.panicId() != 0) {
			this.observation.highCardinalityKeyValue("panic", Long.toString(request.panicId()));
			this.observation.error(new RequestPanic(request.panicId()));
		}
		else if (error != null && !isClients(error)) {
			this.observation.error(error);
		}
	}

	// What the client did wrong is no error of the server's span.
	private static boolean isClients(ProxyException error) {
		return error.source() == ErrorSource.DOWNSTREAM || (error.status() >= 400 && error.status() < 500);
	}

	private static String orNone(@Nullable String value) {
		return (value != null) ? value : Observations.NONE;
	}

}
