package dev.pingora.autoconfigure.metrics;

import dev.pingora.accesslog.AccessLog;
import dev.pingora.autoconfigure.PanicReporter;
import dev.pingora.autoconfigure.PingoraAutoConfiguration;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.proxy.Router;
import dev.pingora.route.RouteIndex;
import dev.pingora.server.ProxyServer;
import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the server's meters. Where there are several registries, those of
 * the primary one; Spring Boot makes a composite the primary one.
 */
@AutoConfiguration(after = PingoraAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnSingleCandidate(MeterRegistry.class)
@ConditionalOnBean(PanicIsolation.class)
public final class PingoraMetricsAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	PanicMeters pingoraPanicMeters(MeterRegistry registry, ObjectProvider<PanicIsolation> isolation) {
		return new PanicMeters(registry, () -> isolation.getObject().totals());
	}

	@Bean
	@ConditionalOnMissingBean
	ReportMeters pingoraReportMeters(MeterRegistry registry, PanicIsolation isolation,
			ObjectProvider<PanicReporter> reporters) {
		return new ReportMeters(registry, isolation, reporters.orderedStream().toList());
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBean(AccessLog.class)
	AccessLogMeters pingoraAccessLogMeters(MeterRegistry registry, AccessLog log) {
		return new AccessLogMeters(registry, log);
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBean(ProxyServer.class)
	RequestMeters pingoraRequestMeters(MeterRegistry registry) {
		return new RequestMeters(registry);
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBean(ProxyServer.class)
	ServerMeters pingoraServerMeters(MeterRegistry registry, ProxyServer server, ObjectProvider<Router> routers) {
		return new ServerMeters(registry, server, (routers.getIfUnique() instanceof RouteIndex routes) ? routes : null);
	}

}
