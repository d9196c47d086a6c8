package dev.pingora.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

import com.jayway.jsonpath.JsonPath;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.FakeSentry;
import dev.pingora.testkit.RawClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A panic is told of everywhere, within a second, under one id.
 */
class OnePanicOneIdTests {

	private static final Duration A_SECOND = Duration.ofSeconds(1);

	private final HttpClient http = HttpClient.newHttpClient();

	private String get(int port, String path) {
		try {
			return this.http
				.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
						BodyHandlers.ofString())
				.body();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void within(long begin, String what, BooleanSupplier condition) {
		Duration left = A_SECOND.minusNanos(System.nanoTime() - begin);
		Await.until(left.isNegative() ? Duration.ZERO : left, () -> what, condition);
	}

	@Test
	void panicIsToldEverywhereWithinASecondUnderOneId(@TempDir Path folder) {
		Path log = folder.resolve("access.log");
		try (FakeSentry sentry = FakeSentry.start();
				ConfigurableApplicationContext context = SpringApplication.run(DemoApplication.class,
						"--pingora.listeners[0].port=0", "--pingora.listeners[0].address=127.0.0.1",
						"--management.server.port=0", "--sentry.dsn=" + sentry.dsn(),
						"--pingora.access-log.enabled=true", "--pingora.access-log.format=json",
						"--pingora.access-log.path=" + log)) {
			ProxyServer server = context.getBean(ProxyServer.class);
			int gateway = server.port("http");
			int actuator = Integer.parseInt(context.getEnvironment().getRequiredProperty("local.management.port"));
			firePanic(gateway, "requestFilter"); // the first one loads classes everywhere
			Await.until("Sentry is told", () -> !sentry.events().isEmpty());
			get(actuator, "/actuator/panics");
			get(actuator, "/actuator/prometheus");

			long begin = System.nanoTime();
			firePanic(gateway, "responseFilter");
			long id = server.isolation().recent().get(0).id();
			within(begin, "the page", () -> ids(get(gateway, "/demo/state")).contains(id));
			within(begin, "the endpoint", () -> ids(get(actuator, "/actuator/panics")).contains(id));
			within(begin, "Prometheus", () -> get(actuator, "/actuator/prometheus").lines()
				.anyMatch((line) -> line.startsWith("pingora_panics_last") && line.endsWith(" " + id + ".0")));
			within(begin, "the access log", () -> lines(log).stream().anyMatch((line) -> logged(line) == id));
			within(begin, "Sentry", () -> sentry.events().stream().anyMatch((event) -> reported(event) == id));
			Await.until("the endpoint names Sentry's event",
					() -> reports(get(actuator, "/actuator/panics/" + id)).equals(List.of(eventId(sentry, id))));
		}
	}

	private static List<Long> ids(String json) {
		return JsonPath.<List<Number>>read(json, "$.recent[*].id").stream().map(Number::longValue).toList();
	}

	private static List<String> lines(Path log) {
		try {
			return Files.readAllLines(log);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static long logged(String line) {
		List<Number> ids = JsonPath.read(line, "$..panic_id");
		return ids.isEmpty() ? 0 : ids.get(0).longValue();
	}

	private static long reported(String event) {
		return Long.parseLong(JsonPath.read(event, "$.tags['panic.id']"));
	}

	private static String eventId(FakeSentry sentry, long id) {
		return sentry.events()
			.stream()
			.filter((event) -> reported(event) == id)
			.map((event) -> JsonPath.<String>read(event, "$.event_id"))
			.findFirst()
			.orElseThrow();
	}

	private static List<String> reports(String json) {
		return JsonPath.read(json, "$..reports.sentry");
	}

	private static void firePanic(int port, String phase) {
		try (RawClient client = RawClient.connect(port)) {
			client.send("GET /hello HTTP/1.1\r\nHost: gateway\r\nX-Panic: " + phase + "\r\n\r\n");
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
		}
	}

}
