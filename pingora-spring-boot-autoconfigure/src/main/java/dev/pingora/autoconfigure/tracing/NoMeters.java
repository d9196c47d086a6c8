package dev.pingora.autoconfigure.tracing;

import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.Observation;

/**
 * Makes no meters of these observations: requests have their own. It stands before the
 * handler that would, and of those Spring Boot calls the first one that supports an
 * observation.
 */
final class NoMeters implements MeterObservationHandler<Observation.Context> {

	@Override
	public boolean supportsContext(Observation.Context context) {
		return Observations.isOne(context.getName());
	}

}
