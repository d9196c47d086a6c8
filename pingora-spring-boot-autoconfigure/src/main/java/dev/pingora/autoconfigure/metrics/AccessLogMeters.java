package dev.pingora.autoconfigure.metrics;

import java.util.function.ToDoubleFunction;

import dev.pingora.accesslog.AccessLog;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * Meters of what became of the access log's lines. They cost nothing until they are read.
 */
final class AccessLogMeters {

	private final MeterRegistry registry;

	/**
	 * Registers the meters.
	 * @param registry where they are registered
	 * @param log the access log
	 */
	AccessLogMeters(MeterRegistry registry, AccessLog log) {
		this.registry = registry;
		register(log, "written", AccessLog::written);
		register(log, "dropped", AccessLog::dropped);
	}

	private void register(AccessLog log, String result, ToDoubleFunction<AccessLog> value) {
		FunctionCounter.builder("pingora.access.log.lines", log, value)
			.description("Lines of the access log by what became of them")
			.tag("result", result)
			.register(this.registry);
	}

}
