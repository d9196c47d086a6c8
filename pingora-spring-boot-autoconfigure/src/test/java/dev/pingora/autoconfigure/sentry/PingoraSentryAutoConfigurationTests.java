package dev.pingora.autoconfigure.sentry;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

import com.jayway.jsonpath.JsonPath;
import dev.pingora.autoconfigure.PanicReporter;
import dev.pingora.autoconfigure.PingoraAutoConfiguration;
import dev.pingora.autoconfigure.metrics.PingoraMetricsAutoConfiguration;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.panic.Supervision;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.FakeSentry;
import dev.pingora.testkit.RawClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sentry.IScopes;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.task.AsyncTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which panics Sentry is told of, and what: the real SDK talks to a small server.
 */
@ExtendWith(OutputCaptureExtension.class)
class PingoraSentryAutoConfigurationTests {

	@AutoClose
	private final FakeSentry sentry = FakeSentry.start();

	private String onlyEvent() {
		Await.until("Sentry is told", () -> !this.sentry.events().isEmpty());
		assertThat(this.sentry.events()).hasSize(1);
		return this.sentry.events().get(0);
	}

	@Test
	void panicIsReportedAsFatalAndUnhandled() {
		Panics.runner(this.sentry).run((context) -> {
			Panic panic = context.getBean(PanicIsolation.class).record(Panics.SITE, new IllegalStateException("a bug"));
			String event = onlyEvent();
			assertThat(JsonPath.<String>read(event, "$.level")).isEqualTo("fatal");
			assertThat(JsonPath.<String>read(event, "$.exception.values[0].type")).isEqualTo("IllegalStateException");
			assertThat(JsonPath.<String>read(event, "$.exception.values[0].value")).isEqualTo("a bug");
			assertThat(JsonPath.<String>read(event, "$.exception.values[0].mechanism.type")).isEqualTo("pingora.panic");
			assertThat(JsonPath.<Boolean>read(event, "$.exception.values[0].mechanism.handled")).isFalse();
			assertThat(JsonPath.<String>read(event, "$.tags.phase")).isEqualTo("requestFilter");
			assertThat(JsonPath.<String>read(event, "$.tags.filter")).isEqualTo("geo");
			assertThat(JsonPath.<String>read(event, "$.tags.route")).isEqualTo("orders");
			assertThat(JsonPath.<String>read(event, "$.tags.protocol")).isEqualTo("HTTP/1.1");
			assertThat(JsonPath.<String>read(event, "$.tags.upstream")).isEqualTo("shop");
			assertThat(JsonPath.<String>read(event, "$.tags.peer")).isEqualTo("10.0.0.1:9001");
			assertThat(JsonPath.<String>read(event, "$.tags.trace_id")).isEqualTo(Panics.TRACE_ID);
			assertThat(JsonPath.<String>read(event, "$.contexts.trace.trace_id")).isEqualTo(Panics.TRACE_ID);
			assertThat(JsonPath.<String>read(event, "$.tags['panic.id']")).isEqualTo(Long.toString(panic.id()));
			assertThat(JsonPath.<String>read(event, "$.request.method")).isEqualTo("GET");
			assertThat(JsonPath.<String>read(event, "$.request.url")).isEqualTo("/orders/1");
			assertThat(JsonPath.<String>read(event, "$.fingerprint[0]")).isEqualTo("java.lang.IllegalStateException");
			assertThat(JsonPath.<String>read(event, "$.request.query_string")).isEqualTo("page=&sort=");
			assertThat(JsonPath.<String>read(event, "$.request.headers['User-Agent']")).isEqualTo("test");
			assertThat(event).doesNotContain("192.0.2.7", "shop.example");
		});
	}

	@Test
	void breadcrumbsAreTheStepsOfTheRequest() {
		Panics.runner(this.sentry).run((context) -> {
			Panic panic = context.getBean(PanicIsolation.class).record(Panics.SITE, new IllegalStateException("a bug"));
			String event = onlyEvent();
			assertThat(JsonPath.<Integer>read(event, "$.breadcrumbs.length()")).isEqualTo(2);
			assertThat(JsonPath.<String>read(event, "$.breadcrumbs[1].category")).isEqualTo("pingora.phase");
			assertThat(JsonPath.<String>read(event, "$.breadcrumbs[1].message")).isEqualTo("attempt");
			// 250 ms after its start the request panicked, and 150 ms after it came the
			// step
			assertThat(Instant.parse(JsonPath.read(event, "$.breadcrumbs[1].timestamp")).toEpochMilli())
				.isEqualTo(panic.time().minusMillis(100).toEpochMilli());
		});
	}

	@Test
	void panicOfARequestIsReportedWithoutValuesOfTheQueryAndWithoutHeaders() {
		Panics.runner(this.sentry).withBean("fragile", ProxyFilter.class, FragileFilter::new).run((context) -> {
			try (RawClient client = RawClient.connect(context.getBean(ProxyServer.class).port("http"))) {
				client.send("GET /x?token=secret HTTP/1.1\r\nHost: a\r\nAuthorization: secret\r\n\r\n");
				client.awaitEnd();
			}
			String event = onlyEvent();
			assertThat(JsonPath.<String>read(event, "$.tags.phase")).isEqualTo("requestFilter");
			assertThat(JsonPath.<String>read(event, "$.tags.filter")).isEqualTo("fragile");
			assertThat(JsonPath.<String>read(event, "$.request.url")).isEqualTo("/x");
			assertThat(JsonPath.<Integer>read(event, "$.breadcrumbs.length()")).isPositive();
			assertThat(JsonPath.<String>read(event, "$.request.query_string")).isEqualTo("token=");
			assertThat(event).doesNotContain("secret", "\"headers\"");
		});
	}

