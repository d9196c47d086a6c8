package dev.pingora.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;

/**
 * How long the application may take to shut down: Boot's own property says it.
 */
final class ShutdownGrace {

	static final String PROPERTY = "spring.lifecycle.timeout-per-shutdown-phase";

	private ShutdownGrace() {
	}

	/**
	 * Returns how long work in flight may take to finish.
	 * @param environment the application's properties
	 * @return as {@link #of(Iterable)}
	 */
	static Duration of(Environment environment) {
		return of(ConfigurationPropertySources.get(environment));
	}

	/**
	 * Returns how long work in flight may take to finish.
	 * @param sources the application's properties
	 * @return Boot's timeout less a margin (a tenth, a second at most), so that what is
	 * cut short is cut short in order
	 */
	static Duration of(Iterable<ConfigurationPropertySource> sources) {
		List<PropertySource<?>> underlying = new ArrayList<>();
		sources.forEach((source) -> {
			if (source.getUnderlyingSource() instanceof PropertySource<?> propertySource) {
				underlying.add(propertySource);
			}
		});
		Binder binder = new Binder(sources, new PropertySourcesPlaceholdersResolver(underlying));
		Duration timeout = Objects.requireNonNullElse(binder.bind(PROPERTY, Duration.class).orElse(null),
				Duration.ofSeconds(30));
		Duration tenth = timeout.dividedBy(10);
		Duration margin = (tenth.compareTo(Duration.ofSeconds(1)) < 0) ? tenth : Duration.ofSeconds(1);
		return timeout.minus(margin);
	}

}
