package dev.pingora.autoconfigure.tracing;

import java.util.List;
import java.util.Objects;

import dev.pingora.autoconfigure.tracing.OtlpCollector.Received;
import dev.pingora.autoconfigure.tracing.TracedGateway.Application;
import dev.pingora.http.RequestHeader;
import dev.pingora.testkit.OriginRequest;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationPredicate;
import io.micrometer.observation.transport.ReceiverContext;
import io.opentelemetry.api.OpenTelemetry;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The way of a trace: from the client's request over the gateway's spans, as a collector
 * receives them, to the fields at the origin.
 */
class TracingTests {

	private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

	private static final String CLIENT = "b7ad6b7169203331";

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private TracedGateway start(String... properties) {
		return TracedGateway.start(List.of(this.origin.port()), Application.class, properties);
	}

	private OriginRequest forward(TracedGateway gateway, String... fields) {
		try (RawClient client = gateway.connect()) {
			client.send("GET /hello?secret=1 HTTP/1.1\r\nHost: shop.example\r\n" + String.join("", fields) + "\r\n");
			assertThat(client.readResponse().status()).isEqualTo(200);
		}
		List<OriginRequest> requests = this.origin.requests();
		return requests.get(requests.size() - 1);
	}

	private static String traceparent(String flags) {
		return "traceparent: 00-" + TRACE + "-" + CLIENT + "-" + flags + "\r\n";
	}

	// The lowest bit; another one says that the id is random (Trace Context level 2).
	private static boolean isSampled(OriginRequest request) {
		String traceparent = Objects.requireNonNull(request.header("traceparent"));
		return (Integer.parseInt(traceparent.substring(traceparent.length() - 2), 16) & 1) != 0;
	}

	@Test
	void spansStandBetweenTheClientsAndTheOrigins() {
		try (TracedGateway gateway = start()) {
			OriginRequest received = forward(gateway, traceparent("01"), "tracestate: vendor=1\r\n");
			Received request = gateway.collector().awaitRequest();
			Received attempt = gateway.collector().await((span) -> span.kind().equals("CLIENT"));
			assertThat(request.traceId()).isEqualTo(TRACE);
			assertThat(request.parent()).isEqualTo(CLIENT);
			assertThat(request.name()).isEqualTo("GET orders");
			assertThat(request.failed()).isFalse();
			assertThat(request.attributes()).containsEntry("method", "GET")
				.containsEntry("route", "orders")
				.containsEntry("upstream", "shop")
				.containsEntry("status", "200")
				.containsEntry("outcome", "proxied")
				.containsEntry("error.type", "none")
				.containsEntry("path", "/hello")
				.containsKey("request")
				.doesNotContainKey("panic");
			assertThat(attempt.traceId()).isEqualTo(TRACE);
			assertThat(attempt.parent()).isEqualTo(request.id());
			assertThat(attempt.name()).isEqualTo("GET");
			assertThat(attempt.failed()).isFalse();
			assertThat(attempt.attributes()).containsEntry("method", "GET")
				.containsEntry("status", "200")
				.containsEntry("error.type", "none")
				.containsEntry("attempt", "1")
				.containsEntry("peer", "127.0.0.1:" + this.origin.port());
			assertThat(received.headers().all("traceparent"))
				.containsExactly("00-" + TRACE + "-" + attempt.id() + "-01");
			assertThat(received.headers().all("tracestate")).containsExactly("vendor=1");
			assertThat(gateway.collector().spans()).hasSize(2).asString().doesNotContain("secret");
			assertThat(gateway.awaitSummary().traceId()).isEqualTo(TRACE);
		}
	}

	@Test
	void traceBeginsHereIfTheClientHasNone() {
		try (TracedGateway gateway = start()) {
			OriginRequest received = forward(gateway);
			Received request = gateway.collector().awaitRequest();
			assertThat(request.parent()).isEmpty();
			assertThat(received.header("traceparent")).startsWith("00-" + request.traceId() + "-");
			assertThat(isSampled(received)).isTrue();
			assertThat(gateway.awaitSummary().traceId()).isEqualTo(request.traceId());
		}
	}

	@Test
	void brokenContextIsReplacedAndItsStateIsDropped() {
		try (TracedGateway gateway = start()) {
			OriginRequest received = forward(gateway, "traceparent: 00-zz-zz-01\r\n", "tracestate: vendor=1\r\n");
			Received request = gateway.collector().awaitRequest();
			assertThat(received.headers().all("traceparent")).singleElement()
				.asString()
				.contains("-" + request.traceId() + "-");
			assertThat(received.header("tracestate")).isNull();
		}
	}

	@Test
	void otherFormatsOfTheClientAreTakenAndNotHandedOnBesideOurs() {
		try (TracedGateway gateway = start()) {
			OriginRequest received = forward(gateway, "b3: " + TRACE + "-" + CLIENT + "-1\r\n");
			assertThat(gateway.collector().awaitRequest().parent()).isEqualTo(CLIENT);
			assertThat(received.header("traceparent")).contains(TRACE);
			assertThat(received.header("b3")).isNull();
		}
	}

