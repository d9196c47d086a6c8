package dev.pingora.autoconfigure.metrics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.pingora.autoconfigure.PanicReporter;
import dev.pingora.autoconfigure.PingoraAutoConfiguration;
import dev.pingora.autoconfigure.ProxyServerCustomizer;
import dev.pingora.error.ProxyException;
import dev.pingora.event.HeldLoop;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.server.ExecutorStatus;
import dev.pingora.server.MeasuredExecutor;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import dev.pingora.upstream.HttpPeer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusMetricsExportAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A gateway with a Prometheus registry as Spring Boot makes it, in front of an origin.
 */
final class MeteredGateway implements AutoCloseable {

	private static final Pattern NAME = Pattern.compile("^(pingora_[a-z_]+)", Pattern.MULTILINE);

	final RawOrigin origin = RawOrigin.start();

	final ConfigurableApplicationContext context;

	private final Path accessLog = temporaryFile();

	private MeteredGateway(String... properties) {
		List<String> all = new ArrayList<>(List.of("pingora.listeners[0].address=127.0.0.1",
				"pingora.listeners[0].port=0", "pingora.threads=1", "pingora.transport=nio", "pingora.retries.max=1",
				"pingora.upstreams.group.backends[0]=127.0.0.1:" + this.origin.port(), "pingora.routes[0].id=hello",
				"pingora.routes[0].predicates[0]=Path=/hello", "pingora.routes[0].upstream=group",
				"pingora.routes[1].id=dead", "pingora.routes[1].predicates[0]=Path=/dead",
				"pingora.routes[1].uri=http://127.0.0.1:1", "pingora.access-log.enabled=true",
				"pingora.access-log.path=" + this.accessLog));
		all.addAll(List.of(properties));
		this.context = new SpringApplicationBuilder(Beans.class).web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.logStartupInfo(false)
			.properties(all.toArray(String[]::new))
			.run();
	}

	private static Path temporaryFile() {
		try {
			return Files.createTempFile("access", ".log");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static MeteredGateway start(String... properties) {
		return new MeteredGateway(properties);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ PingoraAutoConfiguration.class, MetricsAutoConfiguration.class,
			CompositeMeterRegistryAutoConfiguration.class, PrometheusMetricsExportAutoConfiguration.class,
			PingoraMetricsAutoConfiguration.class })
	static class Beans {

		@Bean
		OrderFilter orders() {
			return new OrderFilter();
		}

		@Bean
		PanicReporter reporter() {
			return new StubReporter();
		}

		@Bean
		ProxyServerCustomizer measuredExecutor() {
			return (builder) -> builder.blockingExecutor(new CallerRuns());
		}

	}

	/**
	 * Does what a request orders.
	 */
	static final class OrderFilter implements ProxyFilter {

		@Override
		public Outcome requestFilter(Session session) {
			if (session.request().hasHeader("x-panic")) {
				throw new IllegalStateException("ordered");
			}
			return Outcome.CONTINUE;
		}

		@Override
		public @Nullable HttpPeer upstreamPeer(Session session) {
			String port = session.request().header("x-peer");
			return (port != null) ? HttpPeer.of("localhost", Integer.parseInt(port)) : null;
		}

		@Override
		public ProxyException failToConnect(Session session, HttpPeer peer, ProxyException error) {
			return error.retryable();
		}

	}

	/**
	 * A service that tells given numbers.
	 */
	static final class StubReporter implements PanicReporter {

		@Override
		public String name() {
			return "stub";
		}

		@Override
		public long sent() {
			return 7;
		}

		@Override
		public long folded() {
			return 8;
		}

		@Override
		public long dropped() {
			return 9;
		}

		@Override
		public @Nullable String reportId(long panicId) {
			return null;
		}

	}

	/**
	 * An executor that tells given numbers.
	 */
	static final class CallerRuns implements MeasuredExecutor {

		@Override
		public void execute(Runnable task) {
			task.run();
		}

		@Override
		public ExecutorStatus status() {
			return new ExecutorStatus("virtual", 1, 2, 3, 4);
		}

	}

	ProxyServer server() {
		return this.context.getBean(ProxyServer.class);
	}

	MeterRegistry registry() {
		return this.context.getBean(MeterRegistry.class);
	}

	String scrape() {
		return this.context.getBean(PrometheusMeterRegistry.class).scrape();
	}

	Set<String> scrapedNames() {
		Set<String> names = new TreeSet<>();
		Matcher matcher = NAME.matcher(scrape());
		while (matcher.find()) {
			names.add(matcher.group(1));
		}
		return names;
	}

	RawClient connect() {
		return RawClient.connect(server().port("http"));
	}

	RawResponse exchange(String target, String... fieldLines) {
		try (RawClient client = connect()) {
			return client.send(get(target, fieldLines)).readResponse();
		}
	}

	void panic() {
		try (RawClient client = connect()) {
			client.send(get("/hello", "X-Panic: yes"));
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
		}
	}

	private static String get(String target, String... fieldLines) {
		return "GET " + target + " HTTP/1.1\r\nHost: gateway\r\n"
				+ String.join("", List.of(fieldLines).stream().map((line) -> line + "\r\n").toList()) + "\r\n";
	}

	/**
	 * Makes everything happen that is measured.
	 * @return this
	 */
	MeteredGateway exercise() {
		assertThat(exchange("/hello").status()).isEqualTo(200);
		assertThat(exchange("/dead").status()).isEqualTo(502);
		assertThat(exchange("/nowhere").status()).isEqualTo(404);
		assertThat(exchange("/hello", "Bad Name: x").status()).isEqualTo(400);
		panic();
		this.context.getBean(RequestMeters.class)
			.loopHeld(new HeldLoop("loop-1", "requestFilter", "orders", "hello", Duration.ofSeconds(1), List.of(), 1,
					true));
		Await.until("what comes late is measured", () -> scrape().contains("pingora_panics_total{")
				&& registry().find("pingora.requests").timers().size() == 4);
		return this;
	}

	@Override
	public void close() {
		SpringApplication.exit(this.context);
		this.origin.close();
		assertThat(this.accessLog.toFile().delete()).isTrue();
	}

}
