package dev.pingora.autoconfigure;

import dev.pingora.event.ProxyListener;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicListener;
import dev.pingora.proxy.Router;
import dev.pingora.server.ProxyServer;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.task.AsyncTaskExecutor;

/**
 * Auto-configuration of a proxy server. Each bean backs off when the application has one
 * of its own.
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "pingora.enabled", matchIfMissing = true)
@EnableConfigurationProperties(PingoraProperties.class)
@Import({ RouterConfigurations.OfProperties.class, RouterConfigurations.OfUser.class, TaskExecutorConfiguration.class,
		AccessLogConfiguration.class })
public final class PingoraAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	PanicIsolation pingoraPanicIsolation(PingoraProperties properties, ObjectProvider<PanicListener> listeners) {
		return new PanicIsolation(listeners.orderedStream().toList(), PanicHistorySize.of(properties));
	}

	@Bean
	@ConditionalOnMissingBean
	ProxyServer pingoraServer(EngineConfiguration configuration, Router router, PanicIsolation isolation,
			@Qualifier(TaskExecutorConfiguration.BEAN_NAME) AsyncTaskExecutor executor,
			ListableBeanFactory beanFactory) {
		ProxyServer.Builder builder = ProxyServer.builder()
			.router(router)
			.isolation(isolation)
			.blockingExecutor(executor);
		configuration.applyTo(builder);
		beanFactory.getBeanProvider(ProxyListener.class).orderedStream().forEach(builder::proxyListener);
		beanFactory.getBeanProvider(ProxyServerCustomizer.class)
			.orderedStream()
			.forEach((customizer) -> customizer.customize(builder));
		return builder.build();
	}

	@Bean
	@ConditionalOnMissingBean
	PingoraServerLifecycle pingoraServerLifecycle(ProxyServer server, PingoraProperties properties,
			ApplicationContext context) {
		return new PingoraServerLifecycle(server, context, properties.shutdown().delay(),
				ShutdownGrace.of(context.getEnvironment()));
	}

}
