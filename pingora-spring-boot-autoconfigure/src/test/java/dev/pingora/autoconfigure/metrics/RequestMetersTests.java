package dev.pingora.autoconfigure.metrics;

import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

import com.sun.management.ThreadMXBean;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.event.HeldLoop;
import dev.pingora.event.RejectedRequest;
import dev.pingora.event.RequestOutcome;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the meters of requests tell apart, how many they are at most, and what they cost.
 */
class RequestMetersTests {

	private final MeterRegistry registry = new SimpleMeterRegistry();

	private final RequestMeters meters = new RequestMeters(this.registry);

	private static ProxyException failure(String type) {
		return ProxyException.upstream(ErrorType.custom(type), "test");
	}

	private double count(String name, String... tags) {
		return this.registry.get(name).tags(tags).counter().count();
	}

	@ParameterizedTest
	@CsvSource({ "GET,200,GET,200", "HEAD,100,HEAD,100", "POST,599,POST,599", "PUT,404,PUT,404",
			"DELETE,204,DELETE,204", "CONNECT,101,CONNECT,101", "OPTIONS,301,OPTIONS,301", "TRACE,500,TRACE,500",
			"PATCH,422,PATCH,422", "BREW,418,OTHER,418", "get,200,OTHER,200", "GET,0,GET,none", "GET,99,GET,other",
			"GET,600,GET,other", "GET,-1,GET,other" })
	void methodsAndStatusesBecomeTags(String method, int status, String methodTag, String statusTag) {
		this.meters.requestFinished(new StubRequest(method, "orders", status));
		this.meters.requestFinished(new StubRequest(method, "orders", status));
		Timer timer = this.registry.get("pingora.requests").timer();
		assertThat(timer.getId().getTag("method")).isEqualTo(methodTag);
		assertThat(timer.getId().getTag("status")).isEqualTo(statusTag);
		assertThat(timer.getId().getTag("route")).isEqualTo("orders");
		assertThat(timer.getId().getTag("upstream")).isEqualTo("group");
		assertThat(timer.getId().getTag("outcome")).isEqualTo("proxied");
		assertThat(timer.count()).isEqualTo(2);
		assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(10);
	}

	@Test
	void absentRouteAndUpstreamAreNone() {
		this.meters.requestFinished(new StubRequest("GET", null, 404));
		Meter.Id id = this.registry.get("pingora.requests").timer().getId();
		assertThat(id.getTag("route")).isEqualTo("none");
		assertThat(id.getTag("upstream")).isEqualTo("none");
	}

	@Test
	void combinationsOfTagsAreBounded() {
		int requests = 0;
		for (int route = 0; route < 10; route++) {
			for (int status = -50; status < 1050; status++) {
				this.meters.requestFinished(new StubRequest("M" + status, "r" + route, status));
				this.meters.requestFinished(new StubRequest("GET", "r" + route, status));
				requests += 2;
			}
		}
		assertThat(this.registry.find("pingora.requests").timers())
			.hasSize(RequestTimers.MAX_COMBINATIONS + RequestOutcome.values().length);
		Timer others = this.registry.get("pingora.requests")
			.tags("route", "other", "upstream", "other", "method", "OTHER", "status", "other", "outcome", "proxied")
			.timer();
		assertThat(others.count()).isPositive();
		long recorded = this.registry.find("pingora.requests").timers().stream().mapToLong(Timer::count).sum();
		assertThat(recorded).isEqualTo(requests);
	}

	@Test
	void routesAreBounded() {
		for (int i = 0; i < 3000; i++) {
			this.meters.requestFinished(new StubRequest("GET", "r" + i, 200));
		}
		assertThat(this.registry.find("pingora.requests").timers())
			.hasSize(RequestTimers.MAX_COMBINATIONS + RequestOutcome.values().length);
		assertThat(this.registry.find("pingora.bytes.sent").counters()).hasSize(1001);
		assertThat(count("pingora.bytes.sent", "route", "other")).isEqualTo(2000 * 5);
	}

