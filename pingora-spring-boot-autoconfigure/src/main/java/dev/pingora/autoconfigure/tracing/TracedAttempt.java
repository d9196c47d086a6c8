package dev.pingora.autoconfigure.tracing;

import java.util.ArrayList;
import java.util.List;

import dev.pingora.error.ProxyException;
import dev.pingora.http.Headers;
import dev.pingora.upstream.HttpPeer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.RequestReplySenderContext;
import org.jspecify.annotations.Nullable;

/**
 * An attempt to call a peer, from before its connection is there. The tracer writes its
 * fields at the start, when there is no head yet to take them: they wait here. Owned by
 * the request's event loop.
 */
final class TracedAttempt {

	private final Observation observation;

	private final Fields fields;

	private TracedAttempt(Observation observation, Fields fields) {
		this.observation = observation;
		this.fields = fields;
	}

	/**
	 * Makes the observation of an attempt, not started yet.
	 * @param registry where it is made
	 * @param parent the request's observation
	 * @param method the request's method, one of a bounded number
	 * @param peer the peer that is called
	 * @param attempt 1 for the first attempt
	 * @return the attempt
	 */
	static TracedAttempt of(ObservationRegistry registry, Observation parent, String method, HttpPeer peer,
			int attempt) {
		Fields fields = new Fields();
		RequestReplySenderContext<Fields, Integer> context = new RequestReplySenderContext<>(Fields::set);
		context.setCarrier(fields);
		Observation observation = Observation.createNotStarted(Observations.UPSTREAM, () -> context, registry)
			.parentObservation(parent)
			.contextualName(method)
			.lowCardinalityKeyValue("method", method)
			.highCardinalityKeyValue("peer", peer.toString())
			.highCardinalityKeyValue("attempt", Integer.toString(attempt));
		return new TracedAttempt(observation, fields);
	}

	/**
	 * Starts the observation.
	 */
	void start() {
		this.observation.start();
	}

	/**
	 * Hands the trace's context on, in place of the one that the client has sent. If
	 * there is none, the client's stays.
	 * @param headers the fields that go upstream
	 * @param traceFields the fields that belong to a trace
	 */
	void handOn(Headers headers, List<String> traceFields) {
		if (!this.fields.isEmpty()) {
			traceFields.forEach(headers::remove);
			this.fields.copyTo(headers);
		}
	}

	/**
	 * Ends the observation.
	 * @param status the status that came from upstream, or 0 if none came
	 * @param error why the attempt failed, or {@code null} if it did not
	 */
	void finish(int status, @Nullable ProxyException error) {
		try {
			this.observation.lowCardinalityKeyValue("status",
					(status != 0) ? Integer.toString(status) : Observations.NONE);
			this.observation.lowCardinalityKeyValue("error.type",
					(error != null) ? error.type().name() : Observations.NONE);
			if (error != null) {
				this.observation.error(error);
			}
		}
		finally {
			this.observation.stop();
		}
	}

	/**
	 * Header fields that wait for their head.
	 */
	private static final class Fields {

		// Name, value, name, value.
		private final List<String> entries = new ArrayList<>(4);

		static void set(@Nullable Fields fields, String name, String value) {
			if (fields != null) {
				fields.entries.add(name);
				fields.entries.add(value);
			}
		}

		boolean isEmpty() {
			return this.entries.isEmpty();
		}

		void copyTo(Headers headers) {
			for (int i = 0; i < this.entries.size(); i += 2) {
				headers.set(this.entries.get(i), this.entries.get(i + 1));
			}
		}

	}

}
