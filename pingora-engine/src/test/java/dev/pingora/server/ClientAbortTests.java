package dev.pingora.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RequestOutcome;
import dev.pingora.event.RequestSummary;
import dev.pingora.http.ResponseHeader;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.transport.Transport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A client that goes away ends its request at once, with a FIN, also of its sending side
 * alone, as with a reset; and the upstream is told.
 */
@ExtendWith(EngineExtension.class)
class ClientAbortTests {

	/** The bound within which the origin is told. */
	private static final Duration SOON = Duration.ofSeconds(3);

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private final List<RawClient> clients = new ArrayList<>();

	private final BlockingQueue<RequestSummary> finished = new LinkedBlockingQueue<>();

	/** How a client goes away. */
	enum Leaving {

		FIN, HALF, RESET;

		void leave(RawClient client) {
			switch (this) {
				case FIN -> client.close();
				case HALF -> client.shutdownOutput();
				case RESET -> client.abort();
			}
		}

	}

	private RawClient connect(ProxyServer server) {
		RawClient client = Proxies.connect(server);
		this.clients.add(client);
		return client;
	}

	@AfterEach
	void closeClients() {
		this.clients.forEach(RawClient::close);
	}

	static Stream<Arguments> ways() {
		return Proxies.transports()
			.flatMap((transport) -> Stream.of(Leaving.values()).map((leaving) -> Arguments.of(transport, leaving)));
	}

	private final class Noting implements ProxyListener {

		@Override
		public void requestFinished(FinishedRequest request) {
			ClientAbortTests.this.finished.add(request.summary());
		}

	}

	private Proxies proxies(Transport transport, int... ports) {
		return Proxies.to((ports.length > 0) ? ports : new int[] { this.origin.port() })
			.with((it) -> it.transport(transport).proxyListener(new Noting()));
	}

	private void assertAborted(ProxyServer server) throws InterruptedException {
		RequestSummary summary = this.finished.poll(SOON.toMillis(), TimeUnit.MILLISECONDS);
		assertThat(summary).isNotNull();
		assertThat(summary.outcome()).isEqualTo(RequestOutcome.ABORTED);
		assertThat(this.finished).isEmpty();
		assertThat(server.isolation().totals().total()).isZero();
		Await.until("no request", () -> server.activeRequests() == 0);
		Await.until("no connection", () -> server.listeners().get(0).connections() == 0);
	}

	private void assertUpstreamIsTold() {
		assertThat(this.origin.awaitClosed(1, SOON)).isNotEqualTo(End.OPEN);
	}

	@ParameterizedTest
	@MethodSource("ways")
	void clientThatLeavesWhileItWaits(Transport transport, Leaving leaving) throws Exception {
		try (ProxyServer server = proxies(transport).start()) {
			RawClient client = connect(server).get("/hang");
			this.origin.awaitRequest(1);
			leaving.leave(client);
			assertUpstreamIsTold();
			assertAborted(server);
		}
	}

	@ParameterizedTest
	@MethodSource("ways")
	void clientThatLeavesWhileItsResponseStreams(Transport transport, Leaving leaving) throws Exception {
		try (ProxyServer server = proxies(transport).start()) {
			RawClient client = connect(server).get("/bytes?n=200000000");
			client.readHead();
			client.read(100_000);
			leaving.leave(client);
			assertUpstreamIsTold();
			assertAborted(server);
		}
	}

	/**
	 * Many in turn, for with io_uring one in ten was not noticed: its response's last
	 * piece is tried again and again then, and can't be cancelled meanwhile.
	 */
	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void manyClientsThatEndTheirSidesWhileTheirResponsesStream(Transport transport) throws Exception {
		try (ProxyServer server = proxies(transport).start()) {
			for (int i = 0; i < 40; i++) {
				RawClient client = connect(server).get("/bytes?n=200000000");
				client.readHead();
				client.read(100_000);
				client.shutdownOutput();
				assertAborted(server);
			}
		}
	}