	@Test
	void bytesAreCountedByRoute() {
		this.meters.requestFinished(new StubRequest("GET", "orders", 200));
		this.meters.requestFinished(new StubRequest("PUT", "orders", 200));
		assertThat(count("pingora.bytes.received", "route", "orders")).isEqualTo(6);
		assertThat(count("pingora.bytes.sent", "route", "orders")).isEqualTo(10);
	}

	@Test
	void failuresAreCountedByTypeAndSource() {
		this.meters.requestFinished(new StubRequest("GET", "orders", 502).failed(failure("burnt")));
		this.meters.requestFinished(new StubRequest("GET", "orders", 200));
		assertThat(count("pingora.errors", "type", "burnt", "source", "upstream")).isEqualTo(1);
		assertThat(count("pingora.errors", "type", "burnt", "source", "internal")).isZero();
	}

	@Test
	void typesOfFailuresAreBounded() {
		this.meters.retried(1, failure("other")); // a name of the user's own, no overflow
		for (int i = 0; i < 1000; i++) {
			ProxyException failure = failure("type" + i);
			this.meters.requestFinished(new StubRequest("GET", "orders", 502).failed(failure));
			this.meters.retried(1, failure);
			this.meters
				.requestRejected(new RejectedRequest("HTTP/1.1", InetSocketAddress.createUnresolved("h", 1), failure));
		}
		int bound = RequestMeters.MAX_NAMES;
		assertThat(this.registry.find("pingora.errors").counters()).hasSize(3 * (bound + 1));
		assertThat(count("pingora.errors", "type", "other", "source", "upstream")).isEqualTo(1000 - bound);
		assertThat(this.registry.find("pingora.retries").counters()).hasSize(bound);
		assertThat(count("pingora.retries", "type", "other")).isEqualTo(1 + 1000 - (bound - 1));
		assertThat(this.registry.find("pingora.rejects").counters()).hasSize(2 * (bound + 1));
		assertThat(count("pingora.rejects", "reason", "type7", "began", "false")).isEqualTo(1);
	}

	@Test
	void callThatHoldsALoopIsCountedOnceBySite() {
		this.meters.loopHeld(held(1, true));
		this.meters.loopHeld(held(1, false));
		this.meters.loopHeld(held(3, true));
		assertThat(count("pingora.loop.held", "phase", "requestFilter", "filter", "geo", "route", "none")).isEqualTo(2);
	}

	private static HeldLoop held(long call, boolean first) {
		return new HeldLoop("loop-1", "requestFilter", "geo", null, Duration.ofSeconds(1), List.of(), call, first);
	}

	static Stream<Supplier<MeterRegistry>> registries() {
		return Stream.of(SimpleMeterRegistry::new, () -> new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
				RequestMetersTests::withHistograms);
	}

	private static MeterRegistry withHistograms() {
		MeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
		registry.config().meterFilter(new MeterFilter() {

			@Override
			public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
				return DistributionStatisticConfig.builder().percentilesHistogram(true).build().merge(config);
			}

		});
		return registry;
	}

	@ParameterizedTest
	@MethodSource("registries")
	void aRequestAllocatesNothing(Supplier<MeterRegistry> registry) {
		assertThat(allocatedPerRequest(registry.get())).isLessThan(1);
	}

	private static double allocatedPerRequest(MeterRegistry registry) {
		RequestMeters meters = new RequestMeters(registry);
		StubRequest[] requests = { new StubRequest("GET", "orders", 200), new StubRequest("BREW", "images", 700),
				new StubRequest("POST", null, 0), new StubRequest("PUT", "orders", 502).failed(failure("burnt")) };
		int rounds = 50_000;
		finish(meters, requests, rounds);
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		long thread = Thread.currentThread().getId();
		long before = threads.getThreadAllocatedBytes(thread);
		finish(meters, requests, rounds);
		long allocated = threads.getThreadAllocatedBytes(thread) - before;
		return (double) allocated / (rounds * requests.length);
	}

	private static void finish(RequestMeters meters, StubRequest[] requests, int rounds) {
		for (int i = 0; i < rounds; i++) {
			for (StubRequest request : requests) {
				meters.requestFinished(request);
			}
		}
	}

}
