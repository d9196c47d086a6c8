package dev.pingora.examples;

import java.util.List;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.forwarding.ForwardedOptions;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.Session;
import dev.pingora.server.ListenerOptions;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.OriginRequest;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.upstream.HttpPeer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(EngineExtension.class)
class BehindALoadBalancerTests {

	static class Banned implements ProxyFilter {

		@Override
		public Outcome requestFilter(Session session) {
			boolean banned = session.clientAddress().toString().contains("203.0.113.66");
			return banned ? session.respond(403) : Outcome.CONTINUE;
		}

	}

	@AutoClose
	private final RawOrigin origin = RawOrigin.start(); // answers /hello

	@AutoClose
	private final ProxyServer server = ProxyServer.builder()
		.listener(ListenerOptions.of("http", "127.0.0.1", 0))
		.downstream(DownstreamOptions.builder()
			.forwarded(ForwardedOptions.builder().trustedProxies("127.0.0.1", "10.0.0.0/8").build())
			.build())
		.router((request, trace) -> route())
		.threads(1)
		.build()
		.start();

	private Route route() {
		return Route.of("r", List.of(NamedFilter.of("banned", new Banned())),
				Upstream.of("u", List.of(Backend.of(HttpPeer.of("127.0.0.1", this.origin.port())))));
	}

	// As a load balancer at 127.0.0.1 would send it.
	private int get(String forwardedFor) {
		try (RawClient balancer = RawClient.connect(this.server.port("http"))) {
			return balancer
				.send("GET /hello HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-Proto: https\r\n" + "X-Forwarded-For: "
						+ forwardedFor + "\r\n\r\n")
				.readResponse()
				.status();
		}
	}

	@Test
	void originLearnsOfTheClientAndOfEveryProxy() {
		assertThat(get("203.0.113.7, 10.0.0.1")).isEqualTo(200);
		OriginRequest request = this.origin.awaitRequest(1);
		assertThat(request.header("X-Forwarded-For")).isEqualTo("203.0.113.7, 10.0.0.1, 127.0.0.1");
		assertThat(request.header("X-Forwarded-Proto")).isEqualTo("https");
		assertThat(request.header("X-Forwarded-Host")).isEqualTo("shop.example");
	}

	@Test
	void clientCanNotHideBehindWhatItMadeUp() {
		assertThat(get("198.51.100.1, 203.0.113.66, 10.0.0.1")).isEqualTo(403);
		assertThat(get("<nobody>, 203.0.113.66")).isEqualTo(403);
	}

}
