package dev.pingora.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a readiness probe over HTTP sees of the gateway's end.
 */
class ReadinessProbeTests {

	private final HttpClient http = HttpClient.newHttpClient();

	private int probe(String port, String group) {
		HttpRequest request = HttpRequest
			.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/health/" + group))
			.build();
		try {
			return this.http.send(request, BodyHandlers.ofString()).statusCode();
		}
		catch (IOException refused) {
			return -1;
		}
		catch (InterruptedException interrupted) {
			throw new IllegalStateException(interrupted);
		}
	}

	@Test
	void probeIsAnsweredUntilTheGatewayHasDrained() {
		CountDownLatch release = new CountDownLatch(1);
		try (RawOrigin origin = RawOrigin.start((exchange) -> {
			exchange.await(release);
			exchange.respond(200, "in time");
		})) {
			ConfigurableApplicationContext context = SpringApplication.run(DemoApplication.class,
					"--pingora.listeners[0].port=0", "--pingora.listeners[0].address=127.0.0.1",
					"--management.server.port=0", "--management.endpoint.health.probes.enabled=true",
					"--demo.origins.enabled=false", "--pingora.shutdown.delay=1s", "--pingora.routes[0].id=all",
					"--pingora.routes[0].uri=http://localhost:" + origin.port());
			ProxyServer server = context.getBean(ProxyServer.class);
			String port = String.valueOf(context.getEnvironment().getProperty("local.management.port"));
			assertThat(probe(port, "readiness")).isEqualTo(200);
			try (RawClient waiting = RawClient.connect(server.port("http"));
					RawClient late = RawClient.connect(server.port("http"))) {
				waiting.get("/wait");
				origin.awaitRequest(1);
				CompletableFuture<Void> closed = CompletableFuture.runAsync(context::close);
				Await.until("readiness down", () -> probe(port, "readiness") == 503);
				assertThat(server.isRunning()).isTrue();
				assertThat(late.get("/hello").readResponse().text()).isEqualTo("hello");
				Await.until("draining", () -> !server.isRunning());
				assertThat(probe(port, "readiness")).isEqualTo(503);
				assertThat(probe(port, "liveness")).isEqualTo(200);
				release.countDown();
				RawResponse response = waiting.readResponse();
				assertThat(response.text()).isEqualTo("in time");
				assertThat(response.headers().lists("connection", "close")).isTrue();
				assertThat(closed).succeedsWithin(Await.PATIENCE);
				assertThat(probe(port, "readiness")).isEqualTo(-1);
			}
		}
	}

}
