package dev.pingora.autoconfigure.metrics;

import dev.pingora.testkit.Await;
import dev.pingora.testkit.RawClient;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The meters of a running gateway, as a registry and Prometheus see them.
 */
class RunningMetersTests {

	private static MeteredGateway gateway;

	@BeforeAll
	static void start() {
		gateway = MeteredGateway.start().exercise();
	}

	@AfterAll
	static void stop() {
		gateway.close();
	}

	private static MeterRegistry registry() {
		return gateway.registry();
	}

	private static double gauge(String name, String... tags) {
		return registry().get(name).tags(tags).gauge().value();
	}

	private static double count(String name, String... tags) {
		return registry().get(name).tags(tags).counter().count();
	}

	private static double functionCount(String name, String... tags) {
		return registry().get(name).tags(tags).functionCounter().count();
	}

	@Test
	void requestsAreTimedByRouteUpstreamMethodStatusAndOutcome() {
		assertThat(registry().get("pingora.requests")
			.tags("route", "hello", "upstream", "group", "method", "GET", "status", "200", "outcome", "proxied")
			.timer()
			.count()).isPositive();
		assertThat(registry().get("pingora.requests")
			.tags("route", "dead", "upstream", "127.0.0.1:1", "status", "502", "outcome", "error")
			.timer()
			.count()).isEqualTo(1);
		assertThat(registry().get("pingora.requests")
			.tags("route", "none", "upstream", "none", "status", "404", "outcome", "error")
			.timer()
			.count()).isEqualTo(1);
		assertThat(
				registry().get("pingora.requests").tags("route", "hello", "status", "none", "outcome", "panic").timer())
			.satisfies((timer) -> assertThat(timer.count()).isPositive());
	}

	@Test
	void failuresRetriesAndRejectsAreCounted() {
		assertThat(count("pingora.errors", "type", "connect_refused", "source", "upstream")).isEqualTo(1);
		assertThat(count("pingora.errors", "type", "no_route", "source", "internal")).isEqualTo(1);
		assertThat(count("pingora.retries", "type", "connect_refused")).isEqualTo(1);
		assertThat(count("pingora.rejects", "reason", "invalid_http_header", "began", "false")).isEqualTo(1);
	}

	@Test
	void linesOfTheAccessLogAreCounted() {
		Await.until("a line is written", () -> lines("written") > 0);
		assertThat(lines("dropped")).isZero();
	}

	private static double lines(String result) {
		return registry().get("pingora.access.log.lines").tag("result", result).functionCounter().count();
	}

	@Test
	void newestPanicIsNamed() {
		gateway.panic();
		assertThat(gauge("pingora.panics.last")).isEqualTo(gateway.server().isolation().recent().get(0).id())
			.isPositive();
		assertThat(functionCount("pingora.panics.notifications.dropped")).isZero();
	}

	@Test
	void reportsAreCountedByWhatBecameOfThem() {
		assertThat(functionCount("pingora.panic.reports", "reporter", "stub", "result", "sent")).isEqualTo(7);
		assertThat(functionCount("pingora.panic.reports", "reporter", "stub", "result", "folded")).isEqualTo(8);
		assertThat(functionCount("pingora.panic.reports", "reporter", "stub", "result", "dropped")).isEqualTo(9);
	}

	@Test
	void connectionsOfBothSidesAreSeen() {
		String peer = "127.0.0.1:" + gateway.origin.port();
		gateway.exchange("/hello");
		Await.until("a connection is idle",
				() -> gauge("pingora.upstream.connections", "peer", peer, "state", "idle") == 1);
		assertThat(functionCount("pingora.upstream.connects", "peer", peer)).isPositive();
		double reuses = functionCount("pingora.upstream.reuses", "peer", peer);
		gateway.exchange("/hello");
		Await.until("it is reused", () -> functionCount("pingora.upstream.reuses", "peer", peer) > reuses);
		assertThat(gauge("pingora.upstream.backends", "upstream", "group", "state", "unchecked")).isEqualTo(1);
		Await.until("the clients are gone", () -> gauge("pingora.downstream.connections", "listener", "http") == 0);
		try (RawClient client = gateway.connect()) {
			Await.until("the client is seen", () -> gauge("pingora.downstream.connections", "listener", "http") == 1);
			client.abort();
		}
	}

	@Test
	void requestInFlightIsActive() {
		gateway.origin.on("/hello", (exchange) -> exchange.hang());
		try (RawClient client = gateway.connect()) {
			client.send("GET /hello HTTP/1.1\r\nHost: gateway\r\n\r\n");
			Await.until("the request is active", () -> gauge("pingora.requests.active") == 1);
			client.abort();
		}
		Await.until("the request has ended", () -> gauge("pingora.requests.active") == 0);
		gateway.origin.on("/hello", (exchange) -> exchange.respond(200, "hello"));
	}

	@Test
	void executorIsSeen() {
		assertThat(gauge("pingora.executor.active")).isEqualTo(1);
		assertThat(gauge("pingora.executor.queued")).isEqualTo(2);
		assertThat(gauge("pingora.executor.limit")).isEqualTo(3);
		assertThat(functionCount("pingora.executor.rejected")).isEqualTo(4);
	}

	@Test
	void peerThatAFilterChoosesGetsItsMetersAtAScrape() {
		String peer = "localhost:" + gateway.origin.port();
		assertThat(gateway.scrape()).doesNotContain(peer);
		assertThat(gateway.exchange("/hello", "X-Peer: " + gateway.origin.port()).status()).isEqualTo(200);
		Await.until("the peer is seen",
				() -> gateway.scrape().contains("pingora_upstream_connects_total{peer=\"" + peer + "\"} 1.0"));
	}

	@Test
	void prometheusNamesAreThese() {
		assertThat(gateway.scrapedNames()).contains("pingora_requests_seconds_count", "pingora_requests_seconds_sum",
				"pingora_requests_seconds_max", "pingora_requests_active", "pingora_panics_total",
				"pingora_panics_last", "pingora_panics_notifications_dropped_total", "pingora_panic_reports_total",
				"pingora_errors_total", "pingora_retries_total", "pingora_rejects_total",
				"pingora_downstream_connections", "pingora_upstream_connections", "pingora_upstream_connects_total",
				"pingora_upstream_reuses_total", "pingora_upstream_backends", "pingora_executor_active",
				"pingora_executor_queued", "pingora_executor_limit", "pingora_executor_rejected_total",
				"pingora_access_log_lines_total", "pingora_loop_held_total", "pingora_bytes_received_total",
				"pingora_bytes_sent_total");
		assertThat(gateway.scrapedNames()).doesNotContain("pingora_requests_seconds_bucket");
	}

	@Test
	void histogramComesByTheApplicationsProperty() {
		try (MeteredGateway other = MeteredGateway
			.start("management.metrics.distribution.percentiles-histogram.pingora.requests=true")) {
			other.exchange("/hello");
			Await.until("there are buckets", () -> other.scrape().contains("pingora_requests_seconds_bucket{"));
		}
	}

}
