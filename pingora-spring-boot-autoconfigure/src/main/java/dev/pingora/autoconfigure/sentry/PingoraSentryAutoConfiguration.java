package dev.pingora.autoconfigure.sentry;

import dev.pingora.autoconfigure.PingoraAutoConfiguration;
import dev.pingora.autoconfigure.PingoraProperties;
import dev.pingora.panic.PanicIsolation;
import io.sentry.IScopes;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of Sentry: needs the Sentry starter and its {@code sentry.dsn}.
 */
@AutoConfiguration(after = PingoraAutoConfiguration.class, afterName = "io.sentry.spring.boot4.SentryAutoConfiguration")
@ConditionalOnClass(IScopes.class)
@ConditionalOnBean({ IScopes.class, PanicIsolation.class })
@ConditionalOnBooleanProperty(name = "pingora.sentry.enabled", matchIfMissing = true)
public final class PingoraSentryAutoConfiguration {

	@Bean
	SentryOptionsDefaults pingoraSentryOptionsDefaults(Environment environment, PingoraProperties properties) {
		return new SentryOptionsDefaults(environment, properties.sentry().errorLog());
	}

	// Ends before the SDK does, since it depends on it, and after the border, which is
	// made later: no panic that is still to be told comes too late. An empty DSN or
	// sentry.enabled=false make scopes as well, but they take nothing: only once they are
	// made it is known, and null is as good as no bean for all that ask for one.
	@Bean
	@ConditionalOnMissingBean
	@Nullable SentryPanicReporter pingoraSentryPanicReporter(IScopes scopes, PingoraProperties properties) {
		return scopes.isEnabled() ? new SentryPanicReporter(scopes, properties.sentry()) : null;
	}

}
