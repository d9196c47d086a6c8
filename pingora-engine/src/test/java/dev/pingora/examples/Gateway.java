package dev.pingora.examples;

import java.time.Duration;
import java.util.List;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.Route;
import dev.pingora.route.RequestPredicates;
import dev.pingora.route.RouteFilters;
import dev.pingora.route.RouteIndex;
import dev.pingora.route.RouteRule;
import dev.pingora.server.ListenerOptions;
import dev.pingora.server.ProxyServer;
import dev.pingora.upstream.HttpPeer;

final class Gateway {

	private Gateway() {
	}

	static ProxyServer build(int port, HttpPeer... peers) {
		List<Backend> backends = List.of(peers).stream().map(Backend::of).toList();
		Route orders = Route.of("orders",
				List.of(NamedFilter.of("apiKey", new ApiKeyFilter()), RouteFilters.stripPrefix(1)),
				Upstream.of("orders", backends));
		return ProxyServer.builder()
			.listener(ListenerOptions.of("http", "127.0.0.1", port))
			.router(RouteIndex.of(RouteRule.of(orders, RequestPredicates.path("/orders/**"))))
			.build();
	}

	public static void main(String[] args) {
		ProxyServer server = build(8080, HttpPeer.of("127.0.0.1", 9001), HttpPeer.of("127.0.0.1", 9002)).start();
		Runtime.getRuntime().addShutdownHook(new Thread(() -> server.drain(Duration.ofSeconds(20))));
	}

}