	@ParameterizedTest
	@MethodSource("ways")
	void clientThatLeavesWhileItSends(Transport transport, Leaving leaving) throws Exception {
		try (ProxyServer server = proxies(transport).start()) {
			RawClient client = connect(server);
			client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhello");
			this.origin.awaitRequest(1);
			leaving.leave(client);
			assertUpstreamIsTold();
			assertAborted(server);
			assertThat(this.origin.awaitRequest(1).content().isComplete()).isFalse();
		}
	}

	static Stream<Arguments> waysThatAreToldWithoutReading() {
		return ways().filter((way) -> way.get()[0] != Transport.NIO);
	}

	/**
	 * What it has sent ahead fills the proxy, which reads no more. NIO tells of an end
	 * only whoever reads.
	 */
	@ParameterizedTest
	@MethodSource("waysThatAreToldWithoutReading")
	void clientThatLeavesWhileTheProxyDoesNotRead(Transport transport, Leaving leaving) throws Exception {
		try (ProxyServer server = proxies(transport).start()) {
			RawClient client = connect(server).get("/hang");
			this.origin.awaitRequest(1);
			byte[] ahead = Octets.latin1("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n".repeat(3_000));
			client.send(ahead);
			roundTrip(server);
			leaving.leave(client);
			assertUpstreamIsTold();
			assertAborted(server);
		}
	}

	private void roundTrip(ProxyServer server) throws InterruptedException {
		for (int i = 0; i < 3; i++) {
			try (RawClient other = Proxies.connect(server)) {
				assertThat(other.get("/hello").readResponse().text()).isEqualTo("hello");
			}
			assertThat(this.finished.poll(10, TimeUnit.SECONDS)).isNotNull();
		}
	}

	/** Blocks behind the upstream's head, and does not care for interrupts. */
	private static final class Stubborn implements ProxyFilter {

		private final CountDownLatch entered = new CountDownLatch(1);

		private final CountDownLatch gate = new CountDownLatch(1);

		private final CountDownLatch interrupted = new CountDownLatch(1);

		@Override
		@Blocking
		public void responseFilter(Session session, ResponseHeader response) {
			this.entered.countDown();
			while (this.gate.getCount() > 0) {
				try {
					assertThat(this.gate.await(10, TimeUnit.SECONDS)).isTrue();
				}
				catch (InterruptedException ex) {
					this.interrupted.countDown();
				}
			}
		}

	}

	@ParameterizedTest
	@MethodSource("ways")
	void clientThatLeavesWhileACallBlocks(Transport transport, Leaving leaving) throws Exception {
		this.origin.on("/head", (exchange) -> {
			exchange.head(200, "Content-Length: 10");
			exchange.hang();
		});
		Stubborn filter = new Stubborn();
		try (ProxyServer server = proxies(transport).filter(filter).start()) {
			RawClient client = connect(server).get("/head");
			assertThat(filter.entered.await(10, TimeUnit.SECONDS)).isTrue();
			leaving.leave(client);
			assertUpstreamIsTold();
			assertThat(filter.interrupted.await(10, TimeUnit.SECONDS)).isTrue();
			assertThat(this.finished).isEmpty();
			filter.gate.countDown();
			assertAborted(server);
		}
	}

	@ParameterizedTest
	@MethodSource("ways")
	void clientThatLeavesWhileTheProxyDials(Transport transport, Leaving leaving) throws Exception {
		try (FullBacklog full = new FullBacklog();
				ProxyServer server = proxies(transport, full.port())
					.peer((it) -> it.connectTimeout(Duration.ofSeconds(60)))
					.start()) {
			RawClient client = connect(server).get("/hello");
			Await.until("a request", () -> server.activeRequests() == 1);
			leaving.leave(client);
			assertAborted(server);
			assertThat(server.pools()).allMatch((pool) -> pool.active() == 0);
		}
	}

}
