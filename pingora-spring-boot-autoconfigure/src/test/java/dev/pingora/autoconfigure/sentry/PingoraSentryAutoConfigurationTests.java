package dev.pingora.autoconfigure.sentry;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import com.jayway.jsonpath.JsonPath;
import dev.pingora.autoconfigure.PingoraAutoConfiguration;
import dev.pingora.event.RequestSummary;
import dev.pingora.event.Timings;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import io.sentry.spring.boot4.SentryAutoConfiguration;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What Sentry is told of panics: the real SDK talks to a small server.
 */
class PingoraSentryAutoConfigurationTests {

	private static final RequestSummary REQUEST = new RequestSummary(7, null, "HTTP/1.1", "192.0.2.7:4711", "GET",
			"/orders/1", "shop.example", "orders", "orders", null, 0, 0, 0, 0,
			new Timings(Timings.NEVER, Timings.NEVER, Timings.NEVER, 0), null, null, 0, List.of());

	private static final PanicSite SITE = new PanicSite("requestFilter", "geo", "orders", REQUEST);

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PingoraAutoConfiguration.class, PingoraSentryAutoConfiguration.class,
				SentryAutoConfiguration.class))
		.withPropertyValues("pingora.listeners[0].address=127.0.0.1", "pingora.listeners[0].port=0",
				"pingora.threads=1", "pingora.transport=nio", "pingora.routes[0].id=a",
				"pingora.routes[0].uri=http://127.0.0.1:1", "sentry.shutdown-timeout-millis=500");

	@Test
	void panicIsReportedAsFatalAndUnhandled() throws Exception {
		try (FakeSentry sentry = FakeSentry.start()) {
			this.runner.withPropertyValues("sentry.dsn=" + sentry.dsn()).run((context) -> {
				context.getBean(PanicIsolation.class).record(SITE, new IllegalStateException("a bug"));
				Await.until("Sentry is told", () -> !sentry.events().isEmpty());
			});
			String event = sentry.events().get(0);
			assertThat(JsonPath.<String>read(event, "$.level")).isEqualTo("fatal");
			assertThat(JsonPath.<String>read(event, "$.exception.values[0].type")).isEqualTo("IllegalStateException");
			assertThat(JsonPath.<String>read(event, "$.exception.values[0].mechanism.type")).isEqualTo("pingora.panic");
			assertThat(JsonPath.<Boolean>read(event, "$.exception.values[0].mechanism.handled")).isFalse();
			assertThat(JsonPath.<String>read(event, "$.tags.phase")).isEqualTo("requestFilter");
			assertThat(JsonPath.<String>read(event, "$.tags.filter")).isEqualTo("geo");
			assertThat(JsonPath.<String>read(event, "$.tags.route")).isEqualTo("orders");
			assertThat(JsonPath.<String>read(event, "$.tags.protocol")).isEqualTo("HTTP/1.1");
			assertThat(JsonPath.<String>read(event, "$.request.method")).isEqualTo("GET");
			assertThat(JsonPath.<String>read(event, "$.request.url")).isEqualTo("/orders/1");
			assertThat(event).doesNotContain("query_string", "\"headers\"", "192.0.2.7");
		}
	}

	@Test
	void nothingIsReportedWithoutADsn() {
		this.runner.run((context) -> assertThat(context).hasNotFailed()
			.hasSingleBean(ProxyServer.class)
			.doesNotHaveBean(SentryPanicReporter.class));
	}

	@Test
	void listenerIsAbsentWithoutSentry() {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(PingoraAutoConfiguration.class, PingoraSentryAutoConfiguration.class))
			.withPropertyValues("pingora.enabled=false")
			.withClassLoader(new FilteredClassLoader("io.sentry"))
			.run((context) -> assertThat(context).hasNotFailed());
	}

}
