package dev.pingora.demo;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import com.jayway.jsonpath.JsonPath;
import dev.pingora.demo.traffic.DemoTraffic;
import dev.pingora.demo.traffic.TrafficCounts;
import dev.pingora.event.Phase;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the page's script asks for, over raw sockets, while bystanders call.
 */
class DemoPageTests {

	private static ConfigurableApplicationContext context;

	private static ProxyServer server;

	@BeforeAll
	static void start() {
		context = run();
		server = context.getBean(ProxyServer.class);
	}

	@AfterAll
	static void stop() {
		context.close();
	}

	private static ConfigurableApplicationContext run(String... more) {
		String[] arguments = { "--pingora.listeners[0].port=0", "--pingora.listeners[0].address=127.0.0.1",
				"--management.server.port=0" };
		return SpringApplication.run(DemoApplication.class,
				Stream.of(arguments, more).flatMap(Stream::of).toArray(String[]::new));
	}

	private static RawResponse exchange(String request) {
		try (RawClient client = RawClient.connect(server.port("http")).patience(Duration.ofSeconds(20))) {
			return client.send(request).readResponseTo(request.substring(0, request.indexOf(' ')));
		}
	}

	private static RawResponse get(String target) {
		return exchange("GET " + target + " HTTP/1.1\r\nHost: gateway\r\n\r\n");
	}

	private static RawResponse post(String target, String... fieldLines) {
		return exchange("POST " + target + " HTTP/1.1\r\nHost: gateway\r\nContent-Length: 0\r\n"
				+ String.join("", List.of(fieldLines).stream().map((line) -> line + "\r\n").toList()) + "\r\n");
	}

	private static String state() {
		return get("/demo/state").text();
	}

	private static long number(String json, String path) {
		return JsonPath.<Number>read(json, path).longValue();
	}

	private static boolean isListed(long panicId) {
		return JsonPath.<List<Integer>>read(state(), "$.recent[*].id").contains((int) panicId);
	}

	@ParameterizedTest
	@CsvSource({ "/,text/html; charset=utf-8", "/demo/app.js,text/javascript; charset=utf-8",
			"/demo/charts.js,text/javascript; charset=utf-8", "/demo/panics.js,text/javascript; charset=utf-8",
			"/demo/style.css,text/css; charset=utf-8", "/demo/icon.svg,image/svg+xml", "/demo/state,application/json",
			"/demo/setup,application/json" })
	void pageIsServedByTheGatewayItself(String target, String type) {
		RawResponse response = get(target);
		assertThat(response.status()).isEqualTo(200);
		assertThat(response.header("Content-Type")).isEqualTo(type);
		assertThat(response.header("Cache-Control")).isEqualTo("no-store");
		assertThat(response.header("Content-Security-Policy")).contains("default-src 'none'", "script-src 'self'")
			.doesNotContain("unsafe");
		assertThat(response.body()).isNotEmpty();
	}

	@Test
	void chartsShowTheTrafficButNotThePageItself() {
		Await.until("a second with traffic",
				() -> JsonPath.<List<?>>read(state(), "$.seconds[?(@.rate > 10 && @.p50 != null && @.p99 >= @.p50)]")
					.size() > 1);
		try (ConfigurableApplicationContext quiet = run("--demo.traffic.enabled=false");
				RawClient client = RawClient.connect(quiet.getBean(ProxyServer.class).port("http"))) {
			String ask = "GET /demo/state HTTP/1.1\r\nHost: gateway\r\n\r\n";
			Await.until("two seconds of polling",
					() -> JsonPath.<List<?>>read(client.send(ask).readResponse().text(), "$.seconds").size() >= 2);
			String state = client.send(ask).readResponse().text();
			assertThat(number(state, "$.requests")).isZero();
			assertThat(number(state, "$.inFlight")).isZero();
			assertThat(JsonPath.<Object>read(state, "$.bystanders")).isNull();
		}
	}

	@Test
	void setupNamesRoutesPhasesAndKinds() {
		String setup = get("/demo/setup").text();
		assertThat(JsonPath.<List<String>>read(setup, "$.routes[*].id")).startsWith("page", "hello").contains("dead");
		assertThat(JsonPath.<List<String>>read(setup, "$.routes[?(@.id == 'hello')].filters[*]"))
			.containsExactly("faults", "AddResponseHeader");
		assertThat(JsonPath.<List<String>>read(setup, "$.routes[?(@.id == 'hello')].predicates[*]"))
			.containsExactly("Path=/hello");
		assertThat(JsonPath.<List<String>>read(setup, "$.phases[*].name")).hasSize(Phase.values().length);
		assertThat(JsonPath.<List<String>>read(setup, "$.kinds[*]")).contains("StackOverflowError");
	}

