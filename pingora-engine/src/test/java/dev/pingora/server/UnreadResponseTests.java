package dev.pingora.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * No request is there, but the client has not read the last response yet: it gets all of
 * it.
 */
@ExtendWith(EngineExtension.class)
class UnreadResponseTests {

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	/** Of so many sizes, one fills the sockets and leaves something to the proxy. */
	private static List<RawClient> slowClients(ProxyServer server) {
		List<RawClient> clients = new ArrayList<>();
		for (int i = 1; i <= 40; i++) {
			RawClient client = RawClient.connect("127.0.0.1", server.port("http"), 4096);
			clients.add(client.get("/bytes?n=" + size(i)));
		}
		clients.forEach(RawClient::readHead);
		return clients;
	}

	private static int size(int number) {
		return number * 75_000;
	}

	private static void assertWhole(List<RawClient> clients) {
		int number = 0;
		for (RawClient client : clients) {
			number++;
			assertThat(client.patience(Duration.ofSeconds(20)).read(size(number)))
				.isEqualTo(Octets.pattern(size(number)));
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
		}
	}

	private static void awaitStill(ProxyServer server) {
		int[] last = { -1 };
		long[] since = { System.nanoTime() };
		Await.until("requests that stand still", () -> {
			int now = server.activeRequests();
			if (now != last[0]) {
				last[0] = now;
				since[0] = System.nanoTime();
			}
			return System.nanoTime() - since[0] > Duration.ofMillis(150).toNanos();
		});
	}

	@Test
	void drainLetsSlowClientsReadToTheEnd() {
		List<RawClient> clients = List.of();
		try (ProxyServer server = Proxies.to(this.origin).start(); RawClient idle = Proxies.connect(server)) {
			idle.get("/hello").readResponse();
			clients = slowClients(server);
			awaitStill(server);
			CompletableFuture<Integer> drained = CompletableFuture
				.supplyAsync(() -> server.drain(Duration.ofSeconds(60)));
			assertThat(idle.awaitEnd()).isEqualTo(End.FIN);
			assertWhole(clients);
			assertThat(drained.join()).isZero();
		}
		finally {
			clients.forEach(RawClient::close);
		}
	}

	@Test
	void idleTimeoutLetsSlowClientsReadToTheEnd() {
		List<RawClient> clients = List.of();
		try (ProxyServer server = Proxies.to(this.origin)
			.downstream((it) -> it.idleTimeout(Duration.ofMillis(200)))
			.start()) {
			clients = slowClients(server);
			awaitStill(server);
			for (int i = 0; i < 2; i++) {
				try (RawClient idle = Proxies.connect(server)) {
					idle.get("/hello").readResponse();
					assertThat(idle.awaitEnd()).isEqualTo(End.FIN);
				}
			}
			assertWhole(clients);
		}
		finally {
			clients.forEach(RawClient::close);
		}
	}

}
