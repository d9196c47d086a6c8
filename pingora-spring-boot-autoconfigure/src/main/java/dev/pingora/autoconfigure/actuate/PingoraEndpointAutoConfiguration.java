package dev.pingora.autoconfigure.actuate;

import dev.pingora.accesslog.AccessLog;
import dev.pingora.autoconfigure.PanicReporter;
import dev.pingora.autoconfigure.PingoraAutoConfiguration;
import dev.pingora.autoconfigure.PingoraProperties;
import dev.pingora.server.ProxyServer;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the endpoints {@code panics} and {@code pingora}, each where it
 * is exposed.
 */
@AutoConfiguration(after = PingoraAutoConfiguration.class)
@ConditionalOnClass({ Endpoint.class, ConditionalOnAvailableEndpoint.class })
@ConditionalOnBean(ProxyServer.class)
public final class PingoraEndpointAutoConfiguration {

	@Bean
	@ConditionalOnAvailableEndpoint
	@ConditionalOnMissingBean
	PanicsEndpoint pingoraPanicsEndpoint(ProxyServer server, ObjectProvider<PanicReporter> reporters) {
		return new PanicsEndpoint(server.isolation(), reporters.orderedStream().toList());
	}

	@Bean
	@ConditionalOnAvailableEndpoint
	@ConditionalOnMissingBean
	PingoraEndpoint pingoraEndpoint(ProxyServer server, ObjectProvider<AccessLog> accessLog,
			ObjectProvider<PingoraProperties> properties) {
		return new PingoraEndpoint(server, accessLog.getIfUnique(), properties.getIfAvailable());
	}

}
