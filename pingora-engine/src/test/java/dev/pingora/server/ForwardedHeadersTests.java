package dev.pingora.server;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.pingora.forwarding.ForwardedOptions;
import dev.pingora.forwarding.ForwardedOptions.Mode;
import dev.pingora.forwarding.ForwardedOptions.Style;
import dev.pingora.http.RequestHeader;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.OriginRequest;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import dev.pingora.transport.Transport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an origin learns of the client, and what it must not be made to believe.
 */
@ExtendWith(EngineExtension.class)
class ForwardedHeadersTests {

	private static final String ME = "127.0.0.1";

	private static final Pattern SPEAKS_OF_THE_CLIENT = Pattern
		.compile("x[^a-z0-9]?forwarded.*|forwarded|x[^a-z0-9]real[^a-z0-9]ip|via");

	@AutoClose
	private final RawOrigin origin = RawOrigin.start((exchange) -> exchange.respond(200, "ok"));

	@Nullable ProxyServer server;

	@AutoClose
	private final AutoCloseable closing = this::close;

	private void close() {
		if (this.server != null) {
			this.server.close();
		}
	}

	private ProxyServer start(Consumer<ForwardedOptions.Builder> change) {
		ForwardedOptions.Builder options = ForwardedOptions.builder();
		change.accept(options);
		return start(Proxies.to(this.origin).downstream((downstream) -> downstream.forwarded(options.build())));
	}

	private ProxyServer start(Proxies proxies) {
		ProxyServer server = proxies.start();
		this.server = server;
		return server;
	}

	// One request of 127.0.0.1; what the origin gets of the fields that speak of a
	// client.
	private List<String> sent(String... fields) {
		return sentTo("shop.example", fields);
	}

	private List<String> sentTo(String host, String... fields) {
		try (RawClient client = RawClient.connect(port())) {
			assertThat(client.send(request("Host: " + host, fields)).readResponse().status()).isEqualTo(200);
		}
		return received();
	}

	private static String request(String host, String... fields) {
		StringBuilder head = new StringBuilder("GET / HTTP/1.1\r\n").append(host).append("\r\n");
		Stream.of(fields).forEach((field) -> head.append(field).append("\r\n"));
		return head.append("\r\n").toString();
	}

	private int port() {
		ProxyServer server = this.server;
		assertThat(server).isNotNull();
		return server.port("http");
	}

	private List<String> received() {
		return this.origin.awaitRequest(1)
			.headers()
			.entries()
			.stream()
			.filter((field) -> SPEAKS_OF_THE_CLIENT.matcher(field.getKey().toLowerCase(Locale.ROOT)).matches())
			.map((field) -> field.getKey() + ": " + field.getValue())
			.toList();
	}

	// Begun anew.

	@Test
	void theDefaultBeginsTheFields() {
		start(Proxies.to(this.origin));
		assertThat(sent()).containsExactly("X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: http",
				"X-Forwarded-Host: shop.example", "X-Forwarded-Port: 80");
	}

	@Test
	void theDefaultDropsWhatAClientMadeUp() {
		start(Proxies.to(this.origin));
		assertThat(sent("X-Forwarded-For: 203.0.113.66", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil",
				"X-Forwarded-Port: 1", "Forwarded: for=203.0.113.66", "X-Real-IP: 203.0.113.66",
				"X-Forwarded-Prefix: /admin", "X-Forwarded-User: root"))
			.containsExactly("X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: http", "X-Forwarded-Host: shop.example",
					"X-Forwarded-Port: 80");
	}

	/** Some are trusted, but the client is none of them, whoever it says it is. */
	@ParameterizedTest
	@EnumSource(Style.class)
	void nobodyElseIsBelievedThoughSomeAreTrusted(Style style) {
		start((options) -> options.style(style).trustedProxies("10.0.0.0/8"));
		List<String> ours = new ArrayList<>();
		if (style != Style.FORWARDED) {
			ours.addAll(List.of("X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: http",
					"X-Forwarded-Host: shop.example", "X-Forwarded-Port: 80"));
		}
		if (style != Style.X_FORWARDED) {
			ours.add("Forwarded: for=\"127.0.0.1:PORT\";host=shop.example;proto=http");
		}
		assertThat(sent("X-Forwarded-For: 203.0.113.66, 10.0.0.1", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil",
				"X-Forwarded-Port: 1", "X-Forwarded-Prefix: /admin", "X-Forwarded-User: root",
				"X_Forwarded_For: 10.0.0.1", "Forwarded: for=10.0.0.1;host=evil;proto=https", "X-Real-IP: 10.0.0.1"))
			.map((field) -> field.replaceFirst(":\\d+\"", ":PORT\""))
			.containsExactlyElementsOf(ours);
	}

