package dev.pingora.autoconfigure;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.pingora.accesslog.AccessLogOptions;
import dev.pingora.autoconfigure.InvalidPingoraConfigurationException.Problem;
import dev.pingora.connector.DnsOptions;
import dev.pingora.connector.PoolOptions;
import dev.pingora.forwarding.ForwardedOptions;
import dev.pingora.http.RequestHeader;
import dev.pingora.panic.PanicResponse;
import dev.pingora.limits.AddressRange;
import dev.pingora.protocol.ClientLimits;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.protocol.UpgradeOptions;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.RouteTrace;
import dev.pingora.proxy.Router;
import dev.pingora.server.ConnectionLimits;
import dev.pingora.server.ListenerOptions;
import dev.pingora.server.RetryOptions;
import dev.pingora.transport.Transport;
import dev.pingora.upstream.HttpPeer;
import dev.pingora.upstream.PeerOptions;
import dev.pingora.watchdog.WatchdogOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * How properties become the engine's options, and what is said about wrong ones.
 */
class PropertiesMapperTests {

	private static final NamedFilter BEAN = NamedFilter.of("geo", new ProxyFilter() {
	});

	private static EngineConfiguration map(Map<String, ?> properties) {
		MapConfigurationPropertySource source = new MapConfigurationPropertySource(properties);
		PingoraProperties bound = new Binder(source).bindOrCreate("pingora", Bindable.of(PingoraProperties.class));
		return new PropertiesMapper(bound, List.of(source)).map(new FilterBeans(List.of(), Map.of("geo", BEAN)));
	}

	private static Map<String, String> with(String... namesAndValues) {
		Map<String, String> properties = new LinkedHashMap<>(
				Map.of("pingora.routes[0].id", "a", "pingora.routes[0].uri", "http://127.0.0.1:9001"));
		for (int i = 0; i < namesAndValues.length; i += 2) {
			properties.put("pingora." + namesAndValues[i], namesAndValues[i + 1]);
		}
		return properties;
	}

	private static List<Problem> problems(Map<String, String> properties) {
		InvalidPingoraConfigurationException thrown = catchThrowableOfType(InvalidPingoraConfigurationException.class,
				() -> map(properties));
		assertThat(thrown).as("refusal").isNotNull();
		return thrown.problems();
	}

	private static Route route(EngineConfiguration configuration, String target) throws Exception {
		Router router = configuration.router();
		assertThat(router).isNotNull();
		return router.find(RequestHeader.of("GET", target), new RouteTrace());
	}

	private static HttpPeer peer(Route route) throws Exception {
		assertThat(route.upstream()).isNotNull();
		return route.upstream().select(0, 0);
	}

	@Test
	void defaultsAreThoseOfTheEngine() throws Exception {
		EngineConfiguration configuration = map(with());
		assertThat(configuration.threads()).isZero();
		assertThat(configuration.transport()).isEqualTo(Transport.AUTO);
		assertThat(configuration.listeners()).containsExactly(ListenerOptions.of("http", "0.0.0.0", 8080));
		assertThat(configuration.downstream()).isEqualTo(DownstreamOptions.defaults());
		assertThat(configuration.retries()).isEqualTo(RetryOptions.defaults());
		assertThat(configuration.panicResponse()).isEqualTo(PanicResponse.RESET);
		assertThat(configuration.watchdog()).isEqualTo(WatchdogOptions.defaults());
		assertThat(peer(route(configuration, "/")).options()).isEqualTo(PeerOptions.defaults());
	}

	@ParameterizedTest
	@CsvSource({ "0", "10001", "-1" })
	void panicHistoryHasARange(String history) {
		assertThat(problems(with("panic.history", history)))
			.containsExactly(new Problem("pingora.panic.history", history, "1..10000"));
	}

	@Test
	void watchdogCanBeSwitchedOff() {
		assertThat(map(with("watchdog.loop-budget", "0")).watchdog()).isEqualTo(WatchdogOptions.off());
		assertThat(problems(with("watchdog.loop-budget", "9ms")))
			.containsExactly(new Problem("pingora.watchdog.loop-budget", "9ms", "10ms..1h, or 0 for off"));
	}

