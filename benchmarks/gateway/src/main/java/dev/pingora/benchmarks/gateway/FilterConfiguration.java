package dev.pingora.benchmarks.gateway;

import dev.pingora.proxy.ProxyFilter;

import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/**
 * The filters of a gateway that has some: five small ones as gateways have them, or one
 * that may block.
 */
@Configuration(proxyBeanMethods = false)
class FilterConfiguration {

	/**
	 * Five filters, which between them touch each head.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnProperty(name = "bench.filters", havingValue = "5")
	static class Five {

		@Bean
		@Order(1)
		ProxyFilter admission() {
			return new Filters.Admission();
		}

		@Bean
		@Order(2)
		ProxyFilter tenant() {
			return new Filters.Tenant();
		}

		@Bean
		@Order(3)
		ProxyFilter cleaning() {
			return new Filters.Cleaning();
		}

		@Bean
		@Order(4)
		ProxyFilter marking() {
			return new Filters.Marking();
		}

		@Bean
		@Order(5)
		ProxyFilter counting() {
			return new Filters.Counting();
		}

	}

	@Bean
	@ConditionalOnProperty(name = "bench.filters", havingValue = "blocking")
	ProxyFilter blocking() {
		return new Filters.MayBlock();
	}

}
