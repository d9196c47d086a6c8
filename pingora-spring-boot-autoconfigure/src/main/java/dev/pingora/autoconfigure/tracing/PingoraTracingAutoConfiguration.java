package dev.pingora.autoconfigure.tracing;

import dev.pingora.autoconfigure.PingoraAutoConfiguration;
import dev.pingora.panic.PanicIsolation;
import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Auto-configuration of tracing: needs an {@code ObservationRegistry} and a tracer that
 * can propagate. Spring Boot has a {@code Tracer} even where nothing traces; it is the
 * {@code Propagator} that only comes with a real one.
 */
@AutoConfiguration(after = PingoraAutoConfiguration.class,
		afterName = { "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration",
				"org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration",
				"org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration" })
@ConditionalOnClass({ ObservationRegistry.class, Tracer.class })
@ConditionalOnBean({ ObservationRegistry.class, Tracer.class, Propagator.class, PanicIsolation.class })
public final class PingoraTracingAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	TracingListener pingoraTracingListener(ObservationRegistry registry, Propagator propagator) {
		return new TracingListener(registry, propagator.fields());
	}

	/**
	 * Observations would become timers, too; requests have their meters already.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(MeterObservationHandler.class)
	static class WithoutMeters {

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		@ConditionalOnMissingBean(name = "pingoraMeterObservationHandler")
		static NoMeters pingoraMeterObservationHandler() {
			return new NoMeters();
		}

	}

}
