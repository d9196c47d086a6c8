package dev.pingora.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

import dev.pingora.connector.PoolOptions;
import dev.pingora.connector.PoolStatus;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.OriginExchange;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import dev.pingora.transport.SocketOptions;
import dev.pingora.transport.Transport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Requests of one event loop on the idle connections of another.
 */
@ExtendWith(EngineExtension.class)
class CrossLoopReuseTests {

	private static final int LOOPS = 4;

	private final Set<String> loops = ConcurrentHashMap.newKeySet();

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	/**
	 * Connections of clients are spread over the loops by turns. Loops wait for each
	 * other for longer than a busy machine holds them.
	 */
	private Proxies proxies() {
		PoolOptions patient = new PoolOptions(100, true, Duration.ofSeconds(5));
		return Proxies.to(this.origin).with((it) -> it.threads(LOOPS).upstreamPool(patient)).filter(new ProxyFilter() {
			@Override
			public Outcome requestFilter(Session session) {
				CrossLoopReuseTests.this.loops.add(Thread.currentThread().getName());
				return Outcome.CONTINUE;
			}
		});
	}

	private static List<RawClient> clients(ProxyServer server) {
		List<RawClient> clients = new ArrayList<>();
		for (int i = 0; i < LOOPS; i++) {
			clients.add(Proxies.connect(server));
		}
		return clients;
	}

	private static void awaitIdle(ProxyServer server, int idle) {
		Await.until("so many are idle: " + idle, () -> server.pools().get(0).idle() == idle);
	}

