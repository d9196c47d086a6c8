package dev.pingora.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import dev.pingora.connector.PoolOptions;
import dev.pingora.connector.PoolStatus;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.OriginExchange;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.transport.Transport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Which idle connections are kept, and which of them serve again.
 */
@ExtendWith(EngineExtension.class)
class PoolTests {

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	/**
	 * Makes so many connections that are idle afterwards, in the order of their numbers.
	 */
	private static void makeIdle(ProxyServer server, RawOrigin origin, int count) {
		int before = (int) origin.requestCount();
		List<CountDownLatch> latches = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			latches.add(new CountDownLatch(1));
		}
		origin.on("/in-turn", (exchange) -> {
			exchange.await(latches.get((int) exchange.request().parameter("i", 0)));
			exchange.respond(200, String.valueOf(exchange.request().connection()));
		});
		List<RawClient> clients = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			clients.add(Proxies.connect(server).get("/in-turn?i=" + i));
			origin.awaitRequest(before + i + 1);
		}
		for (int i = 0; i < count; i++) {
			latches.get(i).countDown();
			clients.get(i).readResponse();
		}
		clients.forEach(RawClient::close);
		Await.until("nothing is active", () -> server.pools().stream().allMatch((pool) -> pool.active() == 0));
	}

	private static PoolOptions pool(int maxIdle) {
		return new PoolOptions(maxIdle, true, Duration.ofSeconds(5));
	}

	private static int connectionThatServes(RawClient client) {
		return Integer.parseInt(client.get("/which").readResponse().text());
	}

	private static void which(OriginExchange exchange) throws Exception {
		exchange.respond(200, String.valueOf(exchange.request().connection()));
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void beyondThePeersBoundTheLeastRecentlyUsedIsClosed(Transport transport) {
		this.origin.on("/which", PoolTests::which);
		try (ProxyServer server = Proxies.to(this.origin)
			.with((it) -> it.transport(transport))
			.peer((peer) -> peer.maxIdleConnections(3))
			.start(); RawClient client = Proxies.connect(server)) {
			makeIdle(server, this.origin, 5);
			assertThat(this.origin.awaitClosed(1)).isEqualTo(End.FIN);
			assertThat(this.origin.awaitClosed(2)).isEqualTo(End.FIN);
			Await.until("three are left", () -> this.origin.openConnections() == 3);
			assertThat(server.pools().get(0)).extracting(PoolStatus::idle, PoolStatus::active).containsExactly(3, 0);
			assertThat(connectionThatServes(client)).isEqualTo(5);
		}
	}

	@Test
	void totalBoundHoldsOverAllPeers() {
		try (RawOrigin other = RawOrigin.start();
				ProxyServer server = Proxies.to(this.origin.port(), other.port())
					.with((it) -> it.upstreamPool(pool(1)))
					.start();
				RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			client.get("/hello").readResponse();
			Await.until("one is left", () -> this.origin.openConnections() + other.openConnections() == 1
					&& server.pools().stream().mapToInt(PoolStatus::idle).sum() == 1);
			assertThat(this.origin.awaitClosed(1)).isEqualTo(End.FIN);
		}
	}

	@Test
	void totalBoundHoldsOverAllLoops() {
		try (ProxyServer server = Proxies.to(this.origin).with((it) -> it.threads(3).upstreamPool(pool(4))).start()) {
			makeIdle(server, this.origin, 12);
			Await.until("four are left", () -> this.origin.openConnections() <= 4);
			assertThat(server.pools().get(0).idle()).isBetween(1, 4);
		}
	}

	@Test
	void boundOfNothingKeepsNone() {
		try (ProxyServer server = Proxies.to(this.origin).with((it) -> it.upstreamPool(pool(0))).start();
				RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			assertThat(this.origin.awaitClosed(1)).isEqualTo(End.FIN);
		}
	}

	@Test
	void impossibleBoundIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> pool(-1)).withMessage("maxIdle: -1 (expected: >= 0)");
		assertThatIllegalArgumentException().isThrownBy(() -> new PoolOptions(1, true, Duration.ZERO))
			.withMessage("borrowTimeout: PT0S (expected: 1 ms..1 min)");
	}

	@Test
	void mostRecentlyUsedServesFirstAndTheOthersGrowOldAndGo() {
		Await.onSomeScale((time) -> {
			try (RawOrigin origin = RawOrigin.start().on("/which", PoolTests::which);
					ProxyServer server = Proxies.to(origin).peer((peer) -> peer.idleTimeout(time)).start();
					RawClient client = Proxies.connect(server)) {
				makeIdle(server, origin, 3);
				while (origin.openConnections() > 1) {
					int serving = connectionThatServes(client);
					if (serving > 3) { // the third was too old, too
						return false;
					}
					assertThat(serving).isEqualTo(3);
				}
				if (origin.ended(3) != End.OPEN) {
					return false;
				}
				assertThat(origin.awaitClosed(3)).isEqualTo(End.FIN);
				Await.until("the pool is empty", () -> server.pools().get(0).idle() == 0);
				return true;
			}
		});
	}

	static Stream<Transport> transportsThatCanTell() {
		return Proxies.transports().filter((transport) -> transport != Transport.NIO);
	}

	@ParameterizedTest
	@MethodSource("transportsThatCanTell")
	void postIsNotSentOnAnOldConnectionWhoseEndTheLoopHasNotHeardOfYet(Transport transport) {
		CountDownLatch posted = new CountDownLatch(1);
		CountDownLatch ended = new CountDownLatch(1);
		this.origin.on("/dies", (exchange) -> {
			exchange.respond(200, "dies");
			exchange.await(posted);
			exchange.pause(Duration.ofMillis(150));
			exchange.finish();
			ended.countDown();
		});
		ProxyFilter holdTheLoop = new ProxyFilter() {
			@Override
			public Outcome requestFilter(Session session) {
				if (session.request().method().equals("POST")) {
					posted.countDown();
					Await.until("the end", () -> ended.getCount() == 0);
				}
				return Outcome.CONTINUE;
			}
		};
		try (ProxyServer server = Proxies.to(this.origin)
			.with((it) -> it.transport(transport))
			.filter(holdTheLoop)
			.start(); RawClient client = Proxies.connect(server)) {
			client.get("/dies").readResponse();
			client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
			assertThat(client.readResponse().text()).isEqualTo("hi");
			assertThat(this.origin.requestCount()).isEqualTo(2);
		}
	}

}
