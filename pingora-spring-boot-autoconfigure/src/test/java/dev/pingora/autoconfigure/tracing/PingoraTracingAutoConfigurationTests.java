package dev.pingora.autoconfigure.tracing;

import dev.pingora.autoconfigure.PingoraAutoConfiguration;
import dev.pingora.event.ProxyListener;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration;
import org.springframework.boot.micrometer.tracing.autoconfigure.NoopTracerAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * When there is tracing, and that there is nothing otherwise.
 */
class PingoraTracingAutoConfigurationTests {

	private static final String TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PingoraAutoConfiguration.class, PingoraTracingAutoConfiguration.class,
				ObservationAutoConfiguration.class, NoopTracerAutoConfiguration.class,
				MicrometerTracingAutoConfiguration.class))
		.withPropertyValues("pingora.listeners[0].address=127.0.0.1", "pingora.listeners[0].port=0",
				"pingora.threads=1", "pingora.transport=nio", "pingora.routes[0].id=a",
				"pingora.routes[0].uri=http://127.0.0.1:" + this.origin.port());

	private void assertForwards(ProxyServer server) {
		try (RawClient client = RawClient.connect(server.port("http"))) {
			client.send("GET /hello HTTP/1.1\r\nHost: a\r\ntraceparent: " + TRACEPARENT + "\r\n\r\n");
			assertThat(client.readResponse().status()).isEqualTo(200);
		}
		assertThat(this.origin.awaitRequest(1).headers().all("traceparent")).containsExactly(TRACEPARENT);
	}

	@Test
	void nothingIsMadeWithoutMicrometer() {
		this.runner.withClassLoader(new FilteredClassLoader("io.micrometer")).run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(ProxyListener.class);
			assertForwards(context.getBean(ProxyServer.class));
		});
	}

	@Test
	void nothingIsMadeWithoutATracerOnTheClassPath() {
		this.runner.withClassLoader(new FilteredClassLoader("io.micrometer.tracing")).run((context) -> {
			assertThat(context).hasNotFailed()
				.hasSingleBean(ObservationRegistry.class)
				.doesNotHaveBean(ProxyListener.class)
				.doesNotHaveBean(MeterObservationHandler.class);
			assertForwards(context.getBean(ProxyServer.class));
		});
	}

	@Test
	void nothingIsMadeForATracerThatDoesNothing() {
		this.runner.run((context) -> {
			assertThat(context).hasNotFailed()
				.hasSingleBean(ObservationRegistry.class)
				.hasSingleBean(Tracer.class)
				.doesNotHaveBean(ProxyListener.class)
				.doesNotHaveBean(MeterObservationHandler.class);
			assertForwards(context.getBean(ProxyServer.class));
		});
	}

	@Test
	void nothingIsMadeWithoutAnObservationRegistry() {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(PingoraAutoConfiguration.class, PingoraTracingAutoConfiguration.class))
			.withPropertyValues("pingora.listeners[0].address=127.0.0.1", "pingora.listeners[0].port=0",
					"pingora.threads=1", "pingora.transport=nio", "pingora.routes[0].id=a",
					"pingora.routes[0].uri=http://127.0.0.1:1")
			.withBean(Tracer.class, () -> Tracer.NOOP)
			.withBean(Propagator.class, () -> Propagator.NOOP)
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ProxyListener.class));
	}

	@Test
	void nothingIsMadeWithoutPingora() {
		this.runner.withPropertyValues("pingora.enabled=false")
			.withBean(Propagator.class, () -> Propagator.NOOP)
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ProxyListener.class));
	}

	@Test
	void listenerIsMadeForATracerThatPropagates() {
		this.runner.withBean(Propagator.class, () -> Propagator.NOOP)
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(TracingListener.class)
				.hasSingleBean(MeterObservationHandler.class));
	}

	@Test
	void listenerIsMadeWithoutMeters() {
		this.runner.withBean(Propagator.class, () -> Propagator.NOOP)
			.withClassLoader(new FilteredClassLoader("io.micrometer.core"))
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(TracingListener.class));
	}

	@Test
	void timersComeBackWithAHandlerOfTheUsers() {
		MeterObservationHandler<Observation.Context> own = new DefaultMeterObservationHandler(
				new SimpleMeterRegistry());
		this.runner.withBean(Propagator.class, () -> Propagator.NOOP)
			.withBean("pingoraMeterObservationHandler", MeterObservationHandler.class, () -> own)
			.run((context) -> assertThat(context).getBean(MeterObservationHandler.class).isSameAs(own));
	}

}