	@Test
	void timesAndSizesAreToldAsOneWritesThem() {
		assertThat(problems(with("watchdog.loop-budget", "90m", "retries.budget", "-60s", "downstream.idle-timeout",
				"0", "upstream-defaults.connect-timeout", "-1500ms", "retries.max-replay-size", "17MB",
				"downstream.max-header-size", "0", "downstream.read-timeout", "200000d", "downstream.write-timeout",
				"9300000000000000s", "sentry.fold-window", "366d", "downstream.upgrade.max-lifetime", "366d")))
			.extracting((problem) -> problem.property() + "=" + problem.value() + ": " + problem.expectation())
			.containsExactlyInAnyOrder("pingora.watchdog.loop-budget=90m: 10ms..1h, or 0 for off",
					"pingora.retries.budget=-1m: >= 0, such as 10s",
					"pingora.downstream.idle-timeout=0s: > 0, such as 10s",
					"pingora.downstream.read-timeout=4800000h: at most 365d",
					"pingora.downstream.write-timeout=PT2583333333333H20M: at most 365d",
					"pingora.sentry.fold-window=8784h: at most 365d",
					"pingora.downstream.upgrade.max-lifetime=8784h: at most 365d",
					"pingora.upstream-defaults.connect-timeout=-1500ms: > 0, such as 10s",
					"pingora.retries.max-replay-size=17MB: 0B..16MB",
					"pingora.downstream.max-header-size=0B: 256B..1MB");
	}

	@Test
	void listenerNeedsAPortOnly() {
		assertThat(map(with("listeners[0].port", "0", "listeners[1].port", "1")).listeners())
			.containsExactly(ListenerOptions.of("http", "0.0.0.0", 0), ListenerOptions.of("http-1", "0.0.0.0", 1));
		assertThat(problems(with("listeners[0].name", "a")))
			.containsExactly(new Problem("pingora.listeners[0].port", null, "0..65535; 0 lets the system choose"));
	}