	@ParameterizedTest
	@ValueSource(strings = { "x-forwarded-for", "X-FORWARDED-FOR", "X_Forwarded_For", "X-Forwarded_For",
			"x_forwarded-for", "X.Forwarded.For", "X-Forwarded~For", "X-Forwarded-Prefix", "X-Forwarded-Ssl",
			"X-Forwarded-Server", "X-Forwarded-By", "X-Forwarded-Scheme", "X_Forwarded_Proto", "X-Forwarded",
			"FORWARDED", "fOrWaRdEd", "X_REAL_IP", "x-real-ip", "X|Real|IP" })
	void noSpellingPassesFromAClient(String name) {
		start((options) -> options.mode(Mode.APPEND));
		assertThat(sent(name + ": 203.0.113.66", name + ": 203.0.113.67").toString()).doesNotContain("203.0.113");
	}

	@Test
	void namesThatAreOnlyAlikePass() {
		start(Proxies.to(this.origin));
		sent("X-Forward-For: 1", "Forwarded-For: 2", "X-Real-IPs: 3", "X-Original: 4", "X: 5", "For: 6", "F: 7",
				"Forwarder: 8");
		assertThat(this.origin.awaitRequest(1).headers().entries()).extracting(Map.Entry::getValue)
			.contains("1", "2", "3", "4", "5", "6", "7", "8");
	}

	@ParameterizedTest
	@CsvSource({ "REPLACE,127.0.0.1", "REPLACE,10.0.0.0/8", "STRIP,127.0.0.1", "STRIP,10.0.0.0/8", "OFF,127.0.0.1",
			"OFF,10.0.0.0/8" })
	void otherModesTreatEverybodyAlike(Mode mode, String trusted) {
		start((options) -> options.mode(mode).trustedProxies(trusted));
		List<String> given = List.of("X-Forwarded-For: 203.0.113.7", "X_Forwarded_Proto: https",
				"Forwarded: for=203.0.113.7", "X-Real-IP: 203.0.113.7");
		assertThat(sent(given.toArray(String[]::new))).isEqualTo(switch (mode) {
			case STRIP -> List.of();
			case OFF -> given;
			default -> List.of("X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: http",
					"X-Forwarded-Host: shop.example", "X-Forwarded-Port: 80");
		});
	}

	@ParameterizedTest
	@EnumSource(value = Mode.class, names = { "STRIP", "OFF" })
	void nothingIsAddedByStripAndOff(Mode mode) {
		start((options) -> options.mode(mode));
		assertThat(sent()).isEmpty();
		assertThat(this.origin.awaitRequest(1).head()).isEqualTo("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n");
	}

	@Test
	void forwardedIsBegunWithAQuotedNode() {
		start((options) -> options.style(Style.FORWARDED));
		try (RawClient client = RawClient.connect(port())) {
			client.send(request("Host: shop.example:8080", "Forwarded: for=203.0.113.66")).readResponse();
			assertThat(received()).containsExactly("Forwarded: for=\"127.0.0.1:" + client.localAddress().getPort()
					+ "\";host=\"shop.example:8080\";proto=http");
		}
	}

	@Test
	void bothStylesAreBegunTogether() {
		start((options) -> options.style(Style.BOTH));
		assertThat(sent()).hasSize(5)
			.contains("X-Forwarded-For: 127.0.0.1")
			.anyMatch((field) -> field.startsWith("Forwarded: for=\"127.0.0.1:")
					&& field.endsWith(";host=shop.example;proto=http"));
	}

	@ParameterizedTest
	@CsvSource({ "shop.example:8080,8080", "[::1]:81,81", "[::1],80", "shop.example:,80", "192.0.2.1,80" })
	void portIsTheOneThatTheClientAddressed(String host, String port) {
		start(Proxies.to(this.origin));
		assertThat(sentTo(host)).contains("X-Forwarded-Host: " + host, "X-Forwarded-Port: " + port);
	}

	// HTTP allows them in a Host (HostRulesTests), but no host has them, and to whoever
	// reads Forwarded they would begin something else.
	@ParameterizedTest
	@ValueSource(strings = { "a=b", "a;b", "a=b:81" })
	void aHostThatIsNoneIsNotPassedOn(String host) {
		start((options) -> options.style(Style.BOTH));
		assertThat(sentTo(host)).map((field) -> field.replaceFirst("127.0.0.1:\\d+", "ME"))
			.containsExactly("X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: http", "X-Forwarded-Port: " + port(),
					"Forwarded: for=\"ME\";proto=http");
		assertThat(this.origin.awaitRequest(1).header("host")).isEqualTo(host);
	}

