package dev.pingora.demo;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import com.jayway.jsonpath.JsonPath;
import dev.pingora.panic.PanicTotals;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The whole demo, on ephemeral ports: the gateway over raw sockets, Actuator over HTTP.
 */
class DemoApplicationTests {

	private static RawOrigin hanging;

	private static RawOrigin resetting;

	private static ConfigurableApplicationContext context;

	private static ProxyServer server;

	@BeforeAll
	static void start() {
		hanging = RawOrigin.start((exchange) -> exchange.hang());
		resetting = RawOrigin.start((exchange) -> exchange.reset());
		context = SpringApplication.run(DemoApplication.class, "--pingora.listeners[0].port=0",
				"--pingora.listeners[0].address=127.0.0.1", "--management.server.port=0",
				"--demo.traffic.enabled=false", "--pingora.upstream-defaults.read-timeout=300ms",
				"--pingora.upstreams.demo.read-timeout=60s", "--pingora.retries.max=0", "--pingora.routes[0].id=demo",
				"--pingora.routes[0].upstream=demo",
				"--pingora.routes[0].predicates[0]=Path=/hello,/echo/**,/bytes,/slow", "--pingora.routes[1].id=dead",
				"--pingora.routes[1].uri=http://127.0.0.1:1", "--pingora.routes[1].predicates[0]=Path=/dead",
				"--pingora.routes[2].id=hanging", "--pingora.routes[2].uri=http://localhost:" + hanging.port(),
				"--pingora.routes[2].predicates[0]=Path=/hanging", "--pingora.routes[3].id=resetting",
				"--pingora.routes[3].uri=http://localhost:" + resetting.port(),
				"--pingora.routes[3].predicates[0]=Path=/resetting");
		server = context.getBean(ProxyServer.class);
	}

	@AfterAll
	static void stop() {
		context.close();
		hanging.close();
		resetting.close();
	}

	private static RawClient connect() {
		return RawClient.connect(server.port("http"));
	}

	private static RawResponse exchange(String target, String... fieldLines) {
		try (RawClient client = connect()) {
			return client.send(get(target, fieldLines)).readResponse();
		}
	}

	private static String get(String target, String... fieldLines) {
		return "GET " + target + " HTTP/1.1\r\nHost: gateway\r\n"
				+ String.join("", List.of(fieldLines).stream().map((line) -> line + "\r\n").toList()) + "\r\n";
	}

	private static long panics(String phase) {
		return server.isolation()
			.totals()
			.snapshot()
			.entrySet()
			.stream()
			.filter((entry) -> entry.getKey().phase().equals(phase))
			.mapToLong((entry) -> entry.getValue())
			.sum();
	}

	private static String actuator(String path) throws Exception {
		String port = context.getEnvironment().getProperty("local.management.port");
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator" + path))
			.build();
		return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
	}

	@Test
	void originsTakeTurns() {
		Set<String> origins = new HashSet<>();
		for (int i = 0; i < 3; i++) {
			RawResponse response = exchange("/hello");
			assertThat(response.status()).isEqualTo(200);
			assertThat(response.text()).startsWith("Hello from origin-");
			origins.add(String.valueOf(response.header("X-Origin")));
		}
		assertThat(origins).containsExactlyInAnyOrder("origin-1", "origin-2", "origin-3");
	}

	@Test
	void originsEchoSendAndSleep() {
		try (RawClient client = connect()) {
			client.send("POST /echo/x HTTP/1.1\r\nHost: gateway\r\nContent-Length: 5\r\n\r\nhello");
			assertThat(client.readResponse().text()).isEqualTo("hello");
			client.send(get("/bytes?n=1000000"));
			assertThat(client.readResponse().body()).hasSize(1_000_000);
			client.send(get("/slow?ms=20"));
			assertThat(client.readResponse().text()).isEqualTo("Slept for 20 ms\n");
			client.send(get("/bytes?n=x"));
			assertThat(client.readResponse().status()).isEqualTo(400);
		}
	}

