package dev.pingora.autoconfigure.tracing;

import java.util.List;

import dev.pingora.event.ProxyListener;
import dev.pingora.event.RequestObserver;
import dev.pingora.http.RequestHeader;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Has each request observed, unless the application has switched its observation off.
 * Immutable; used by all event loops.
 */
final class TracingListener implements ProxyListener {

	private final ObservationRegistry registry;

	// What belongs to the trace of whoever sent it, and is replaced as a whole. Baggage
	// does not: it is handed on from hop to hop.
	private final List<String> traceFields;

	/**
	 * Makes a listener.
	 * @param registry where observations are made
	 * @param propagated the header fields in which a trace's context is handed on
	 */
	TracingListener(ObservationRegistry registry, List<String> propagated) {
		this.registry = registry;
		this.traceFields = propagated.stream().filter((field) -> !field.equalsIgnoreCase("baggage")).toList();
	}

	@Override
	public @Nullable RequestObserver requestStarted(long requestId, RequestHeader request) {
		RequestContext context = new RequestContext(request);
		Observation observation = Observation.createNotStarted(Observations.REQUEST, () -> context, this.registry);
		if (observation.isNoop()) {
			return null;
		}
		boolean started = false;
		try {
			TracedRequest traced = new TracedRequest(this.registry, this.traceFields, context, observation, requestId);
			started = true;
			return traced;
		}
		finally {
			if (!started) {
				observation.stop(); // a handler has panicked; others have begun already
			}
		}
	}

}