	private PoolStatus askFromEachLoop(ProxyServer server, int rounds) {
		List<RawClient> clients = clients(server);
		for (int round = 0; round < rounds; round++) {
			for (RawClient client : clients) {
				assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
				Await.until("nothing is active", () -> server.pools().get(0).active() == 0);
			}
		}
		clients.forEach(RawClient::close);
		assertThat(this.loops).hasSize(LOOPS);
		return server.pools().get(0);
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void loopsShareAConnectionIfOneIsEnough(Transport transport) {
		try (ProxyServer server = proxies().with((it) -> it.transport(transport)).start()) {
			PoolStatus pool = askFromEachLoop(server, 5);
			assertThat(pool.connects()).isOne();
			assertThat(pool.reuses()).isEqualTo(19);
			assertThat(pool.borrows()).isEqualTo(15);
			assertThat(this.origin.acceptedConnections()).isOne();
		}
	}

	@Test
	void withoutSharingEachLoopMakesItsOwn() {
		try (ProxyServer server = proxies()
			.with((it) -> it.upstreamPool(new PoolOptions(100, false, Duration.ofSeconds(5))))
			.start()) {
			PoolStatus pool = askFromEachLoop(server, 5);
			assertThat(pool.connects()).isEqualTo(LOOPS);
			assertThat(pool.borrows()).isZero();
		}
	}

	@Test
	void bodiesCrossLoopsInBothDirections() {
		byte[] body = Octets.pattern(700_000);
		try (ProxyServer server = proxies().start()) {
			List<RawClient> clients = clients(server);
			for (RawClient client : clients) {
				client
					.sendInBackground(Octets.latin1("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 700000\r\n\r\n"))
					.thenCompose((sent) -> client.sendInBackground(body));
				assertThat(client.readResponse().body()).isEqualTo(body);
				awaitIdle(server, 1);
			}
			clients.forEach(RawClient::close);
			assertThat(this.origin.acceptedConnections()).isOne();
		}
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void staleConnectionOfAnotherLoopIsNotNoticed(Transport transport) {
		this.origin.on("/once", (exchange) -> {
			if (exchange.request().order() > 1) {
				exchange.reset();
			}
			else {
				exchange.respond(200, "once");
			}
		});
		try (ProxyServer server = proxies().with((it) -> it.transport(transport))
			.peer((peer) -> peer.maxConnections(1))
			.start()) {
			List<RawClient> clients = clients(server);
			for (RawClient client : clients) {
				assertThat(client.get("/once").readResponse().text()).isEqualTo("once");
				awaitIdle(server, 1);
			}
			clients.forEach(RawClient::close);
			assertThat(server.pools().get(0).connects()).isEqualTo(LOOPS);
		}
	}

	@Test
	void clientThatGoesWhileItsRequestIsOnAnotherLoopTakesTheConnectionWithIt() {
		this.origin.on("/hang", OriginExchange::hang);
		try (ProxyServer server = proxies().start()) {
			List<RawClient> clients = clients(server);
			clients.get(0).get("/hello").readResponse();
			awaitIdle(server, 1);
			clients.get(1).get("/hang");
			this.origin.awaitRequest(2);
			clients.get(1).abort();
			assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
			assertThat(clients.get(2).get("/hello").readResponse().text()).isEqualTo("hello");
			clients.forEach(RawClient::close);
		}
	}

	@Test
	void loopThatIsHeldDelaysNobodyWhoWouldBorrowFromIt() {
		HeldLoop held = new HeldLoop();
		try (ProxyServer server = proxies().filter(held)
			.with((it) -> it.upstreamPool(PoolOptions.defaults()))
			.start()) {
			List<RawClient> clients = clients(server);
			clients.get(0).get("/hello").readResponse();
			awaitIdle(server, 1);
			clients.get(0).get(HeldLoop.TARGET);
			held.await();
			assertThat(clients.get(1).get("/hello").readResponse().text()).isEqualTo("hello");
			assertThat(held.isHeld()).isTrue();
			held.release();
			assertThat(clients.get(0).readResponse().text()).isEqualTo("hello");
			clients.forEach(RawClient::close);
		}
	}

	/** What a client uploads must not pile up in front of the lender. */
	@Test
	void loopThatIsHeldTakesNoMoreThanAWindow() throws IOException {
		HeldLoop held = new HeldLoop();
		byte[] body = Octets.pattern(8_000_000);
		SocketOptions small = SocketOptions.downstream().toBuilder().receiveBuffer(64 * 1024).build();
		try (ProxyServer server = proxies().filter(held).listener((it) -> it.socket(small)).start();
				RawClient lending = Proxies.connect(server);
				RawClient uploading = connectWithSmallBuffer(server)) {
			lending.get("/hello").readResponse();
			awaitIdle(server, 1);
			uploading.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n");
			this.origin.awaitRequest(2);
			assertThat(server.pools().get(0).borrows()).isOne();
			lending.get(HeldLoop.TARGET);
			held.await();
			CompletableFuture<Void> sent = uploading.sendInBackground(body);
			assertThat(Await.poll(Duration.ofSeconds(1), sent::isDone)).isFalse();
			held.release();
			assertThat(uploading.readResponse().body()).isEqualTo(body);
			assertThat(lending.readResponse().text()).isEqualTo("hello");
			assertThat(this.origin.acceptedConnections()).isLessThanOrEqualTo(2);
		}
	}

	private static RawClient connectWithSmallBuffer(ProxyServer server) throws IOException {
		Socket socket = new Socket();
		socket.setSendBufferSize(64 * 1024);
		socket.connect(new InetSocketAddress("127.0.0.1", server.port("http")));
		return RawClient.over(socket);
	}

	@Test
	void limitIsMetByBorrowingBeforeItIsMetByRefusing() {
		CountDownLatch both = new CountDownLatch(1);
		this.origin.on("/hold", (exchange) -> {
			exchange.await(both);
			exchange.respond(200, "held");
		});
		try (ProxyServer server = proxies().peer((peer) -> peer.maxConnections(2)).start()) {
			List<RawClient> clients = clients(server);
			clients.get(0).get("/hello").readResponse();
			awaitIdle(server, 1);
			clients.get(0).get("/hold");
			this.origin.awaitRequest(2);
			assertThat(clients.get(1).get("/hello").readResponse().status()).isEqualTo(200);
			awaitIdle(server, 1);
			assertThat(clients.get(2).get("/hello").readResponse().status()).isEqualTo(200);
			awaitIdle(server, 1);
			clients.get(1).get("/hold");
			this.origin.awaitRequest(5);
			RawResponse refused = clients.get(3).get("/hello").readResponse();
			assertThat(refused.status()).isEqualTo(503);
			both.countDown();
			assertThat(clients.get(0).readResponse().text()).isEqualTo("held");
			assertThat(clients.get(1).readResponse().text()).isEqualTo("held");
			clients.forEach(RawClient::close);
			assertThat(this.origin.acceptedConnections()).isEqualTo(2);
		}
	}

	// RFC 9110 section 7.6.1: what the client nominates is for this hop, on whatever loop
	// the request goes on.
	@Test
	void nominatedFieldsDoNotCrossLoops() {
		try (ProxyServer server = proxies().start()) {
			List<RawClient> clients = clients(server);
			for (RawClient client : clients) {
				client.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: X-Hop\r\nX-Hop: 1\r\nX-Kept: 1\r\n\r\n");
				assertThat(client.readResponse().text()).isEqualTo("hello");
				Await.until("nothing is active", () -> server.pools().get(0).active() == 0);
			}
			clients.forEach(RawClient::close);
			assertThat(server.pools().get(0).borrows()).isEqualTo(3);
			assertThat(this.origin.requests()).allSatisfy((request) -> {
				assertThat(request.headers().has("x-kept")).isTrue();
				assertThat(request.headers().has("x-hop")).isFalse();
			});
		}
	}

	// That the upstream's connection ends is no matter of the client's.
	@Test
	void closeOfTheUpstreamDoesNotCrossLoops() {
		this.origin.on("/closing", (exchange) -> exchange.respond(200, "bye", "Connection: close, X-Hop", "X-Hop: 1"));
		try (ProxyServer server = proxies().start()) {
			List<RawClient> clients = clients(server);
			for (RawClient client : clients) {
				assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
				awaitIdle(server, 1);
				RawResponse closing = client.get("/closing").readResponse();
				assertThat(closing.headers().has("connection")).isFalse();
				assertThat(closing.headers().has("x-hop")).isFalse();
				assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
				awaitIdle(server, 1);
			}
			clients.forEach(RawClient::close);
		}
	}

}
