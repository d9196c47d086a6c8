package dev.pingora.autoconfigure.metrics;

import java.net.Socket;
import java.util.List;

import dev.pingora.protocol.ClosingLimit;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.RawClient;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * The meters of what a server holds tell what they say, each its own.
 */
class ServerMetersTests {

	@AutoClose
	private final MeteredGateway gateway = MeteredGateway.start("pingora.threads=2",
			"pingora.upstream-pool.borrow-timeout=5s", "pingora.listeners[0].max-connections=1",
			"pingora.listeners[1].name=fair", "pingora.listeners[1].address=127.0.0.1", "pingora.listeners[1].port=0",
			"pingora.listeners[1].max-connections-per-address=1",
			"pingora.listeners[1].unlimited-addresses=192.0.2.0/24", "pingora.listeners[2].name=free",
			"pingora.listeners[2].address=127.0.0.1", "pingora.listeners[2].port=0",
			"pingora.downstream.limits.max-keepalive-requests=10");

	private double gauge(String name) {
		return this.gateway.registry().get(name).gauge().value();
	}

	private double count(String name, String... tags) {
		return this.gateway.registry().get(name).tags(tags).functionCounter().count();
	}

	private RawClient connect(String listener) {
		return RawClient.connect(this.gateway.server().port(listener));
	}

	private static void assertServed(RawClient client) {
		assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
	}

	@Test
	void pausesOfAcceptingAreCountedByListener() {
		try (RawClient first = connect("http"); RawClient other = connect("free")) {
			assertServed(first);
			assertServed(other);
			Await.until("it pauses", () -> count("pingora.downstream.accept.pauses", "listener", "http") == 1);
			for (String listener : List.of("fair", "free")) {
				assertThat(count("pingora.downstream.accept.pauses", "listener", listener)).isZero();
				assertThat(count("pingora.downstream.connections.rejected", "listener", listener)).isZero();
			}
			assertThat(count("pingora.downstream.connections.rejected", "listener", "http")).isZero();
		}
	}

	@Test
	void clientsWhoHaveEnoughAreCountedByListener() {
		try (RawClient first = connect("fair")) {
			assertServed(first);
			for (int i = 0; i < 3; i++) {
				assertReset();
			}
			Await.until("they are counted", () -> count("pingora.downstream.connections.rejected", "listener", "fair",
					"reason", "per_address") == 3);
			for (String listener : List.of("http", "free")) {
				assertThat(count("pingora.downstream.connections.rejected", "listener", listener)).isZero();
				assertThat(count("pingora.downstream.accept.pauses", "listener", listener)).isZero();
			}
			assertThat(count("pingora.downstream.accept.pauses", "listener", "fair")).isZero();
		}
	}

	// The reset may come before the client has had a look at its socket.
	private void assertReset() {
		assertThatIOException().isThrownBy(() -> {
			try (Socket socket = new Socket("127.0.0.1", this.gateway.server().port("fair"))) {
				socket.getInputStream().read();
			}
		}).withMessageContaining("Connection reset");
	}

	@Test
	void tunnelsAreToldFromOtherRequests() {
		this.gateway.origin.on("/hello", (exchange) -> {
			if (exchange.request().headers().has("upgrade")) {
				exchange.interim(101, "Connection: upgrade", "Upgrade: websocket");
			}
			exchange.hang();
		});
		try (RawClient tunnel = connect("free"); RawClient one = connect("free"); RawClient two = connect("free")) {
			one.get("/hello");
			two.get("/hello");
			tunnel.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
			assertThat(tunnel.readHead().status()).isEqualTo(101);
			Await.until("all are there", () -> gauge("pingora.requests.active") == 3);
			assertThat(gauge("pingora.tunnels.active")).isEqualTo(1);
			tunnel.abort();
			Await.until("the tunnel is gone", () -> gauge("pingora.tunnels.active") == 0);
			one.abort();
			two.abort();
		}
	}

	@Test
	void reusesOfAnotherLoopsConnectionsAreCountedAmongTheReuses() {
		String peer = "127.0.0.1:" + this.gateway.origin.port();
		try (RawClient here = connect("free"); RawClient there = connect("free")) {
			for (RawClient client : List.of(here, here, here, there)) {
				assertServed(client);
				Await.until("the connection is idle",
						() -> this.gateway.server().pools().stream().noneMatch((pool) -> pool.active() > 0));
			}
			Await.until("all is counted", () -> count("pingora.upstream.reuses", "peer", peer) == 3);
			assertThat(count("pingora.upstream.borrows", "peer", peer)).isEqualTo(1);
			assertThat(count("pingora.upstream.connects", "peer", peer)).isEqualTo(1);
		}
	}

	@Test
	void connectionsThatLimitsCloseAreCountedByListenerAndLimit() {
		for (String listener : List.of("free", "fair", "free")) {
			try (RawClient client = connect(listener)) {
				for (int i = 0; i < 10; i++) {
					assertServed(client);
				}
				assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			}
		}
		ClosingLimit met = ClosingLimit.MAX_KEEPALIVE_REQUESTS;
		Await.until("they are counted", () -> closed("free", met) == 2 && closed("fair", met) == 1);
		for (ClosingLimit limit : ClosingLimit.values()) {
			assertThat(closed("http", limit)).isZero();
			assertThat(closed("free", limit)).isEqualTo((limit == met) ? 2 : 0);
			assertThat(closed("fair", limit)).isEqualTo((limit == met) ? 1 : 0);
		}
	}

	private double closed(String listener, ClosingLimit limit) {
		return count("pingora.downstream.connections.closed", "listener", listener, "reason", limit.tag());
	}

}
