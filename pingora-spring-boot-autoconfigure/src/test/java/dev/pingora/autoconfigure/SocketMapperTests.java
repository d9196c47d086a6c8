package dev.pingora.autoconfigure;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.pingora.autoconfigure.InvalidPingoraConfigurationException.Problem;
import dev.pingora.http.RequestHeader;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.RouteTrace;
import dev.pingora.server.ListenerOptions;
import dev.pingora.transport.AcceptOptions;
import dev.pingora.transport.BufferOptions;
import dev.pingora.transport.DialOptions;
import dev.pingora.transport.KeepAlive;
import dev.pingora.transport.LocalAddress;
import dev.pingora.transport.SocketOptions;
import dev.pingora.upstream.HttpPeer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * How the properties of sockets become options, and what is said about wrong ones.
 */
class SocketMapperTests {

	private static EngineConfiguration map(String... namesAndValues) {
		Map<String, String> properties = new LinkedHashMap<>(Map.of("pingora.routes[0].id", "a",
				"pingora.routes[0].upstream", "u", "pingora.upstreams.u.backends[0]", "10.0.0.1:80"));
		for (int i = 0; i < namesAndValues.length; i += 2) {
			properties.put("pingora." + namesAndValues[i], namesAndValues[i + 1]);
		}
		MapConfigurationPropertySource source = new MapConfigurationPropertySource(properties);
		PingoraProperties bound = new Binder(source).bindOrCreate("pingora", Bindable.of(PingoraProperties.class));
		return new PropertiesMapper(bound, List.of(source)).map(new FilterBeans(List.of(), Map.of()));
	}

	private static List<Problem> problems(String... namesAndValues) {
		InvalidPingoraConfigurationException thrown = catchThrowableOfType(InvalidPingoraConfigurationException.class,
				() -> map(namesAndValues));
		assertThat(thrown).as("refusal").isNotNull();
		return thrown.problems();
	}

	private static HttpPeer peer(EngineConfiguration configuration) throws Exception {
		assertThat(configuration.router()).isNotNull();
		Route route = configuration.router().find(RequestHeader.of("GET", "/"), new RouteTrace());
		assertThat(route).isNotNull();
		assertThat(route.upstream()).isNotNull();
		return route.upstream().select(0, 0);
	}

	@Test
	void withoutPropertiesTheEnginesDefaultsHold() throws Exception {
		EngineConfiguration configuration = map("listeners[0].port", "80");
		assertThat(configuration.listeners().get(0)).isEqualTo(ListenerOptions.of("http", "0.0.0.0", 80));
		assertThat(peer(configuration)).isEqualTo(HttpPeer.of("10.0.0.1", 80));
	}

	@Test
	void listenersSocketIsMapped() {
		String socket = "listeners[0].socket.";
		ListenerOptions listener = map("transport", "epoll", "listeners[0].port", "80", "listeners[0].address", "::",
				socket + "backlog", "9", socket + "reuse-port", "true", socket + "fast-open-queue", "7",
				socket + "ipv6-only", "true", socket + "keep-alive", "true", socket + "keep-alive-idle", "60s",
				socket + "keep-alive-interval", "5s", socket + "keep-alive-count", "3", socket + "user-timeout", "30s",
				socket + "send-buffer", "100KB", socket + "receive-buffer", "200KB", socket + "dscp", "46",
				socket + "max-read-size", "16KB", socket + "write-buffer-low", "1KB", socket + "write-buffer-high",
				"2KB")
			.listeners()
			.get(0);
		assertThat(listener.accept()).isEqualTo(new AcceptOptions(9, true, 7, true, 0));
		assertThat(listener.socket())
			.isEqualTo(new SocketOptions(KeepAlive.of(Duration.ofSeconds(60), Duration.ofSeconds(5), 3),
					Duration.ofSeconds(30), 102_400, 204_800, 46, new BufferOptions(16_384, 1024, 2048)));
	}