	@Test
	void headersAreReportedIfTheyWereAskedFor() {
		Panics.runner(this.sentry)
			.withBean("fragile", ProxyFilter.class, FragileFilter::new)
			.withPropertyValues("pingora.panic.headers=x-request-id")
			.run((context) -> {
				try (RawClient client = RawClient.connect(context.getBean(ProxyServer.class).port("http"))) {
					client.send("GET /x HTTP/1.1\r\nHost: a\r\nX-Request-Id: 42\r\nAuthorization: secret\r\n\r\n");
					client.awaitEnd();
				}
				String event = onlyEvent();
				assertThat(JsonPath.<String>read(event, "$.request.headers['x-request-id']")).isEqualTo("42");
				assertThat(event).doesNotContain("secret");
			});
	}

	@Test
	void panicOfAnExecutorTaskIsReported() {
		Panics.runner(this.sentry).run((context) -> {
			context.getBean("pingoraTaskExecutor", AsyncTaskExecutor.class).execute(() -> {
				throw new IllegalStateException("a bug in a task");
			});
			String event = onlyEvent();
			assertThat(JsonPath.<String>read(event, "$.tags.phase")).isEqualTo(PanicSite.EXECUTOR);
			assertThat(JsonPath.<String>read(event, "$.tags.filter")).isEqualTo("pingoraTaskExecutor");
			assertThat(event).doesNotContain("\"request\"");
		});
	}

	@Test
	void panicOfABackgroundTaskIsReported() {
		Panics.runner(this.sentry).run((context) -> {
			ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
			Supervision supervision = context.getBean(PanicIsolation.class)
				.supervise("rates", executor, Duration.ofHours(1), () -> {
					throw new IllegalStateException("a bug in the background");
				});
			String event = onlyEvent();
			supervision.stop();
			executor.shutdownNow();
			assertThat(JsonPath.<String>read(event, "$.tags.phase")).isEqualTo(PanicSite.BACKGROUND);
			assertThat(JsonPath.<String>read(event, "$.tags.filter")).isEqualTo("rates");
		});
	}

	@Test
	void failedRequestIsNotReported() {
		Panics.runner(this.sentry).run((context) -> {
			try (RawClient client = RawClient.connect(context.getBean(ProxyServer.class).port("http"))) {
				assertThat(client.get("/x").readResponse().status()).isGreaterThanOrEqualTo(500);
			}
			PanicIsolation isolation = context.getBean(PanicIsolation.class);
			isolation.record(PanicSite.of("engine", "after it"), new IllegalStateException("a bug"));
			assertThat(JsonPath.<String>read(onlyEvent(), "$.tags.filter")).isEqualTo("after it");
		});
	}

	@Test
	void nothingIsReportedWithoutADsn() {
		Panics.runner()
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(ProxyServer.class)
				.doesNotHaveBean(PanicReporter.class));
	}

	@ParameterizedTest
	@ValueSource(strings = { "sentry.dsn=", "sentry.enabled=false" })
	void nothingIsDoneIfTheSdkIsSwitchedOff(String property, CapturedOutput output) {
		Panics.runner(this.sentry)
			.withConfiguration(AutoConfigurations.of(PingoraMetricsAutoConfiguration.class))
			.withBean(SimpleMeterRegistry.class)
			.withPropertyValues(property)
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(IScopes.class).hasSingleBean(ProxyServer.class);
				PanicIsolation isolation = context.getBean(PanicIsolation.class);
				isolation.record(Panics.SITE, new IllegalStateException("a bug"));
				assertThat(context.getBeanProvider(PanicReporter.class)).isEmpty();
				assertThat(context.getBean(MeterRegistry.class).find("pingora.panic.reports").meters()).isEmpty();
				assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
					.doesNotContain("pingora-sentry");
				Await.until("it is logged", () -> output.getAll().contains("Panic 1 in requestFilter"));
				assertThat(output).doesNotContain("reported to Sentry");
			});
		assertThat(this.sentry.events()).isEmpty();
	}

	@Test
	void nothingIsReportedWhenItIsSwitchedOff() {
		Panics.runner(this.sentry)
			.withPropertyValues("pingora.sentry.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(ProxyServer.class)
				.doesNotHaveBean(PanicReporter.class));
	}

	@Test
	void serverRunsWithoutSentry() {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(PingoraAutoConfiguration.class, PingoraSentryAutoConfiguration.class))
			.withPropertyValues("pingora.listeners[0].address=127.0.0.1", "pingora.listeners[0].port=0",
					"pingora.threads=1", "pingora.transport=nio", "pingora.routes[0].id=a",
					"pingora.routes[0].uri=http://127.0.0.1:1", "sentry.dsn=http://key@127.0.0.1:1/1")
			.withClassLoader(new FilteredClassLoader("io.sentry"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(ProxyServer.class)
				.doesNotHaveBean(PanicReporter.class));
	}

	static final class FragileFilter implements ProxyFilter {

		@Override
		public Outcome requestFilter(Session session) {
			throw new IllegalStateException("a mistake");
		}

	}

}