	@Test
	void aRequestWithoutHostHasThePortOfTheListener() {
		start(Proxies.to(this.origin));
		try (RawClient client = RawClient.connect(port())) {
			client.send("GET / HTTP/1.0\r\n\r\n").readResponse();
		}
		assertThat(received()).containsExactly("X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: http",
				"X-Forwarded-Port: " + port());
	}

	@Test
	void eachRequestOfAConnectionHasItsOwnHost() {
		start(Proxies.to(this.origin));
		try (RawClient client = RawClient.connect(port())) {
			client.send(request("Host: a")).readResponse();
			client.send(request("Host: a")).readResponse();
			client.send(request("Host: b:81")).readResponse();
			client.send(request("Host: a", "X-Forwarded-Host: c")).readResponse();
		}
		assertThat(IntStream.rangeClosed(1, 4)
			.mapToObj((number) -> this.origin.awaitRequest(number).header("x-forwarded-host")))
			.containsExactly("a", "a", "b:81", "a");
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void ipv6HasNoBracketsInXForwardedFor(Transport transport) {
		start(Proxies.to(this.origin)
			.downstream((downstream) -> downstream.forwarded(ForwardedOptions.builder().style(Style.BOTH).build()))
			.with((builder) -> builder.transport(transport).listener(ListenerOptions.of("v6", "::1", 0))));
		ProxyServer server = this.server;
		assertThat(server).isNotNull();
		try (RawClient client = RawClient.connect("::1", server.port("v6"))) {
			client.send(request("Host: a")).readResponse();
			assertThat(received()).contains("X-Forwarded-For: ::1",
					"Forwarded: for=\"[::1]:" + client.localAddress().getPort() + "\";host=a;proto=http");
		}
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void ipv4ThroughAListenerForBothMatchesIpv4(Transport transport) {
		ForwardedOptions options = ForwardedOptions.builder().trustedProxies("127.0.0.0/8").build();
		start(Proxies.to(this.origin)
			.downstream((downstream) -> downstream.forwarded(options))
			.with((builder) -> builder.transport(transport).listener(ListenerOptions.of("any", "::", 0))));
		ProxyServer server = this.server;
		assertThat(server).isNotNull();
		try (RawClient client = RawClient.connect(server.port("any"))) {
			client.send(request("Host: a", "X-Forwarded-For: 203.0.113.7")).readResponse();
		}
		assertThat(received()).contains("X-Forwarded-For: 203.0.113.7, 127.0.0.1");
	}

	// Behind a trusted proxy.

	@Test
	void aTrustedListIsAppendedToAndTheRestStays() {
		start((options) -> options.trustedProxies("127.0.0.0/8"));
		assertThat(sent("X-Forwarded-For: 203.0.113.7, 10.0.0.1", "X-Forwarded-Proto: https",
				"X-Forwarded-Host: www.example", "X-Forwarded-Port: 443", "X-Forwarded-Prefix: /shop",
				"X-Real-IP: 203.0.113.7"))
			.containsExactlyInAnyOrder("X-Forwarded-For: 203.0.113.7, 10.0.0.1, 127.0.0.1", "X-Forwarded-Proto: https",
					"X-Forwarded-Host: www.example", "X-Forwarded-Port: 443", "X-Forwarded-Prefix: /shop",
					"X-Real-IP: 203.0.113.7");
	}

	@Test
	void aTrustedProxyThatSendsNothingIsTakenForTheClient() {
		start((options) -> options.trustedProxies(ME));
		assertThat(sent()).containsExactly("X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: http",
				"X-Forwarded-Host: shop.example", "X-Forwarded-Port: 80");
	}

	@Test
	void whatATrustedProxyDidNotTellIsAddedButForThePort() {
		start((options) -> options.trustedProxies(ME));
		assertThat(sent("X-Forwarded-For: 203.0.113.7", "X-Forwarded-Proto: https")).containsExactlyInAnyOrder(
				"X-Forwarded-For: 203.0.113.7, 127.0.0.1", "X-Forwarded-Proto: https",
				"X-Forwarded-Host: shop.example");
	}

	@Test
	void severalFieldsAreOneList() {
		start((options) -> options.trustedProxies(ME));
		assertThat(sent("X-Forwarded-For: 203.0.113.7", "x-forwarded-for: 2001:db8::1", "X-FORWARDED-FOR: 10.0.0.1"))
			.contains("X-Forwarded-For: 203.0.113.7, 2001:db8::1, 10.0.0.1, 127.0.0.1")
			.hasSize(4);
	}

	@Test
	void forwardedIsAppendedTo() {
		start((options) -> options.style(Style.FORWARDED).trustedProxies(ME));
		assertThat(sent("Forwarded: for=203.0.113.7;proto=https", "Forwarded: For=\"[2001:db8::1]:80\"; by=_x"))
			.singleElement()
			.asString()
			.matches("Forwarded: for=203\\.0\\.113\\.7;proto=https, For=\"\\[2001:db8::1]:80\"; by=_x, "
					+ "for=\"127\\.0\\.0\\.1:\\d+\";host=shop\\.example;proto=http");
	}

	@ParameterizedTest
	@CsvSource({ "X_FORWARDED,Forwarded", "FORWARDED,X-Forwarded-For", "FORWARDED,X-Real-IP", "BOTH,X_Forwarded_For",
			"X_FORWARDED,X_Forwarded_For", "FORWARDED,X_Real_IP" })
	void whatATrustedProxyDoesNotCleanIsDropped(Style style, String name) {
		start((options) -> options.style(style).trustedProxies(ME));
		assertThat(sent(name + ": for=203.0.113.66").toString()).doesNotContain("203.0.113");
	}

	@ParameterizedTest
	@ValueSource(strings = { "<script>", "evil.example", "300.1.1.1", "010.1.1.1", "1.2.3.4:99999", "[1.2.3.4]",
			"\u00ff", "fe80::1%eth0", "for=1.2.3.4", "1.2.3.4 5.6.7.8", "\"1.2.3.4\"" })
	void garbageEndsAList(String garbage) {
		start((options) -> options.trustedProxies(ME));
		assertThat(sent("X-Forwarded-For: 1.1.1.1, " + garbage + ", 203.0.113.7 ,, 10.0.0.1,"))
			.contains("X-Forwarded-For: 203.0.113.7 ,, 10.0.0.1, 127.0.0.1");
	}

	@Test
	void garbageAloneIsDropped() {
		start((options) -> options.trustedProxies(ME));
		assertThat(sent("X-Forwarded-For: garbage", "X-Forwarded-Proto: <https>", "X-Forwarded-Host: a b",
				"X-Forwarded-Port: 99999"))
			.containsExactlyInAnyOrder("X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: http",
					"X-Forwarded-Host: shop.example");
	}

	@Test
	void anUnclosedQuoteDoesNotSwallowWhatFollows() {
		start((options) -> options.style(Style.FORWARDED).trustedProxies(ME));
		assertThat(sent("Forwarded: for=\"1.1.1.1, for=203.0.113.7;host=\"a,\\\"b\"")).singleElement()
			.asString()
			.startsWith("Forwarded: for=203.0.113.7;host=\"a,\\\"b\", for=\"127.0.0.1:");
	}

	@Test
	void ofATooLongListTheNearestHopsAreKept() {
		start((options) -> options.trustedProxies(ME));
		String list = String.join(", ", IntStream.range(0, 100).mapToObj((i) -> "10.0.0." + i).toList());
		String kept = String.join(", ", IntStream.range(68, 100).mapToObj((i) -> "10.0.0." + i).toList());
		assertThat(sent("X-Forwarded-For: " + list)).contains("X-Forwarded-For: " + kept + ", 127.0.0.1");
	}

	@Test
	void connectionCannotTakeTheFieldsAway() {
		start((options) -> options.trustedProxies(ME));
		assertThat(sent("Connection: X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host, X-Forwarded-Port",
				"X-Forwarded-For: 203.0.113.7", "X-Forwarded-Proto: https"))
			.containsExactlyInAnyOrder("X-Forwarded-For: 203.0.113.7, 127.0.0.1", "X-Forwarded-Proto: https",
					"X-Forwarded-Host: shop.example");
	}

	@Test
	void connectionCannotTakeAwayWhatIsBegun() {
		start(Proxies.to(this.origin));
		assertThat(sent("Connection: X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host, X-Forwarded-Port"))
			.hasSize(4);
	}

	@ParameterizedTest
	@CsvSource({ "APPEND,127.0.0.1", "APPEND,10.0.0.0/8", "REPLACE,127.0.0.1", "STRIP,127.0.0.1", "OFF,127.0.0.1" })
	void trailersAreCleanedWhoeverSendsThem(Mode mode, String trusted) {
		start((options) -> options.mode(mode).trustedProxies(trusted));
		Map<String, String> alike = new LinkedHashMap<>();
		for (String name : List.of("X_Forwarded-For", "X-Forwarded-User", "X-Forwarded", "X-Forwarded-Ssl",
				"X_Real_IP")) {
			alike.put(name, "203.0.113.66");
		}
		StringBuilder trailers = new StringBuilder("X-Sum: 1\r\nX-Forwarded-For: 203.0.113.67\r\n");
		alike.forEach((name, value) -> trailers.append(name).append(": ").append(value).append("\r\n"));
		try (RawClient client = RawClient.connect(port())) {
			client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + trailers + "\r\n")
				.readResponse();
		}
		OriginRequest request = this.origin.awaitRequest(1);
		assertThat(request.body()).isEmpty(); // the answer may have been faster
		List<Map.Entry<String, String>> passed = new ArrayList<>(List.of(Map.entry("X-Sum", "1")));
		if (mode == Mode.OFF) {
			passed.addAll(alike.entrySet());
		}
		assertThat(request.content().trailers().entries()).isEqualTo(passed);
	}

	// Filters.

	@Test
	void filtersHaveTheLastWord() {
		start(Proxies.to(this.origin).filter(new ProxyFilter() {

			@Override
			public Outcome requestFilter(Session session) {
				session.request().headers().set("X-Forwarded-Host", "early").set("X-Forwarded-User", "joe");
				session.request().headers().set("Host", "inner");
				return Outcome.CONTINUE;
			}

			@Override
			public void upstreamRequestFilter(Session session, RequestHeader upstreamRequest) {
				assertThat(upstreamRequest.header("x-forwarded-for")).isEqualTo(ME);
				upstreamRequest.headers().remove("X-Forwarded-For");
				upstreamRequest.headers().set("X-Forwarded-Proto", "https");
			}

		}));
		assertThat(sent("X-Forwarded-User: root")).containsExactlyInAnyOrder("X-Forwarded-Host: early",
				"X-Forwarded-User: joe", "X-Forwarded-Proto: https", "X-Forwarded-Port: 80");
	}

	@Test
	void theHostIsTheOneThatTheClientSent() {
		start(Proxies.to(this.origin).filter(new ProxyFilter() {

			@Override
			public Outcome requestFilter(Session session) {
				session.request().headers().set("Host", "inner");
				return Outcome.CONTINUE;
			}

		}));
		assertThat(sent()).contains("X-Forwarded-Host: shop.example");
		assertThat(this.origin.awaitRequest(1).header("host")).isEqualTo("inner");
	}

	// Via.

	@Test
	void viaTellsTheReceivedVersion() {
		start((options) -> options.mode(Mode.OFF).via("edge"));
		assertThat(sent("Via: 1.0 fred, 1.1 p.example (Apache/1.1)"))
			.containsExactly("Via: 1.0 fred, 1.1 p.example (Apache/1.1)", "Via: 1.1 edge");
		try (RawClient client = RawClient.connect(port())) {
			client.send("GET / HTTP/1.0\r\n\r\n").readResponse();
		}
		assertThat(this.origin.awaitRequest(2).header("via")).isEqualTo("1.0 edge");
	}

	@ParameterizedTest
	@ValueSource(strings = { "1.1 edge", "1.0 fred, 1.1 EDGE", "HTTP/1.1  edge (x)", "1.1\tedge" })
	void aLoopIsRefused(String via) {
		start((options) -> options.via("edge"));
		try (RawClient client = RawClient.connect(port())) {
			RawResponse response = client.send(request("Host: a", "Via: " + via)).readResponse();
			assertThat(response.statusLine()).isEqualTo("HTTP/1.1 508 Loop Detected");
		}
		assertThat(this.origin.acceptedConnections()).isZero();
	}

	@ParameterizedTest
	@ValueSource(strings = { "1.1 edge2", "edge", "1.1 fred (edge)", "1.1 fred edge" })
	void anotherNameIsNoLoop(String via) {
		start((options) -> options.mode(Mode.OFF).via("edge"));
		assertThat(sent("Via: " + via)).containsExactly("Via: " + via, "Via: 1.1 edge");
	}

	@Test
	void viaIsLeftAloneWithoutPseudonym() {
		start(Proxies.to(this.origin));
		assertThat(sent("Via: 1.1 pingora")).contains("Via: 1.1 pingora").hasSize(5);
	}

}
