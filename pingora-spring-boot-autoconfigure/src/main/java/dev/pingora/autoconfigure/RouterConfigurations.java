package dev.pingora.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.ProxyHttp;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.Router;
import dev.pingora.server.ProxyServer;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Where the router comes from: the properties' routes, unless the user has a router or a
 * whole proxy.
 */
final class RouterConfigurations {

	private RouterConfigurations() {
	}

	/**
	 * Routes by properties.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingBean({ ProxyServer.class, Router.class, ProxyHttp.class })
	static class OfProperties {

		@Bean
		EngineConfiguration pingoraEngineConfiguration(PingoraProperties properties, Environment environment,
				ListableBeanFactory beanFactory) {
			return new PropertiesMapper(properties, ConfigurationPropertySources.get(environment))
				.map(FilterBeans.of(beanFactory));
		}

		@Bean
		Router pingoraRouter(EngineConfiguration pingoraEngineConfiguration) {
			return Objects.requireNonNull(pingoraEngineConfiguration.router(), "router");
		}

	}

	/**
	 * Routes by the user's code.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingBean({ ProxyServer.class, EngineConfiguration.class })
	static class OfUser {

		private static final String ROUTE_ID = "proxy";

		@Bean
		EngineConfiguration pingoraEngineConfiguration(PingoraProperties properties, Environment environment) {
			return new PropertiesMapper(properties, ConfigurationPropertySources.get(environment)).map(null);
		}

		@Bean
		@ConditionalOnBean(ProxyHttp.class)
		@ConditionalOnMissingBean(Router.class)
		Router pingoraRouter(ProxyHttp<?> proxy, ListableBeanFactory beanFactory) {
			List<NamedFilter> filters = new ArrayList<>(FilterBeans.of(beanFactory).global());
			filters.add(NamedFilter.of(ROUTE_ID, proxy, FilterBeans.userType(proxy)));
			return Router.to(Route.of(ROUTE_ID, filters, null));
		}

	}

}
