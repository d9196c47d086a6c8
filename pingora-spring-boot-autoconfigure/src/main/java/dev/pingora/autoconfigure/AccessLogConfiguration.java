package dev.pingora.autoconfigure;

import dev.pingora.accesslog.AccessLog;
import dev.pingora.panic.PanicIsolation;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The access log, which the server finds among the listeners. It is closed after the
 * server, since the server has asked for it.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty(AccessLogMapper.PREFIX + ".enabled")
class AccessLogConfiguration {

	@Bean
	@ConditionalOnBean(EngineConfiguration.class)
	@ConditionalOnMissingBean
	AccessLog pingoraAccessLog(EngineConfiguration configuration, PanicIsolation isolation) {
		return AccessLog.open(configuration.accessLog(), isolation);
	}

}
