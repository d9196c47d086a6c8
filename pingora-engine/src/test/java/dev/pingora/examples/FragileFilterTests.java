package dev.pingora.examples;

import java.util.List;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.PanicTotals;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.Session;
import dev.pingora.server.ListenerOptions;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.upstream.HttpPeer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

// fails a test that leaks a buffer, a connection, a thread
@ExtendWith(EngineExtension.class)
class FragileFilterTests {

	static class FragileFilter implements ProxyFilter {

		@Override
		public void responseFilter(Session session, ResponseHeader response) {
			throw new IllegalStateException("a mistake");
		}

	}

	@AutoClose
	private final RawOrigin origin = RawOrigin.start(); // answers /hello

	@AutoClose
	private final ProxyServer server = ProxyServer.builder()
		.listener(ListenerOptions.of("http", "127.0.0.1", 0))
		.router((request, trace) -> route())
		.threads(1)
		.build()
		.start();

	private Route route() {
		return Route.of("r", List.of(NamedFilter.of("fragile", new FragileFilter())),
				Upstream.of("u", List.of(Backend.of(HttpPeer.of("127.0.0.1", this.origin.port())))));
	}

	@Test
	void mistakeResetsItsOwnClientAndIsCounted() {
		try (RawClient client = RawClient.connect(this.server.port("http"))) {
			assertThat(client.get("/hello").awaitEnd()).isEqualTo(End.RESET);
		}
		PanicTotals.Key site = new PanicTotals.Key("responseFilter", "fragile", "r");
		assertThat(this.server.isolation().totals().total(site)).isEqualTo(1);
	}

}