	@Test
	void everyOptionReachesTheEngine() {
		EngineConfiguration configuration = map(with("threads", "3", "transport", "io_uring", "panic.response",
				"error-page", "downstream.header-timeout", "1s", "downstream.read-timeout", "2s",
				"downstream.write-timeout", "3s", "downstream.idle-timeout", "4s", "downstream.reset-timeout", "5s",
				"downstream.max-header-size", "8KB", "downstream.max-header-count", "7", "downstream.max-body-size",
				"1MB", "retries.max", "1", "retries.budget", "6s", "retries.max-replay-size", "1KB",
				"watchdog.loop-budget", "7s", "downstream.forwarded-headers", "replace", "downstream.forwarded-style",
				"both", "downstream.trusted-proxies", "10.0.0.0/8, ::1, unix", "downstream.via", "edge-1",
				"downstream.limits.min-body-rate", "1KB", "downstream.limits.min-response-rate", "0",
				"downstream.limits.rate-grace", "8s", "downstream.limits.max-keepalive-requests", "9",
				"listeners[0].port", "0", "listeners[0].max-connections-per-address", "10",
				"listeners[0].unlimited-addresses", "::1,10.0.0.0/8", "upstream-pool.max-idle", "9",
				"upstream-pool.borrow-timeout", "14s", "upstream-pool.share-across-loops", "false", "dns.servers",
				"127.0.0.1:5353,::1", "dns.query-timeout", "10s", "dns.min-ttl", "11s", "dns.max-ttl", "12s",
				"dns.negative-ttl", "13s", "downstream.upgrade.protocols", "websocket,SPDY/3.1",
				"downstream.upgrade.idle-timeout", "8s", "downstream.upgrade.half-close-timeout", "9s",
				"downstream.upgrade.max-lifetime", "10s"));
		assertThat(configuration.pool()).isEqualTo(new PoolOptions(9, false, Duration.ofSeconds(14)));
		assertThat(configuration.dns()).isEqualTo(new DnsOptions(
				List.of(new InetSocketAddress("127.0.0.1", 5353), new InetSocketAddress("::1", 53)),
				Duration.ofSeconds(10), Duration.ofSeconds(11), Duration.ofSeconds(12), Duration.ofSeconds(13)));
		assertThat(configuration.watchdog()).isEqualTo(new WatchdogOptions(Duration.ofSeconds(7)));
		assertThat(configuration.threads()).isEqualTo(3);
		assertThat(configuration.transport()).isEqualTo(Transport.IO_URING);
		assertThat(configuration.panicResponse()).isEqualTo(PanicResponse.ERROR_PAGE);
		assertThat(configuration.downstream())
			.isEqualTo(new DownstreamOptions(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3),
					Duration.ofSeconds(4), 8192, 7, 1024 * 1024, Duration.ofSeconds(5),
					ForwardedOptions.builder()
						.mode(ForwardedOptions.Mode.REPLACE)
						.style(ForwardedOptions.Style.BOTH)
						.trustedProxies("10.0.0.0/8", "::1", "unix")
						.via("edge-1")
						.build(),
					new ClientLimits(1024, 0, Duration.ofSeconds(8), 9),
					new UpgradeOptions(List.of("websocket", "SPDY/3.1"), Duration.ofSeconds(8), Duration.ofSeconds(9),
							Duration.ofSeconds(10))));
		assertThat(configuration.listeners().get(0).limits())
			.isEqualTo(new ConnectionLimits(10, List.of(AddressRange.of("::1"), AddressRange.of("10.0.0.0/8"))));
		assertThat(configuration.retries()).isEqualTo(new RetryOptions(1, Duration.ofSeconds(6), 1024));
	}

	@Test
	void eachWrongProxyIsNamedByItsIndex() {
		assertThat(problems(with("downstream.trusted-proxies", "10.0.0.0/8, 10.0.0.0/33, unix, proxy.example")))
			.extracting((problem) -> problem.property() + "=" + problem.value() + ": " + problem.expectation())
			.containsExactly(
					"pingora.downstream.trusted-proxies[1]=10.0.0.0/33: "
							+ "an address, a network such as 10.0.0.0/8 or fd00::/8, or unix",
					"pingora.downstream.trusted-proxies[3]=proxy.example: "
							+ "an address, a network such as 10.0.0.0/8 or fd00::/8, or unix");
	}

	@Test
	void upgradesCanBeSwitchedOffAndAreHeldToProtocolsOfOneConnection() {
		assertThat(map(with("downstream.upgrade.protocols", "")).downstream().upgrade().protocols()).isEmpty();
		assertThat(problems(with("downstream.upgrade.protocols", "websocket,h2c,a b", "downstream.upgrade.max-lifetime",
				"-1s", "downstream.upgrade.idle-timeout", "0")))
			.extracting(Problem::property)
			.containsExactlyInAnyOrder("pingora.downstream.upgrade.protocols[1]",
					"pingora.downstream.upgrade.protocols[2]", "pingora.downstream.upgrade.max-lifetime",
					"pingora.downstream.upgrade.idle-timeout");
	}

	@ParameterizedTest
	@CsvSource({ "-1ms, , '>= 0, such as 10s'",
			"29s, , '< 29s, which is spring.lifecycle.timeout-per-shutdown-phase less a margin: "
					+ "requests in flight need time to finish, too'",
			"5s, 5s, '< 4500ms, which is spring.lifecycle.timeout-per-shutdown-phase less a margin: "
					+ "requests in flight need time to finish, too'" })
	void shutdownDelayLeavesTimeToDrain(String delay, @Nullable String timeout, String expectation) {
		Map<String, String> properties = with("shutdown.delay", delay);
		if (timeout != null) {
			properties.put("spring.lifecycle.timeout-per-shutdown-phase", timeout);
		}
		assertThat(problems(properties)).singleElement().satisfies((problem) -> {
			assertThat(problem.property()).isEqualTo("pingora.shutdown.delay");
			assertThat(problem.expectation()).isEqualTo(expectation);
		});
	}

	@Test
	void shutdownDelayMayBeShorterThanTheTimeout() {
		Map<String, String> properties = with("shutdown.delay", "4s");
		properties.put("spring.lifecycle.timeout-per-shutdown-phase", "5s");
		assertThatNoException().isThrownBy(() -> map(properties));
		properties.putAll(with("shutdown.delay", "0s"));
		properties.put("spring.lifecycle.timeout-per-shutdown-phase", "0s");
		assertThatNoException().isThrownBy(() -> map(properties));
	}

	@Test
	void upstreamInheritsWhatItDoesNotSay() throws Exception {
		EngineConfiguration configuration = map(Map.of("pingora.routes[0].id", "a", "pingora.routes[0].upstream", "u",
				"pingora.upstreams.u.backends", "h:1", "pingora.upstreams.u.read-timeout", "5s",
				"pingora.upstreams.u.max-idle-connections", "7", "pingora.upstreams.u.max-header-count", "300",
				"pingora.upstream-defaults.connect-timeout", "3s", "pingora.upstream-defaults.read-timeout", "9s",
				"pingora.upstream-defaults.max-header-size", "128KB"));
		assertThat(peer(route(configuration, "/")).options()).isEqualTo(PeerOptions.builder()
			.connectTimeout(Duration.ofSeconds(3))
			.readTimeout(Duration.ofSeconds(5))
			.maxIdleConnections(7)
			.maxHeaderSize(128 * 1024)
			.maxHeaderCount(300)
			.build());
	}

	@Test
	void upstreamMaySayMoreThanTheDefaultsDo() throws Exception {
		EngineConfiguration configuration = map(Map.of("pingora.routes[0].id", "a", "pingora.routes[0].upstream", "u",
				"pingora.upstreams.u.backends", "h:1", "pingora.upstreams.u.max-header-size", "32KB",
				"pingora.upstream-defaults.max-header-size", "128KB", "pingora.upstream-defaults.max-header-count",
				"50"));
		PeerOptions options = peer(route(configuration, "/")).options();
		assertThat(options.maxHeaderSize()).isEqualTo(32 * 1024);
		assertThat(options.maxHeaderCount()).isEqualTo(50);
	}

	@Test
	void backendsTakeBothForms() throws Exception {
		EngineConfiguration configuration = map(Map.of("pingora.routes[0].id", "a", "pingora.routes[0].upstream", "u",
				"pingora.upstreams.u.backends[0]", "h:1", "pingora.upstreams.u.backends[1].address", "[::1]:2",
				"pingora.upstreams.u.backends[1].weight", "3"));
		Route route = route(configuration, "/");
		assertThat(route.upstream()).isNotNull();
		assertThat(route.upstream().backends()).extracting((backend) -> backend.peer().key().host())
			.containsExactly("h", "::1");
		assertThat(route.upstream().backends()).extracting((backend) -> backend.weight()).containsExactly(1, 3);
	}

	@Test
	void predicatesAndFiltersTakeBothForms() throws Exception {
		EngineConfiguration configuration = map(
				with("routes[0].predicates[0]", "Path=/x/**", "routes[0].predicates[1].name", "Method",
						"routes[0].predicates[1].args.methods", "GET", "routes[0].filters[0]", "StripPrefix=1",
						"routes[0].filters[1].name", "AddRequestHeader", "routes[0].filters[1].args.name", "X-A",
						"routes[0].filters[1].args.value", "1,2", "routes[0].filters[2]", "geo"));
		assertThat(route(configuration, "/x/y").filters()).extracting(NamedFilter::name)
			.containsExactly("StripPrefix", "AddRequestHeader", "geo");
	}

	@ParameterizedTest
	@CsvSource({ "threads,-1", "listeners[0].port,70000", "listeners[0].protocols,h2c", "listeners[0].ssl-bundle,edge",
			"listeners[0].max-connections,0", "listeners[0].max-connections-per-address,-1",
			"listeners[0].unlimited-addresses,localhost", "downstream.limits.min-body-rate,-1B",
			"downstream.limits.min-response-rate,2GB", "downstream.limits.rate-grace,0s",
			"downstream.limits.max-keepalive-requests,0", "downstream.header-timeout,0s", "downstream.idle-timeout,-1s",
			"downstream.max-header-size,1B", "downstream.max-header-count,0", "downstream.max-body-size,-2",
			"downstream.tls-handshake-timeout,1s", "downstream.trusted-proxies,10.0.0.0/33",
			"downstream.trusted-proxies,localhost", "downstream.via,a b", "upstream-defaults.connect-timeout,0s",
			"upstream-defaults.max-connections,0", "upstream-defaults.max-idle-connections,-1",
			"upstreams.u.max-idle-connections,-1", "upstream-defaults.max-header-size,255B",
			"upstream-defaults.max-header-count,0", "upstreams.u.max-header-size,2MB",
			"upstreams.u.max-header-count,10001", "upstream-pool.max-idle,-1", "upstream-pool.borrow-timeout,0s",
			"dns.servers[0],ns.example.org", "dns.servers[0],127.0.0.1:0", "dns.query-timeout,0s",
			"dns.query-timeout,2m", "dns.min-ttl,-1s", "dns.min-ttl,2h", "dns.max-ttl,8d", "dns.negative-ttl,8d",
			"upstreams.u.load-balancing,ketama", "upstreams.u.protocol,h2c", "upstreams.u.ssl-bundle,x",
			"upstreams.u.health-check.type,http", "upstreams.u.read-timeout,0s", "retries.max,17", "retries.budget,-1s",
			"retries.max-replay-size,17MB", "executor.max-concurrency,0", "executor.pool-size,0",
			"executor.queue-capacity,-1", "access-log.format,jsn", "access-log.format,$stat",
			"access-log.queue-capacity,15", "watchdog.loop-budget,9ms", "watchdog.loop-budget,2h",
			"watchdog.loop-budget,-1ms", "sentry.queue-capacity,0", "sentry.fold-window,0s",
			"sentry.max-events-per-minute,0", "sentry.shutdown-timeout,-1s", "routes[0].uri,https://h:1",
			"routes[0].uri,http://h:1/x", "routes[0].uri,h:1", "routes[0].uri,http://h:70000",
			"routes[0].uri,http://u@h:1", "routes[0].filters,Nope=1", "routes[0].predicates,Nope=1",
			"routes[0].filters,StripPrefix=x", "routes[0].filters,geo=1" })
	void wrongValueIsNamed(String name, String value) {
		Map<String, String> properties = with("upstreams.u.backends", "h:1", "listeners[0].port", "1", name, value);
		String property = "pingora." + name;
		assertThat(problems(properties)).singleElement().satisfies((problem) -> {
			assertThat(problem.property()).startsWith(property);
			assertThat(problem.value()).isNotBlank();
			assertThat(problem.expectation()).isNotBlank();
		});
	}

	@Test
	void accessLogIsMapped() {
		assertThat(map(with()).accessLog().toString()).isEqualTo(AccessLogOptions.defaults().toString());
		AccessLogOptions options = map(with("access-log.format", "$status $(duration)s", "access-log.path", "a/b.log",
				"access-log.query", "keep", "access-log.queue-capacity", "64"))
			.accessLog();
		assertThat(options.format()).hasToString("$status $(duration)s");
		assertThat(options.path()).isEqualTo(Path.of("a/b.log"));
		assertThat(options.query()).isEqualTo(AccessLogOptions.Query.KEEP);
		assertThat(options.queueCapacity()).isEqualTo(64);
	}

	@Test
	void wrongAccessLogIsExplained() {
		List<Problem> problems = problems(with("access-log.format", "$status $user", "access-log.path", " ",
				"access-log.queue-capacity", "0", "threads", "-1"));
		assertThat(problems).extracting(Problem::property)
			.containsExactly("pingora.threads", "pingora.access-log.queue-capacity", "pingora.access-log.format",
					"pingora.access-log.path");
		assertThat(problems.get(1).expectation()).isEqualTo("16..1048576");
		assertThat(problems.get(2).expectation()).startsWith("instead of $user one of $remote_addr, ");
		assertThat(problems.get(3).expectation()).isEqualTo("a file, or stdout");
	}

	@ParameterizedTest
	@CsvSource({ "h", "h:", ":1", "h:x", "h:0", "h:65536", "http://h:1", "h:1/x", "::1:1" })
	void wrongBackendIsNamed(String address) {
		assertThat(problems(with("upstreams.u.backends[0]", "ok:1", "upstreams.u.backends[1]", address)))
			.containsExactly(new Problem("pingora.upstreams.u.backends[1]", address, Address.HOST_AND_PORT));
	}

	@Test
	void allMistakesAreToldAtOnce() {
		List<Problem> problems = problems(with("threads", "-1", "listeners[0].port", "70000", "retries.max", "99",
				"routes[0].uri", "ftp://x", "routes[1].id", "a", "routes[1].upstream", "orders", "routes[1].filters[0]",
				"Nope", "routes[2].id", "c", "routes[3].upstream", "u", "routes[3].uri", "http://h",
				"upstreams.u.backends", "h:1"));
		assertThat(problems).extracting(Problem::property)
			.containsExactly("pingora.threads", "pingora.listeners[0].port", "pingora.routes[0].uri",
					"pingora.routes[1].id", "pingora.routes[1].filters[0]", "pingora.routes[1].upstream",
					"pingora.routes[2]", "pingora.routes[3].id", "pingora.routes[3]", "pingora.retries.max");
	}

	@Test
	void unknownNameIsToldWithTheKnownOnes() {
		List<Problem> problems = problems(with("routes[0].filters[0]", "Nope=1", "routes[0].predicates[0]", "Pfad=/",
				"routes[1].id", "b", "routes[1].upstream", "order", "upstreams.orders.backends", "h:1"));
		assertThat(problems).extracting(Problem::expectation)
			.satisfiesExactly((filters) -> assertThat(filters).contains("StripPrefix", "or a filter bean: [geo]"),
					(predicates) -> assertThat(predicates).contains("Path", "Method"),
					(upstreams) -> assertThat(upstreams).isEqualTo("one of pingora.upstreams: [orders]"));
	}

	@Test
	void unknownKeyIsRefusedWithTheKnownOnes() {
		List<Problem> problems = problems(with("thread", "4", "downstream.idle-time", "1s", "routes[0].filter", "x",
				"upstreams.u.backends", "h:1", "upstreams.u.retries", "1", "threads.x", "1", "routes.id", "x"));
		assertThat(problems).hasSize(6)
			.contains(new Problem("pingora.threads.x", "1", "nothing behind pingora.threads"),
					new Problem("pingora.routes.id", "x", "an index such as [0] behind pingora.routes"),
					new Problem("pingora.routes[0].filter", "x",
							"a known property: one of [filters, id, predicates, upstream, uri] behind pingora.routes[0]"))
			.filteredOn((problem) -> problem.property().equals("pingora.downstream.idle-time"))
			.singleElement()
			.satisfies((problem) -> assertThat(problem.expectation()).contains("idle-timeout", "max-body-size"));
	}

	@Test
	void noRouteIsAMistakeUnlessTheUserRoutes() {
		assertThat(problems(Map.of())).extracting(Problem::property).containsExactly("pingora.routes");
		PingoraProperties none = new Binder(new MapConfigurationPropertySource(Map.of())).bindOrCreate("pingora",
				Bindable.of(PingoraProperties.class));
		assertThatNoException().isThrownBy(() -> new PropertiesMapper(none, List.of()).map(null));
	}

	@Test
	void duplicateListenerNameIsAMistake() {
		assertThat(problems(with("listeners[0].port", "1", "listeners[0].name", "x", "listeners[1].port", "2",
				"listeners[1].name", "x")))
			.extracting(Problem::property)
			.containsExactly("pingora.listeners[1].name");
	}

}
