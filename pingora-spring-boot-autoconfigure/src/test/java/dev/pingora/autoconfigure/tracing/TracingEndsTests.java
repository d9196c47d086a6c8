package dev.pingora.autoconfigure.tracing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.pingora.autoconfigure.tracing.OtlpCollector.Received;
import dev.pingora.autoconfigure.tracing.TracedGateway.Application;
import dev.pingora.error.ProxyException;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.End;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Failures, panics, cancelled calls: what the spans say, and that none stays open
 * ({@code TracedGateway} counts).
 */
class TracingEndsTests {

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private TracedGateway start(Class<?> source) {
		return TracedGateway.start(List.of(this.origin.port()), source);
	}

	private static Received attempt(TracedGateway gateway, String number) {
		return gateway.collector()
			.await((span) -> span.kind().equals("CLIENT") && number.equals(span.attributes().get("attempt")));
	}

	private static Received blocking(TracedGateway gateway) {
		return gateway.collector().await((span) -> span.name().equals("requestFilter filter"));
	}

	private static int closedPort() throws IOException {
		try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return unused.getLocalPort();
		}
	}

	@Test
	void eachAttemptHasItsSpan() throws IOException {
		try (TracedGateway gateway = TracedGateway.start(List.of(closedPort(), this.origin.port()),
				Application.class)) {
			try (RawClient client = gateway.connect()) {
				assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
			}
			Received request = gateway.collector().awaitRequest();
			Received first = attempt(gateway, "1");
			Received second = attempt(gateway, "2");
			assertThat(first.failed()).isTrue();
			assertThat(first.attributes()).containsEntry("error.type", "connect_refused")
				.containsEntry("status", "none");
			assertThat(second.failed()).isFalse();
			assertThat(second.attributes()).containsEntry("status", "200");
			assertThat(List.of(first.parent(), second.parent())).containsOnly(request.id());
			assertThat(request.failed()).isFalse();
			assertThat(this.origin.awaitRequest(1).headers().all("traceparent")).singleElement()
				.asString()
				.contains(second.id());
		}
	}

	@Test
	void requestThatFailsMarksItsSpan() throws IOException {
		try (TracedGateway gateway = TracedGateway.start(List.of(closedPort()), Application.class)) {
			try (RawClient client = gateway.connect()) {
				assertThat(client.get("/hello").readResponse().status()).isEqualTo(502);
			}
			Received request = gateway.collector().awaitRequest();
			assertThat(request.failed()).isTrue();
			assertThat(request.attributes()).containsEntry("error.type", "connect_refused")
				.containsEntry("outcome", "error")
				.containsEntry("status", "502");
		}
	}

	@Test
	void clientsMistakeIsNoErrorOfTheSpan() {
		try (TracedGateway gateway = start(Refusing.class)) {
			try (RawClient client = gateway.connect()) {
				assertThat(client.send("BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n").readResponse().status()).isEqualTo(418);
			}
			Received request = gateway.collector().awaitRequest();
			assertThat(request.failed()).isFalse();
			assertThat(request.name()).isEqualTo("OTHER orders");
			assertThat(request.attributes()).containsEntry("status", "418").containsEntry("outcome", "error");
		}
	}

	@Test
	void panicMarksTheSpanAndEndsTheAttempts() {
		try (TracedGateway gateway = start(Panicking.class)) {
			try (RawClient client = gateway.connect()) {
				assertThat(client.get("/hello").awaitEnd()).isEqualTo(End.RESET);
			}
			Received request = gateway.collector().awaitRequest();
			String panic = Long.toString(gateway.awaitSummary().panicId());
			assertThat(request.failed()).isTrue();
			assertThat(request.attributes()).containsEntry("outcome", "panic").containsEntry("panic", panic);
			assertThat(request.exceptions()).containsExactly("panic " + panic);
			assertThat(attempt(gateway, "1").attributes()).containsEntry("status", "200");
		}
	}

	@Test
	void clientThatGoesAwayEndsEverySpan() {
		try (TracedGateway gateway = start(Application.class)) {
			try (RawClient client = gateway.connect()) {
				client.get("/hang");
				this.origin.awaitRequest(1);
				client.abort();
			}
			Received request = gateway.collector().awaitRequest();
			assertThat(request.failed()).isFalse();
			assertThat(request.attributes()).containsEntry("outcome", "aborted").containsEntry("status", "none");
			assertThat(attempt(gateway, "1").attributes()).containsEntry("status", "none");
		}
	}

	@Test
	void spansOfRequestsThatAreCutOffAtShutdownAreExported() {
		try (TracedGateway gateway = start(Application.class)) {
			try (RawClient client = gateway.connect()) {
				client.get("/hang");
				this.origin.awaitRequest(1);
				gateway.stop();
			}
			assertThat(gateway.collector().spans()).extracting(Received::kind)
				.containsExactlyInAnyOrder("SERVER", "CLIENT");
		}
	}

	@Test
	void spanOfABlockingCallIsCurrentOnItsThreadAndNotAfterwards() throws Exception {
		try (TracedGateway gateway = start(Observing.class)) {
			try (RawClient client = gateway.connect()) {
				assertThat(client.get("/hello").readResponse().status()).isEqualTo(204);
			}
			Received request = gateway.collector().awaitRequest();
			Received call = blocking(gateway);
			Received inner = gateway.collector().await((span) -> span.name().equals("inner"));
			assertThat(call.kind()).isEqualTo("INTERNAL");
			assertThat(call.parent()).isEqualTo(request.id());
			assertThat(call.attributes()).containsEntry("phase", "requestFilter").containsEntry("filter", "filter");
			assertThat(inner.parent()).isEqualTo(call.id());
			assertThat(gateway.bean(Observing.class).mdc.get(5, TimeUnit.SECONDS))
				.isEqualTo(request.traceId() + " " + call.id());
			assertThat(currentOnTheExecutor(gateway)).isNull();
		}
	}

	// The executor has one thread on Java 17: the call's.
	private static @Nullable Object currentOnTheExecutor(TracedGateway gateway)
			throws InterruptedException, ExecutionException, TimeoutException {
		return gateway.executor().submit(() -> gateway.bean(Tracer.class).currentSpan()).get(5, TimeUnit.SECONDS);
	}

	@Test
	void blockingCallThatThrowsEndsItsSpan() throws Exception {
		try (TracedGateway gateway = start(BlockingPanic.class)) {
			try (RawClient client = gateway.connect()) {
				assertThat(client.get("/hello").awaitEnd()).isEqualTo(End.RESET);
			}
			assertThat(gateway.collector().awaitRequest().attributes()).containsEntry("outcome", "panic");
			assertThat(blocking(gateway).failed()).isTrue();
			assertThat(blocking(gateway).exceptions()).containsExactly("a bug");
			assertThat(currentOnTheExecutor(gateway)).isNull();
		}
	}

	@Test
	void cancelledBlockingCallEndsItsSpan() throws Exception {
		try (TracedGateway gateway = start(Waiting.class)) {
			Waiting waiting = gateway.bean(Waiting.class);
			try (RawClient client = gateway.connect()) {
				client.get("/hello");
				assertThat(waiting.begun.await(5, TimeUnit.SECONDS)).isTrue();
				client.abort();
			}
			assertThat(gateway.collector().awaitRequest().attributes()).containsEntry("outcome", "aborted");
			assertThat(blocking(gateway).failed()).isTrue();
		}
	}

	@Test
	void panickingHandlerLeavesNoSpanOpen() {
		for (String name : List.of(Observations.REQUEST, Observations.UPSTREAM, Observations.BLOCKING)) {
			try (TracedGateway gateway = TracedGateway.start(List.of(this.origin.port()), PanickingHandler.class,
					"test.observation=" + name)) {
				try (RawClient client = gateway.connect()) {
					assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
				}
				gateway.awaitSummary();
				assertThat(gateway.bean(PanicIsolation.class).totals().total()).isPositive();
			} // counts
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class PanickingHandler {

		@Bean
		ObservationHandler<Observation.Context> panickingHandler(@Value("${test.observation}") String name) {
			return new ObservationHandler<>() {

				@Override
				public void onStart(Observation.Context context) {
					if (context.getName().equals(name)) {
						throw new IllegalStateException("a bug");
					}
				}

				@Override
				public boolean supportsContext(Observation.Context context) {
					return true;
				}

			};
		}

		@Bean
		ProxyFilter filter() {
			return new Filter();
		}

		@Blocking
		private static final class Filter implements ProxyFilter {

			@Override
			public Outcome requestFilter(Session session) {
				return Outcome.CONTINUE;
			}

		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Refusing {

		@Bean
		ProxyFilter filter() {
			return new ProxyFilter() {

				@Override
				public Outcome requestFilter(Session session) throws ProxyException {
					throw ProxyException.httpStatus(418, "a teapot");
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Panicking {

		@Bean
		ProxyFilter filter() {
			return new ProxyFilter() {

				@Override
				public void responseFilter(Session session, ResponseHeader response) {
					throw new IllegalStateException("a bug");
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Observing {

		private final CompletableFuture<String> mdc = new CompletableFuture<>();

		@Bean
		ProxyFilter filter(Tracer tracer) {
			return new Filter(tracer, this.mdc);
		}

		@Blocking
		private record Filter(Tracer tracer, CompletableFuture<String> mdc) implements ProxyFilter {

			@Override
			public Outcome requestFilter(Session session) {
				this.mdc.complete(MDC.get("traceId") + " " + MDC.get("spanId"));
				Span inner = Objects.requireNonNull(this.tracer.nextSpan()).name("inner").start();
				inner.end();
				return session.respond(204);
			}

		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BlockingPanic {

		@Bean
		ProxyFilter filter() {
			return new Filter();
		}

		@Blocking
		private static final class Filter implements ProxyFilter {

			@Override
			public Outcome requestFilter(Session session) {
				throw new IllegalStateException("a bug");
			}

		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Waiting {

		private final CountDownLatch begun = new CountDownLatch(1);

		@Bean
		ProxyFilter filter() {
			return new Filter(this.begun);
		}

		@Blocking
		private record Filter(CountDownLatch begun) implements ProxyFilter {

			@Override
			public Outcome requestFilter(Session session) {
				this.begun.countDown();
				try {
					new CountDownLatch(1).await();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
					throw new IllegalStateException(ex);
				}
				return session.respond(204);
			}

		}

	}

}
