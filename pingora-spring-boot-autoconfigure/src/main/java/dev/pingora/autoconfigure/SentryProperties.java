package dev.pingora.autoconfigure;

import java.time.Duration;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How panics are reported to Sentry, where there is a {@code sentry.dsn}.
 *
 * @param enabled whether panics are reported to Sentry, if there is a sentry.dsn
 * @param queueCapacity how many reports may wait to be sent, 1 to 10,000
 * @param foldWindow for how long panics that are alike are told by one report
 * @param maxEventsPerMinute how many reports may be sent in a minute, 1 to 10,000
 * @param shutdownTimeout how long the end of the application may wait for reports that
 * are still to be sent
 * @param errorLog whether a log appender of Sentry's may send the error lines of failed
 * requests
 */
public record SentryProperties(@DefaultValue("true") boolean enabled, @DefaultValue("256") int queueCapacity,
		@DefaultValue("60s") Duration foldWindow, @DefaultValue("30") int maxEventsPerMinute,
		@DefaultValue("2s") Duration shutdownTimeout, @DefaultValue("false") boolean errorLog) {
}
