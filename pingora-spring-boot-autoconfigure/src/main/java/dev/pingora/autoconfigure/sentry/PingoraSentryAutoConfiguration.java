package dev.pingora.autoconfigure.sentry;

import dev.pingora.autoconfigure.PingoraAutoConfiguration;
import dev.pingora.panic.PanicIsolation;
import io.sentry.IScopes;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of Sentry: needs the Sentry starter and its {@code sentry.dsn}.
 */
@AutoConfiguration(after = PingoraAutoConfiguration.class, afterName = "io.sentry.spring.boot4.SentryAutoConfiguration")
@ConditionalOnClass(IScopes.class)
@ConditionalOnBean({ IScopes.class, PanicIsolation.class })
public final class PingoraSentryAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	SentryPanicListener pingoraSentryPanicListener(IScopes scopes) {
		return new SentryPanicListener(scopes, new StormLimit(System::nanoTime));
	}

}
