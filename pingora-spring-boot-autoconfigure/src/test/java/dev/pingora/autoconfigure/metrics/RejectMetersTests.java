package dev.pingora.autoconfigure.metrics;

import java.util.concurrent.atomic.AtomicInteger;

import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawResponse;
import io.micrometer.core.instrument.Counter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What clients must not send is answered, ends the connection, and is counted by its
 * reason, whether a request has begun or not.
 */
class RejectMetersTests {

	private static final String TOO_LONG = "x".repeat(2000);

	private static final AtomicInteger WHOLE_BODIES = new AtomicInteger();

	private static MeteredGateway gateway;

	@BeforeAll
	static void start() {
		gateway = MeteredGateway.start("pingora.routes[2].id=echo", "pingora.routes[2].predicates[0]=Path=/echo",
				"pingora.routes[2].upstream=group", "pingora.downstream.header-timeout=2s",
				"pingora.downstream.max-header-size=1KB", "pingora.downstream.max-body-size=10",
				"pingora.downstream.limits.min-body-rate=1KB", "pingora.downstream.limits.rate-grace=300ms",
				"pingora.downstream.write-timeout=300ms", "pingora.downstream.via=edge",
				"pingora.downstream.upgrade.idle-timeout=300ms");
		gateway.origin.on("/echo", (exchange) -> {
			exchange.readBody();
			WHOLE_BODIES.incrementAndGet();
		});
	}

	@AfterAll
	static void stop() {
		gateway.close();
	}

	private static double count(String name, String... tags) {
		Counter counter = gateway.registry().find(name).tags(tags).counter();
		return (counter != null) ? counter.count() : 0;
	}

	private static double rejects(String reason, boolean began) {
		return count("pingora.rejects", "reason", reason, "began", String.valueOf(began));
	}

	private static double allRejects() {
		return gateway.registry().find("pingora.rejects").counters().stream().mapToDouble(Counter::count).sum();
	}

	private static double errors(String type) {
		return count("pingora.errors", "type", type, "source", "downstream");
	}

	private static long requests() {
		return gateway.registry().find("pingora.requests").timers().stream().mapToLong((timer) -> timer.count()).sum();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "GET /hello HTTP/1.1~Host: a~Bad Name: x~~ | 400 | invalid_http_header",
					"GET /LONG HTTP/1.1~Host: a~~ | 414 | uri_too_long",
					"GET /hello HTTP/1.1~Host: a~X: LONG~~ | 431 | header_too_large",
					"GET /hello HTTP/1.1~Host: a~Host: b~~ | 400 | invalid_target",
					"GET /hello HTTP/1.1~Host: a~Content-Length: 1, 1~~ | 400 | invalid_framing",
					"GET /hello HTTP/1.1~Host: a~Transfer-Encoding: gzip, chunked~~ | 501 | unsupported_coding",
					"GET /hello HTTP/1.2~Host: a~~ | 505 | unsupported_version",
					"TRACE /hello HTTP/1.1~Host: a~~ | 405 | method_not_allowed",
					"GET /hello HTTP/1.1~Host: a~Expect: more~~ | 417 | expectation_failed",
					"GET https://a/ HTTP/1.1~Host: a~~ | 421 | misdirected_request",
					"GET /hello HTTP/1.1~Ho | 408 | read_timedout",
					"POST /echo HTTP/1.1~Host: a~Content-Length: 11~~ | 413 | body_too_large" })
	void requestThatIsRefusedBeforeItBegins(String octets, int status, String reason) {
		double rejects = rejects(reason, false);
		double all = allRejects();
		double errors = errors(reason);
		long requests = requests();
		long received = gateway.origin.requestCount();
		assertRefused(octets, status);
		Await.until("it is counted", () -> rejects(reason, false) == rejects + 1);
		assertThat(allRejects()).isEqualTo(all + 1);
		assertThat(errors(reason)).isEqualTo(errors);
		assertThat(requests()).isEqualTo(requests);
		assertThat(gateway.origin.requestCount()).isEqualTo(received);
	}

	/** Of a body that is refused, an origin may get a beginning, which is not whole. */
	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "POST /echo HTTP/1.1~Host: a~Transfer-Encoding: chunked~~x~ | 400 | invalid_body",
					"POST /echo HTTP/1.1~Host: a~Transfer-Encoding: chunked~~b~12345678901~ | 413 | body_too_large",
					"POST /echo HTTP/1.1~Host: a~Transfer-Encoding: chunked~~0~X : y~~ | 400 | invalid_http_header",
					"POST /echo HTTP/1.1~Host: a~Content-Length: 10~~x | 408 | read_too_slow",
					"OPTIONS /hello HTTP/1.1~Host: a~Max-Forwards: x~~ | 400 | invalid_http_header",
					"GET /hello HTTP/1.1~Host: a~Via: 1.1 edge~~ | 508 | loop_detected" })
	void requestThatIsRefusedAfterItHasBegun(String octets, int status, String reason) {
		double rejects = rejects(reason, true);
		double all = allRejects();
		double errors = errors(reason);
		long requests = requests();
		long received = gateway.origin.requestCount();
		assertRefused(octets, status);
		Await.until("it is counted", () -> rejects(reason, true) == rejects + 1);
		assertThat(allRejects()).isEqualTo(all + 1);
		assertThat(errors(reason)).isEqualTo(errors + 1);
		assertThat(requests()).isEqualTo(requests + 1);
		assertThat(WHOLE_BODIES).hasValue(0);
		if (!octets.startsWith("POST")) {
			assertThat(gateway.origin.requestCount()).isEqualTo(received);
		}
	}

	private static void assertRefused(String octets, int status) {
		try (RawClient client = gateway.connect()) {
			RawResponse response = client.send(octets.replace("~", "\r\n").replace("LONG", TOO_LONG)).readResponse();
			assertThat(response.status()).isEqualTo(status);
			assertThat(response.headers().lists("connection", "close")).isTrue();
			assertThat(response.body()).isEmpty();
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
		}
	}

	/** Nothing that it has sent was wrong: it does not read. */
	@Test
	void clientThatDoesNotReadIsNoReject() {
		gateway.origin.on("/hello", (exchange) -> exchange.respond(200, "x".repeat(50_000_000)));
		double all = allRejects();
		double errors = errors("write_timedout");
		try (RawClient client = RawClient.connect("127.0.0.1", gateway.server().port("http"), 4096)) {
			client.get("/hello");
			Await.until("it is counted", () -> errors("write_timedout") == errors + 1);
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
		}
		assertThat(allRejects()).isEqualTo(all);
	}

	/** It is no fault to be silent in a tunnel. */
	@Test
	void tunnelThatIsSilentIsNoReject() {
		gateway.origin.on("/hello",
				(exchange) -> exchange.interim(101, "Connection: upgrade", "Upgrade: websocket").hang());
		double all = allRejects();
		double errors = errors("read_timedout");
		try (RawClient client = gateway.connect()) {
			client.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
			assertThat(client.readHead().status()).isEqualTo(101);
			Await.until("it is counted", () -> errors("read_timedout") == errors + 1);
		}
		assertThat(allRejects()).isEqualTo(all);
	}

	/** An error that a filter throws is no fault of the client's. */
	@Test
	void requestForWhichThereIsNoRouteIsNoReject() {
		double all = allRejects();
		double errors = count("pingora.errors", "type", "no_route", "source", "internal");
		assertThat(gateway.exchange("/nowhere").status()).isEqualTo(404);
		Await.until("it is counted",
				() -> count("pingora.errors", "type", "no_route", "source", "internal") == errors + 1);
		assertThat(allRejects()).isEqualTo(all);
	}

}