	@ParameterizedTest
	@EnumSource
	void firedPanicIsListedAndDisturbsNobody(Phase phase) {
		String shots = post("/demo/panic?phase=" + phase.tag() + "&kind=NullPointerException").text();
		// The client has all of its response.
		boolean late = phase.compareTo(Phase.LOGGING) >= 0;
		assertThat(JsonPath.<String>read(shots, "$[0].end")).isEqualTo(late ? "closed" : "reset");
		long id = number(shots, "$[0].panicId");
		Await.until("the panic is listed", () -> isListed(id));
		String found = "$.recent[?(@.id == " + id + ")]";
		String state = state();
		assertThat(JsonPath.<List<String>>read(state, found + ".phase")).containsExactly(phase.tag());
		assertThat(JsonPath.<List<String>>read(state, found + ".exception")).containsExactly("NullPointerException");
		assertThat(JsonPath.<List<String>>read(state, found + ".filter")).containsExactly("faults");
		assertThat(get("/demo/stacks/" + id).text()).contains("ordered by X-Panic", "FaultFilter");
		assertThat(number(state, "$.bystanders.errors")).isZero();
	}

	@Test
	void stormDisturbsNobody() {
		TrafficCounts counts = context.getBean(DemoTraffic.class).counts();
		String shots = post("/demo/panic?phase=any&kind=any&count=100").text();
		assertThat(JsonPath.<List<Integer>>read(shots, "$[*].panicId")).hasSize(100).doesNotContainNull();
		assertThat(JsonPath.<List<String>>read(shots, "$[*].end")).containsOnly("reset", "closed");
		long before = counts.ok();
		Await.until("the bystanders go on", () -> counts.ok() > before + 20);
		assertThat(counts.errors()).as(counts.lastError()).isZero();
	}

	@ParameterizedTest
	@CsvSource({ "phase=nowhere&kind=Error,phase: nowhere", "kind=Error,phase: null",
			"phase=logging&kind=Runtime,kind: Runtime", "phase=logging,kind: null",
			"phase=logging&kind=Error&count=101,count: 101", "phase=logging&kind=Error&count=x,count: x",
			"phase=%zz&kind=Error,URLDecoder" })
	void firingWhatIsNotThereIsRefused(String query, String message) {
		RawResponse response = post("/demo/panic?" + query);
		assertThat(response.status()).isEqualTo(400);
		assertThat(response.text()).startsWith(message);
	}

	@Test
	void anotherSiteMayNotFire() {
		assertThat(post("/demo/panic?phase=logging&kind=Error", "Sec-Fetch-Site: cross-site").status()).isEqualTo(403);
		assertThat(post("/demo/panic?phase=logging&kind=Error", "Sec-Fetch-Site: same-origin").status()).isEqualTo(200);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/demo/nothing", "/demo/stacks/0", "/demo/stacks/x", "/demo/stacks/99999999999999999999" })
	void whatIsNotThereIsNotFound(String target) {
		assertThat(get(target).status()).isEqualTo(404);
	}

	@Test
	void methodsAreHeldTo() {
		assertThat(post("/demo/state").status()).isEqualTo(405);
		assertThat(post("/demo/state").header("Allow")).isEqualTo("GET, HEAD");
		assertThat(get("/demo/panic?phase=logging&kind=Error").status()).isEqualTo(405);
		RawResponse head = exchange("HEAD / HTTP/1.1\r\nHost: gateway\r\n\r\n");
		assertThat(head.status()).isEqualTo(200);
		assertThat(head.body()).isEmpty();
	}

	@Test
	void bystandersEndBeforeTheGatewayDoes() {
		TrafficCounts counts;
		try (ConfigurableApplicationContext brief = run("--demo.traffic.rate=1000")) {
			counts = brief.getBean(DemoTraffic.class).counts();
			TrafficCounts running = counts;
			Await.until("the bystanders call", () -> running.ok() > 200);
		}
		assertThat(counts.errors()).as(counts.lastError()).isZero();
	}

}
