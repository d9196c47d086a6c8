package dev.pingora.autoconfigure.actuate;

import dev.pingora.autoconfigure.PingoraAutoConfiguration;
import dev.pingora.server.ProxyServer;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the server's health.
 */
@AutoConfiguration(after = PingoraAutoConfiguration.class)
@ConditionalOnClass({ HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(ProxyServer.class)
public final class PingoraHealthAutoConfiguration {

	@Bean
	@ConditionalOnEnabledHealthIndicator("pingora")
	@ConditionalOnMissingBean(name = "pingoraHealthIndicator")
	HealthIndicator pingoraHealthIndicator(ProxyServer server) {
		return new PingoraHealthIndicator(server);
	}

}