	@ParameterizedTest
	@CsvSource({ "newContext,/hello", "earlyRequestFilter,/hello", "requestFilter,/hello", "proxyUpstreamFilter,/hello",
			"upstreamPeer,/hello", "connectedToUpstream,/hello", "upstreamRequestFilter,/hello",
			"upstreamResponseFilter,/hello", "upstreamResponseBodyFilter,/hello", "responseFilter,/hello",
			"responseBodyFilter,/hello", "failToConnect,/dead", "failToProxy,/dead", "errorWhileProxy,/resetting",
			"requestFilter:java.lang.StackOverflowError,/hello", "responseFilter:AssertionError,/hello",
			"requestFilter:java.io.IOException,/hello" })
	void panicInAPhaseResetsItsOwnClient(String order, String target) {
		String phase = order.split(":")[0];
		long before = panics(phase);
		try (RawClient bystander = connect(); RawClient client = connect()) {
			bystander.send(get("/slow?ms=100"));
			client.send(get(target, "X-Panic: " + order));
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
			assertThat(bystander.readResponse().status()).isEqualTo(200);
		}
		assertThat(panics(phase)).isEqualTo(before + 1);
		assertThat(exchange("/hello").status()).isEqualTo(200);
	}

	@Test
	void panicInTheRequestBodyResetsItsOwnClient() {
		try (RawClient client = connect()) {
			client.send("POST /echo HTTP/1.1\r\nHost: gateway\r\nX-Panic: requestBodyFilter\r\n"
					+ "Content-Length: 5\r\n\r\nhello");
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
		}
		assertThat(panics("requestBodyFilter")).isPositive();
	}

	@Test
	void panicInLoggingLeavesTheResponseWhole() {
		try (RawClient client = connect()) {
			client.send(get("/hello", "X-Panic: logging"));
			assertThat(client.readResponse().text()).startsWith("Hello");
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
		}
		assertThat(panics("logging")).isPositive();
	}

	@Test
	void panicIsCountedInActuator() throws Exception {
		try (RawClient client = connect()) {
			client.send(get("/hello", "X-Panic: upstreamPeer:UnsupportedOperationException"));
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
		}
		long expected = server.isolation().totals().total(new PanicTotals.Key("upstreamPeer", "faults", "demo"));
		assertThat(expected).isPositive();
		String path = "/metrics/pingora.panics?tag=phase:upstreamPeer&tag=filter:faults&tag=route:demo";
		Await.until("the meter is there", () -> count(path) == expected);
	}

	private static double count(String path) {
		try {
			String body = actuator(path);
			return body.isEmpty() ? -1 : JsonPath.<Double>read(body, "$.measurements[0].value");
		}
		catch (Exception failed) {
			throw new AssertionError(path, failed);
		}
	}

	@Test
	void prometheusScrapesTheMeters() throws Exception {
		assertThat(actuator("/prometheus")).contains("pingora_panics_last ", "pingora_requests_active ",
				"pingora_upstream_backends{state=\"unchecked\",upstream=\"demo\"} 3.0");
	}

	@Test
	void healthIsUpWithDetails() throws Exception {
		String health = actuator("/health");
		assertThat(JsonPath.<String>read(health, "$.status")).isEqualTo("UP");
		assertThat(JsonPath.<Integer>read(health, "$.components.pingora.details.listeners[0].port"))
			.isEqualTo(server.port("http"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "X-Panic: nowhere", "X-Panic: requestFilter:java.lang.Runtime", "X-Error: 200" })
	void orderThatIsNotUnderstoodIsExplained(String fieldLine) {
		RawResponse response = exchange("/hello", fieldLine);
		assertThat(response.status()).isEqualTo(400);
		assertThat(response.text()).contains(fieldLine.startsWith("X-Panic") ? "IllegalStateException" : "400..599");
	}

	@Test
	void anticipatedErrorIsAnswered() {
		long before = server.isolation().totals().total();
		assertThat(exchange("/hello", "X-Error: 418").status()).isEqualTo(418);
		assertThat(server.isolation().totals().total()).isEqualTo(before);
	}

	@Test
	void deadUpstreamIsABadGateway() {
		assertThat(exchange("/dead").status()).isEqualTo(502);
	}

	@Test
	void hangingUpstreamIsAGatewayTimeout() {
		assertThat(exchange("/hanging").status()).isEqualTo(504);
	}

	@Test
	void malformedRequestIsABadRequest() {
		try (RawClient client = connect()) {
			client.send("GET /hello HTTP/1.1\r\nHost: gateway\r\nBad Name: x\r\n\r\n");
			assertThat(client.readResponse().status()).isEqualTo(400);
		}
	}

	@Test
	void unknownPathIsNotFound() {
		assertThat(exchange("/nowhere").status()).isEqualTo(404);
	}

}