	@Test
	void configuredFormatIsHandedOn() {
		try (TracedGateway gateway = start("management.tracing.propagation.type=b3_multi")) {
			OriginRequest received = forward(gateway, "X-B3-TraceId: " + TRACE + "\r\n",
					"X-B3-SpanId: " + CLIENT + "\r\n", "X-B3-Sampled: 1\r\n");
			Received attempt = gateway.collector().await((span) -> span.kind().equals("CLIENT"));
			assertThat(received.headers().all("X-B3-TraceId")).containsExactly(TRACE);
			assertThat(received.headers().all("X-B3-SpanId")).containsExactly(attempt.id());
			assertThat(received.header("traceparent")).isNull();
		}
	}

	@Test
	void baggageIsHandedOn() {
		try (TracedGateway gateway = start()) {
			OriginRequest received = forward(gateway, traceparent("01"), "baggage: tenant=7\r\n");
			assertThat(received.headers().all("baggage")).containsExactly("tenant=7");
		}
	}

	@Test
	void unsampledTraceIsHandedOnAndNotExported() {
		try (TracedGateway gateway = start("management.tracing.sampling.probability=0")) {
			OriginRequest received = forward(gateway);
			assertThat(isSampled(received)).isFalse();
			assertThat(received.header("traceparent")).contains("-" + gateway.awaitSummary().traceId() + "-");
			gateway.stop(); // flushes
			assertThat(gateway.collector().spans()).isEmpty();
		}
	}

	@Test
	void clientsDecisionNotToSampleIsKept() {
		try (TracedGateway gateway = start()) {
			OriginRequest received = forward(gateway, traceparent("00"));
			assertThat(received.header("traceparent")).startsWith("00-" + TRACE + "-")
				.endsWith("-00")
				.doesNotContain(CLIENT);
			gateway.stop();
			assertThat(gateway.collector().spans()).isEmpty();
		}
	}

	@Test
	void disabledObservationLeavesTheClientsFieldsAlone() {
		try (TracedGateway gateway = start("management.observations.enable.pingora=false")) {
			OriginRequest received = forward(gateway, traceparent("01"), "tracestate: vendor=1\r\n",
					"b3: " + TRACE + "-" + CLIENT + "-1\r\n");
			assertThat(received.header("traceparent")).isEqualTo("00-" + TRACE + "-" + CLIENT + "-01");
			assertThat(received.header("tracestate")).isEqualTo("vendor=1");
			assertThat(received.header("b3")).isNotNull();
			assertThat(gateway.awaitSummary().traceId()).isNull();
			gateway.stop();
			assertThat(gateway.collector().spans()).isEmpty();
		}
	}

	@Test
	void tracerThatDoesNothingLeavesTheClientsFieldsAlone() {
		try (TracedGateway gateway = TracedGateway.start(List.of(this.origin.port()), NoopTracing.class)) {
			OriginRequest received = forward(gateway);
			assertThat(received.header("traceparent")).isNull();
			assertThat(gateway.awaitSummary().traceId()).isNull();
			OriginRequest traced = forward(gateway, traceparent("01"), "tracestate: vendor=1\r\n");
			assertThat(traced.header("traceparent")).isEqualTo("00-" + TRACE + "-" + CLIENT + "-01");
			assertThat(traced.header("tracestate")).isEqualTo("vendor=1");
		}
	}

	@Test
	void predicateOfTheUsersLeavesRequestsOut() {
		try (TracedGateway gateway = TracedGateway.start(List.of(this.origin.port()), WithoutHello.class)) {
			OriginRequest received = forward(gateway, traceparent("01"));
			assertThat(received.header("traceparent")).isEqualTo("00-" + TRACE + "-" + CLIENT + "-01");
		}
	}

	@Test
	void longPathIsCutOff() {
		try (TracedGateway gateway = start()) {
			try (RawClient client = gateway.connect()) {
				client.get("/" + "x".repeat(5000)).readResponse();
			}
			assertThat(gateway.collector().awaitRequest().attributes().get("path")).hasSize(1024);
		}
	}

	@Test
	void observationsMakeNoTimers() {
		try (TracedGateway gateway = start()) {
			forward(gateway);
			gateway.collector().awaitRequest();
			assertThat(gateway.bean(MeterRegistry.class).getMeters()).isNotEmpty()
				.extracting((meter) -> meter.getId().getName())
				.noneMatch((name) -> name.matches("pingora\\.(request|upstream|blocking)(\\.active)?"));
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class WithoutHello {

		@Bean
		ObservationPredicate noHello() {
			return (name, context) -> !(context instanceof ReceiverContext<?> received
					&& received.getCarrier() instanceof RequestHeader request && request.path().equals("/hello"));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NoopTracing {

		@Bean
		OpenTelemetry openTelemetry() {
			return OpenTelemetry.noop();
		}

	}

}
