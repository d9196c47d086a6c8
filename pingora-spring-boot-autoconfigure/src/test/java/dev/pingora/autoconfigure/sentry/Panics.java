package dev.pingora.autoconfigure.sentry;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import com.jayway.jsonpath.JsonPath;
import dev.pingora.autoconfigure.PingoraAutoConfiguration;
import dev.pingora.event.RequestSummary;
import dev.pingora.event.Step;
import dev.pingora.event.Timings;
import dev.pingora.panic.PanicSite;
import dev.pingora.testkit.FakeSentry;
import io.sentry.spring.boot4.SentryAutoConfiguration;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/**
 * Panics to report, and an application that reports them with the real SDK.
 */
final class Panics {

	static final String TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

	static final RequestSummary REQUEST = new RequestSummary(7, TRACE_ID, "HTTP/1.1", "192.0.2.7:4711", "GET",
			"/orders/1", "page=&sort=", "shop.example", Map.of("User-Agent", "test"), "orders", "shop", "10.0.0.1:9001",
			1, 0, 0, 0, new Timings(1_000_000, Timings.NEVER, Timings.NEVER, 250_000_000), null, null, 0,
			List.of(new Step("requestFilter", Duration.ofMillis(2)), new Step(Step.ATTEMPT, Duration.ofMillis(150))));

	static final PanicSite SITE = new PanicSite("requestFilter", "geo", "orders", REQUEST);

	private Panics() {
	}

	static PanicSite site(String filter) {
		return new PanicSite("requestFilter", filter, "orders", REQUEST);
	}

	static ApplicationContextRunner runner(FakeSentry sentry) {
		return runner().withPropertyValues("sentry.dsn=" + sentry.dsn());
	}

	static ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PingoraAutoConfiguration.class,
					PingoraSentryAutoConfiguration.class, SentryAutoConfiguration.class))
			.withPropertyValues("pingora.listeners[0].address=127.0.0.1", "pingora.listeners[0].port=0",
					"pingora.threads=1", "pingora.transport=nio", "pingora.routes[0].id=a",
					"pingora.routes[0].uri=http://127.0.0.1:1");
	}

	/**
	 * Returns how many panics Sentry was told of, by events of their own or by others'.
	 * @param sentry what was told
	 * @return the number
	 */
	static long told(FakeSentry sentry) {
		return sentry.events()
			.stream()
			.mapToLong((event) -> 1 + extra(event, "folded") + extra(event, "held_back"))
			.sum();
	}

	static long extra(String event, String name) {
		List<Number> values = JsonPath.read(event, "$..extra." + name);
		return values.isEmpty() ? 0 : values.get(0).longValue();
	}

}
