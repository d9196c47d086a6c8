package dev.pingora.autoconfigure.tracing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RequestSummary;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.RawClient;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.AsyncTaskExecutor;

/**
 * A gateway with Spring Boot's own OpenTelemetry support, as an application has it.
 */
final class TracedGateway implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private final OtlpCollector collector;

	private final Balance balance;

	private TracedGateway(ConfigurableApplicationContext context, OtlpCollector collector) {
		this.context = context;
		this.collector = collector;
		this.balance = context.getBean(Balance.class);
	}

	/**
	 * Starts a gateway that samples everything.
	 * @param backends the ports of its backends
	 * @param source the filters, or {@code Application} for none
	 * @param properties properties that win over those that there are
	 * @return the gateway
	 */
	static TracedGateway start(List<Integer> backends, Class<?> source, String... properties) {
		OtlpCollector collector = OtlpCollector.start();
		SpringApplication application = new SpringApplicationBuilder(Application.class, source)
			.web(WebApplicationType.NONE)
			.properties("pingora.listeners[0].address=127.0.0.1", "pingora.listeners[0].port=0", "pingora.threads=1",
					"pingora.routes[0].id=orders", "pingora.routes[0].upstream=shop",
					"pingora.upstreams.shop.backends="
							+ String.join(",", backends.stream().map((port) -> "127.0.0.1:" + port).toList()),
					"pingora.executor.pool-size=1", "management.tracing.sampling.probability=1",
					"management.opentelemetry.tracing.export.otlp.endpoint=" + collector.endpoint(),
					"management.opentelemetry.tracing.export.schedule-delay=10ms",
					"management.otlp.metrics.export.enabled=false", "spring.lifecycle.timeout-per-shutdown-phase=1s",
					"spring.main.banner-mode=off", "spring.jmx.enabled=false", "logging.level.root=warn")
			.build();
		String[] arguments = List.of(properties).stream().map((it) -> "--" + it).toArray(String[]::new);
		return new TracedGateway(application.run(arguments), collector);
	}

	RawClient connect() {
		return RawClient.connect(bean(ProxyServer.class).port("http"));
	}

	OtlpCollector collector() {
		return this.collector;
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	AsyncTaskExecutor executor() {
		return this.context.getBean("pingoraTaskExecutor", AsyncTaskExecutor.class);
	}

	RequestSummary awaitSummary() {
		List<RequestSummary> summaries = bean(Application.class).summaries;
		Await.until("a request has finished", () -> !summaries.isEmpty());
		return summaries.get(0);
	}

	/**
	 * Stops the application; the collector stays.
	 */
	void stop() {
		this.context.close();
	}

	@Override
	public void close() {
		stop();
		this.collector.close();
		if (this.balance.started.get() != this.balance.ended.get()) {
			throw new AssertionError(this.balance.started + " spans were started, " + this.balance.ended + " ended");
		}
	}

	/**
	 * Counts the spans that are recorded.
	 */
	static final class Balance implements SpanProcessor {

		private final AtomicInteger started = new AtomicInteger();

		private final AtomicInteger ended = new AtomicInteger();

		@Override
		public void onStart(Context parent, ReadWriteSpan span) {
			this.started.incrementAndGet();
		}

		@Override
		public boolean isStartRequired() {
			return true;
		}

		@Override
		public void onEnd(ReadableSpan span) {
			this.ended.incrementAndGet();
		}

		@Override
		public boolean isEndRequired() {
			return true;
		}

	}

	/**
	 * The application.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		final List<RequestSummary> summaries = new CopyOnWriteArrayList<>();

		@Bean
		Balance balance() {
			return new Balance();
		}

		@Bean
		ProxyListener summaryListener() {
			return new ProxyListener() {

				@Override
				public void requestFinished(FinishedRequest request) {
					Application.this.summaries.add(request.summary());
				}

			};
		}

	}

}
