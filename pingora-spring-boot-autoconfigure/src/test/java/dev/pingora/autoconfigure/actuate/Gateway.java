package dev.pingora.autoconfigure.actuate;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;

import dev.pingora.accesslog.AccessLog;
import dev.pingora.autoconfigure.PanicReporter;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.End;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A gateway in front of an origin, with Actuator over HTTP, all on ephemeral ports. It
 * answers {@code /orders/hello}; a request with the field {@code X-Panic} panics.
 */
final class Gateway implements AutoCloseable {

	private final RawOrigin origin = RawOrigin.start();

	private final ConfigurableApplicationContext context;

	Gateway(Class<?> configuration, String... arguments) {
		List<String> all = new ArrayList<>(List.of("--spring.main.banner-mode=off", "--server.port=0",
				"--server.address=127.0.0.1", "--management.observations.enable.pingora=false",
				"--management.otlp.metrics.export.enabled=false", "--pingora.transport=nio", "--pingora.threads=1",
				"--pingora.listeners[0].address=127.0.0.1", "--pingora.listeners[0].port=0",
				"--pingora.upstreams.orders.backends[0]=127.0.0.1:" + this.origin.port(),
				"--pingora.access-log.enabled=true", "--pingora.access-log.path=target/actuator-access.log",
				"--management.endpoint.health.show-details=always", "--test.origin.port=" + this.origin.port()));
		all.addAll(List.of(arguments));
		this.context = new SpringApplicationBuilder(configuration).web(WebApplicationType.SERVLET)
			.run(all.toArray(String[]::new));
	}

	/**
	 * The gateway of {@code docs/actuator.md}.
	 * @param arguments further properties
	 * @return the gateway
	 */
	static Gateway start(String... arguments) {
		List<String> all = new ArrayList<>(List.of("--pingora.routes[0].id=orders",
				"--pingora.routes[0].predicates[0]=Path=/orders/**",
				"--pingora.routes[0].predicates[1]=Method=GET, POST", "--pingora.routes[0].filters[0]=StripPrefix=1",
				"--pingora.routes[0].upstream=orders", "--management.endpoints.web.exposure.include=*"));
		all.addAll(List.of(arguments));
		return new Gateway(Application.class, all.toArray(String[]::new));
	}

	ProxyServer server() {
		return this.context.getBean(ProxyServer.class);
	}

	AccessLog accessLog() {
		return this.context.getBean(AccessLog.class);
	}

	PanicIsolation isolation() {
		return this.context.getBean(PanicIsolation.class);
	}

	RawResponse get(String target) {
		try (RawClient client = RawClient.connect(server().port("http"))) {
			return client.get(target).readResponse();
		}
	}

	void panic(String target) {
		try (RawClient client = RawClient.connect(server().port("http"))) {
			client.send("GET " + target + " HTTP/1.1\r\nHost: shop.example\r\nX-Panic: hidden-value\r\n\r\n");
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
		}
	}

	HttpResponse<String> actuator(String path) throws IOException, InterruptedException {
		String port = this.context.getEnvironment().getProperty("local.server.port");
		URI uri = URI.create("http://127.0.0.1:" + port + "/actuator" + path);
		return HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
	}

	String json(String path) throws IOException, InterruptedException {
		HttpResponse<String> response = actuator(path);
		assertThat(response.statusCode()).as(path).isEqualTo(200);
		return response.body();
	}

	@Override
	public void close() {
		this.context.close();
		this.origin.close();
	}

	/**
	 * The application.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		PricesFilter prices() {
			return new PricesFilter();
		}

		@Bean
		PanicReporter reporter() {
			return new Reporter();
		}

	}

	static final class PricesFilter implements ProxyFilter {

		@Override
		@Blocking
		public Outcome requestFilter(Session session) {
			return Outcome.CONTINUE;
		}

		@Override
		public void responseFilter(Session session, ResponseHeader response) {
			if (session.request().hasHeader("X-Panic")) {
				throw new IllegalStateException("no price", new ArithmeticException("/ by zero"));
			}
		}

	}

	static final class Reporter implements PanicReporter {

		@Override
		public String name() {
			return "sentry";
		}

		@Override
		public long sent() {
			return 1;
		}

		@Override
		public long folded() {
			return 0;
		}

		@Override
		public long dropped() {
			return 0;
		}

		@Override
		public @Nullable String reportId(long panicId) {
			return (panicId == 1) ? "fd9fd6c8a9e94d8cb5a0f0b5d8d5f7a1" : null;
		}

	}

}
