package dev.pingora.autoconfigure.metrics;

import dev.pingora.autoconfigure.PingoraAutoConfiguration;
import dev.pingora.panic.PanicIsolation;
import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the server's meters.
 */
@AutoConfiguration(after = PingoraAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({ MeterRegistry.class, PanicIsolation.class })
public final class PingoraMetricsAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	PanicMeters pingoraPanicMeters(MeterRegistry registry, ObjectProvider<PanicIsolation> isolation) {
		return new PanicMeters(registry, () -> isolation.getObject().totals());
	}

}
