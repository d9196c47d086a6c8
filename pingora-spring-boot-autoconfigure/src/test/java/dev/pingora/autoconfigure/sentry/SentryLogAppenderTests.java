package dev.pingora.autoconfigure.sentry;

import ch.qos.logback.classic.Logger;
import com.jayway.jsonpath.JsonPath;
import dev.pingora.autoconfigure.PanicReporter;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicListener;
import dev.pingora.panic.PanicSite;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.FakeSentry;
import dev.pingora.testkit.RawClient;
import io.sentry.logback.SentryAppender;
import io.sentry.spring.boot4.SentryLogbackAppenderAutoConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the log appender of Sentry's own makes of our log lines.
 */
class SentryLogAppenderTests {

	private static final Logger ROOT = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

	@AutoClose
	private final FakeSentry sentry = FakeSentry.start();

	private final ApplicationContextRunner runner = Panics.runner(this.sentry)
		.withConfiguration(AutoConfigurations.of(SentryLogbackAppenderAutoConfiguration.class));

	@AfterEach
	void detach() {
		ROOT.detachAppender("SENTRY_APPENDER");
	}

	private static void assertAppender() {
		assertThat(ROOT.getAppender("SENTRY_APPENDER")).isInstanceOf(SentryAppender.class);
	}

	@Test
	void panicIsOneEventThoughItIsLoggedToo() {
		this.runner.run((context) -> {
			assertAppender();
			context.getBean(PanicIsolation.class).record(Panics.SITE, new IllegalStateException("a bug"));
			PanicReporter reporter = context.getBean(PanicReporter.class);
			Await.until("it is sent", () -> reporter.sent() == 1);
			LoggerFactory.getLogger("some.application").error("Another error");
		});
		assertThat(this.sentry.events()).hasSize(2)
			.satisfiesOnlyOnce((event) -> assertThat(event).contains("pingora.panic", "a bug"))
			.satisfiesOnlyOnce((event) -> assertThat(event).contains("Another error"));
		String panic = this.sentry.events().stream().filter((event) -> event.contains("fatal")).findAny().orElseThrow();
		assertThat(JsonPath.<Integer>read(panic, "$.breadcrumbs.length()")).isEqualTo(2);
		assertThat(panic).doesNotContain("192.0.2.7");
	}

	@Test
	void panicOfAListenerIsToldByItsLogLineSinceNothingElseTellsIt() {
		this.runner.withBean("fragile", PanicListener.class, () -> (panic) -> {
			throw new IllegalStateException("a bug in a listener");
		}).run((context) -> {
			context.getBean(PanicIsolation.class).record(Panics.SITE, new IllegalStateException("a bug"));
			Await.until("both are told", () -> this.sentry.events().size() == 2);
		});
		assertThat(this.sentry.events()).anySatisfy((event) -> assertThat(event).contains("a bug in a listener"));
	}

	@Test
	void failedRequestIsNoEvent() {
		this.runner.run((context) -> {
			assertAppender();
			failARequest(context.getBean(ProxyServer.class));
			context.getBean(PanicIsolation.class)
				.record(PanicSite.of("engine", "after it"), new IllegalStateException("a bug"));
		});
		assertThat(this.sentry.events()).singleElement()
			.satisfies((event) -> assertThat(event).contains("after it", "a bug"));
	}

	@Test
	void failedRequestIsAnEventIfThatIsWanted() {
		this.runner.withPropertyValues("pingora.sentry.error-log=true").run((context) -> {
			failARequest(context.getBean(ProxyServer.class));
			Await.until("it is told", () -> this.sentry.events().size() == 1);
		});
		assertThat(this.sentry.events().get(0)).contains("dev.pingora.errors");
	}

	private static void failARequest(ProxyServer server) {
		try (RawClient client = RawClient.connect(server.port("http"))) {
			assertThat(client.get("/x").readResponse().status()).isGreaterThanOrEqualTo(500);
			client.shutdownOutput();
			client.awaitEnd();
		}
	}

}
