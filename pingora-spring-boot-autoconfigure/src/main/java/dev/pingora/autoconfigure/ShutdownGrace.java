package dev.pingora.autoconfigure;

import java.time.Duration;

import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.env.Environment;

/**
 * How long the application may take to shut down: Boot's own property says it.
 */
final class ShutdownGrace {

	private static final String PROPERTY = "spring.lifecycle.timeout-per-shutdown-phase";

	private ShutdownGrace() {
	}

	/**
	 * Returns how long work in flight may take to finish.
	 * @param environment the application's properties
	 * @return Boot's timeout less a margin (a tenth, a second at most), so that what is
	 * cut short is cut short in order
	 */
	static Duration of(Environment environment) {
		Duration timeout = DurationStyle.detectAndParse(environment.getProperty(PROPERTY, "30s"));
		Duration tenth = timeout.dividedBy(10);
		Duration margin = (tenth.compareTo(Duration.ofSeconds(1)) < 0) ? tenth : Duration.ofSeconds(1);
		return timeout.minus(margin);
	}

}
