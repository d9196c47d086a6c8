package dev.pingora.server;

import java.util.List;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import dev.pingora.upstream.HttpPeer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The thinnest way through the engine: one listener, one origin, one filter.
 */
@ExtendWith(EngineExtension.class)
class WalkingSkeletonTests {

	static class PanickingFilter implements ProxyFilter {

		@Override
		public Outcome requestFilter(Session session) {
			if (session.request().hasHeader("x-panic")) {
				throw new IllegalStateException("a bug");
			}
			return Outcome.CONTINUE;
		}

	}

	@Test
	void panicResetsItsOwnClientAndTheNextRequestIsServed() throws Exception {
		try (RawOrigin origin = RawOrigin.start();
				ProxyServer server = ProxyServer.builder()
					.listener(ListenerOptions.of("http", "127.0.0.1", 0))
					.threads(1)
					.router((request, trace) -> route(origin))
					.build()
					.start()) {
			try (RawClient client = RawClient.connect(server.port("http"))) {
				client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
				RawResponse response = client.readResponse();
				assertThat(response.status()).isEqualTo(200);
				client.send("GET /hello HTTP/1.1\r\nHost: a\r\nX-Panic: yes\r\n\r\n");
				assertThat(client.awaitEnd()).isEqualTo(End.RESET);
			}
			try (RawClient client = RawClient.connect(server.port("http"))) {
				client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
				assertThat(client.readResponse().text()).isEqualTo("hello");
			}
			assertThat(server.isolation().totals().total()).isEqualTo(1);
		}
	}

	private static Route route(RawOrigin origin) {
		return Route.of("r", List.of(NamedFilter.of(new PanickingFilter())),
				Upstream.of("u", List.of(Backend.of(HttpPeer.of("localhost", origin.port())))));
	}

}
