package dev.pingora.autoconfigure.sentry;

import dev.pingora.testkit.FakeSentry;
import io.sentry.IScopes;
import io.sentry.Sentry;
import io.sentry.SentryOptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How long the SDK may take.
 */
class SentryOptionsDefaultsTests {

	@AutoClose
	private final FakeSentry sentry = FakeSentry.start();

	private static SentryOptions options(ApplicationContext context) {
		return context.getBean(IScopes.class).getOptions();
	}

	@Test
	void timeoutsAreShort() {
		Panics.runner(this.sentry).run((context) -> {
			assertThat(options(context).getConnectionTimeoutMillis()).isEqualTo(2000);
			assertThat(options(context).getReadTimeoutMillis()).isEqualTo(2000);
			assertThat(options(context).getShutdownTimeoutMillis()).isEqualTo(500);
			assertThat(options(context).getFlushTimeoutMillis()).isEqualTo(500);
		});
	}

	@Test
	void propertiesOfTheApplicationWin() {
		Panics.runner(this.sentry)
			.withPropertyValues("sentry.connection-timeout-millis=1", "sentry.readTimeoutMillis=2",
					"sentry.shutdown-timeout-millis=3", "sentry.flush-timeout-millis=4")
			.run((context) -> {
				assertThat(options(context).getConnectionTimeoutMillis()).isEqualTo(1);
				assertThat(options(context).getReadTimeoutMillis()).isEqualTo(2);
				assertThat(options(context).getShutdownTimeoutMillis()).isEqualTo(3);
				assertThat(options(context).getFlushTimeoutMillis()).isEqualTo(4);
			});
	}

	@Test
	void codeOfTheApplicationWins() {
		Panics.runner(this.sentry)
			.withBean("own", Sentry.OptionsConfiguration.class, () -> (options) -> options.setReadTimeoutMillis(7))
			.run((context) -> assertThat(options(context).getReadTimeoutMillis()).isEqualTo(7));
	}

	@Test
	void optionsAreLeftAloneWhenPanicsAreNotReported() {
		Panics.runner(this.sentry)
			.withPropertyValues("pingora.sentry.enabled=false")
			.run((context) -> assertThat(options(context).getReadTimeoutMillis()).isEqualTo(30_000));
	}

}
