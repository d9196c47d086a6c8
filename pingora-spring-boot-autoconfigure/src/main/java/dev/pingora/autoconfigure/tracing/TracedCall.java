package dev.pingora.autoconfigure.tracing;

import dev.pingora.event.Phase;
import dev.pingora.event.RequestObserver.BlockingObserver;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * A blocking call: while it runs, its span is the current one of the executor's thread.
 * Made on the event loop, used by that thread.
 */
final class TracedCall implements BlockingObserver {

	private final ObservationRegistry registry;

	private final Observation parent;

	private final Phase phase;

	private final String filter;

	private @Nullable Observation observation;

	private Observation.@Nullable Scope scope;

	TracedCall(ObservationRegistry registry, Observation parent, Phase phase, String filter) {
		this.registry = registry;
		this.parent = parent;
		this.phase = phase;
		this.filter = filter;
	}

	@Override
	public void begin() {
		Observation observation = Observation.createNotStarted(Observations.BLOCKING, this.registry)
			.parentObservation(this.parent)
			.contextualName(this.phase.tag() + " " + this.filter)
			.lowCardinalityKeyValue("phase", this.phase.tag())
			.lowCardinalityKeyValue("filter", this.filter);
		// To be stopped, even if a handler panics at the start.
		this.observation = observation;
		observation.start();
		this.scope = observation.openScope();
	}

	@Override
	public void end(@Nullable Throwable thrown) {
		Observation observation = this.observation;
		if (observation == null) {
			return; // it could not even be made
		}
		try {
			if (this.scope != null) {
				this.scope.close();
			}
			if (thrown != null) {
				observation.error(thrown);
			}
		}
		finally {
			observation.stop();
		}
	}

}