	@Test
	void upstreamTakesFromTheDefaultsWhatItDoesNotSay() throws Exception {
		HttpPeer peer = peer(map("upstream-defaults.socket.dscp", "10", "upstream-defaults.socket.bind-to", "10.0.0.9",
				"upstream-defaults.socket.keep-alive-idle", "60s", "upstreams.u.socket.dscp", "12",
				"upstreams.u.socket.keep-alive-count", "5"));
		assertThat(peer.options().socket().dscp()).isEqualTo(12);
		assertThat(peer.options().socket().keepAlive())
			.isEqualTo(KeepAlive.of(Duration.ofSeconds(60), Duration.ZERO, 5));
		assertThat(peer.options().dial()).isEqualTo(DialOptions.defaults().bindTo(LocalAddress.parse("10.0.0.9")));
		assertThat(peer).hasToString("10.0.0.1:80 from 10.0.0.9");
		HttpPeer without = peer(map("upstream-defaults.socket.bind-to", "10.0.0.9", "upstreams.u.socket.bind-to", "",
				"upstreams.u.socket.keep-alive", "false"));
		assertThat(without.options().dial().bindTo()).isNull();
		assertThat(without.options().socket().keepAlive()).isEqualTo(KeepAlive.OFF);
	}

	@Test
	void unixDomainSocketsAreMapped() throws Exception {
		EngineConfiguration configuration = map("listeners[0].address", "unix:/run/p.sock", "listeners[0].socket.mode",
				"0660", "upstreams.u.backends[0]", "unix:/run/app.sock");
		ListenerOptions listener = configuration.listeners().get(0);
		assertThat(listener.address()).isEqualTo("unix:/run/p.sock");
		assertThat(listener.port()).isZero();
		assertThat(listener.accept().mode()).isEqualTo(0660);
		assertThat(peer(configuration)).isEqualTo(HttpPeer.unix("/run/app.sock"));
		assertThat(Address.ofUri("unix:/run/app.sock")).isEqualTo(new Address("unix:/run/app.sock", 0));
	}

	@Test
	void allMistakesAreTold() {
		String socket = "listeners[0].socket.";
		assertThat(problems("transport", "nio", "listeners[0].port", "80", socket + "backlog", "0", socket + "mode",
				"rw", socket + "keep-alive-idle", "1500ms", socket + "user-timeout", "25d", socket + "dscp", "64",
				socket + "write-buffer-low", "1MB", socket + "max-read-size", "1B", "upstream-defaults.socket.bind-to",
				"localhost", "upstream-defaults.socket.fast-open", "true", "upstreams.u.socket.user-timeout", "30s"))
			.containsExactly(
					new Problem("pingora.listeners[0].socket.keep-alive-idle", "1500ms", "whole seconds, 1s..32767s"),
					new Problem("pingora.listeners[0].socket.keep-alive", "false",
							"true, since its times or count are set"),
					new Problem("pingora.listeners[0].socket.max-read-size", "1B", "1KB..16MB"),
					new Problem("pingora.listeners[0].socket.write-buffer-low", "1MB",
							"<= write-buffer-high, which is 512KB"),
					new Problem("pingora.listeners[0].socket.user-timeout", "600h", "1ms..576h, or 0 for off"),
					new Problem("pingora.listeners[0].socket.dscp", "64", "0..63"),
					new Problem("pingora.listeners[0].socket.backlog", "0", "1..1048576"),
					new Problem("pingora.listeners[0].socket.mode", "rw",
							"three octal digits in quotes, such as \"0660\""),
					new Problem("pingora.upstream-defaults.socket.bind-to", "localhost", LocalAddress.SYNTAX),
					new Problem("pingora.upstream-defaults.socket.fast-open", "true",
							"false, or transport epoll or io_uring; nio does not have it"),
					new Problem("pingora.upstreams.u.socket.user-timeout", "30s",
							"0s, or transport epoll or io_uring; nio does not have it"));
	}

	@Test
	void mistakesAboutUnixDomainSocketsAreTold() {
		assertThat(problems("listeners[0].address", "unix:/run/p.sock", "listeners[0].port", "80",
				"listeners[0].socket.reuse-port", "true", "listeners[1].address", "unix:run.sock", "listeners[2].port",
				"81", "listeners[2].socket.mode", "0600"))
			.containsExactly(new Problem("pingora.listeners[0].port", "80", "not set: a Unix domain socket has none"),
					new Problem("pingora.listeners[0].socket.reuse-port", "true",
							"false: a Unix domain socket has no port"),
					new Problem("pingora.listeners[1].address", "unix:run.sock",
							"unix: and an absolute path of 100 octets at most, such as unix:/run/app.sock"),
					new Problem("pingora.listeners[2].socket.mode", "0600",
							"not set: only a Unix domain socket has one"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "unix:", "unix:app.sock", "unix:/run/", "unix://" })
	void malformedPathsOfBackendsAreRefused(String text) {
		assertThat(Address.ofHostAndPort(text)).isNull();
		assertThat(Address.ofUri(text)).isNull();
	}

}
