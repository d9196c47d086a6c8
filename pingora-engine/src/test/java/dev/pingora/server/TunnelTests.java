package dev.pingora.server;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RequestOutcome;
import dev.pingora.event.RequestSummary;
import dev.pingora.http.BodyChunk;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.protocol.UpgradeOptions;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.RequestEnd;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawResponse;
import dev.pingora.transport.Buffers;
import dev.pingora.transport.Transport;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.channel.EventLoop;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Connections that speak another protocol after a 101: what passes through, and how it
 * ends.
 */
@ExtendWith(EngineExtension.class)
class TunnelTests {

	static final String ASKED = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

	private static final int LARGE = 20_000_000;

	@AutoClose
	private final TunnelOrigin origin = new TunnelOrigin();

	private final Queue<RequestSummary> finished = new ConcurrentLinkedQueue<>();

	private Proxies proxies() {
		return Proxies.to(this.origin.port()).with((it) -> it.proxyListener(new ProxyListener() {

			@Override
			public void requestFinished(FinishedRequest request) {
				TunnelTests.this.finished.add(request.summary());
			}

		}));
	}

	private static Proxies with(Proxies proxies, UpgradeOptions options) {
		return proxies.downstream((it) -> it.upgrade(options));
	}

	private RequestSummary awaitFinished() {
		Await.until("the end of the request", () -> !this.finished.isEmpty());
		return this.finished.remove();
	}

	/** Two ends of a tunnel. */
	private record Ends(RawClient client, RawClient peer) implements AutoCloseable {

		private void echo(byte[] octets) {
			CompletableFuture<Void> asked = this.client.sendInBackground(octets);
			assertThat(this.peer.read(octets.length)).isEqualTo(octets);
			asked.join();
			CompletableFuture<Void> answered = this.peer.sendInBackground(octets);
			assertThat(this.client.read(octets.length)).isEqualTo(octets);
			answered.join();
		}

		@Override
		public void close() {
			this.client.close();
			this.peer.close();
		}

	}

	private Ends tunnel(ProxyServer server) {
		RawClient client = Proxies.connect(server).send(ASKED);
		RawClient peer = this.origin.accept();
		TunnelOrigin.head(peer);
		peer.send(TunnelOrigin.AGREED);
		assertThat(client.readHead().status()).isEqualTo(101);
		return new Ends(client, peer);
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void octetsPassBothWaysUntilBothSidesHaveEnded(Transport transport) {
		try (ProxyServer server = proxies().with((it) -> it.transport(transport)).start(); Ends ends = tunnel(server)) {
			ends.echo(Octets.pattern(3_000_000));
			assertThat(server.activeTunnels()).isEqualTo(1);
			ends.client().send("bye").shutdownOutput();
			assertThat(Octets.latin1(ends.peer().readAll())).isEqualTo("bye");
			ends.peer().send("farewell").shutdownOutput();
			assertThat(Octets.latin1(ends.client().readAll())).isEqualTo("farewell");
			RequestSummary end = awaitFinished();
			assertThat(end.outcome()).isEqualTo(RequestOutcome.PROXIED);
			Await.until("no tunnel", () -> server.activeTunnels() == 0);
		}
	}

	@Test
	void fieldsOfTheHopAreWrittenAnewInBothHeads() {
		try (ProxyServer server = proxies().start(); RawClient client = Proxies.connect(server)) {
			client.send("GET /chat HTTP/1.1\r\nHost: a\r\nconnection: keep-alive , X-Secret, uPgrade\r\n"
					+ "X-Secret: 1\r\nUPGRADE: WebSocket\r\nSec-WebSocket-Key: k\r\n\r\n");
			try (RawClient peer = this.origin.accept()) {
				assertThat(TunnelOrigin.head(peer)).isEqualTo("GET /chat HTTP/1.1\r\nHost: a\r\n"
						+ "Sec-WebSocket-Key: k\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
				peer.send("HTTP/1.1 101 Fine\r\nUpgrade: WEBSOCKET\r\nSec-WebSocket-Accept: s\r\n"
						+ "Content-Length: 7\r\nConnection: upgrade\r\n\r\n");
				RawResponse response = client.readHead();
				assertThat(response.statusLine()).isEqualTo("HTTP/1.1 101 Fine");
				assertThat(response.headers().entries()).hasToString("[Sec-WebSocket-Accept=s, "
						+ "Connection=Upgrade, Upgrade=websocket]");
			}
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
		}
	}

	@Test
	void octetsBehindTheRequestAndBehindThe101BelongToTheTunnel() {
		try (ProxyServer server = proxies().start();
				RawClient client = Proxies.connect(server).send(ASKED + "GET /smuggled HTTP/1.1\r\n\r\n");
				RawClient peer = this.origin.accept()) {
			TunnelOrigin.head(peer);
			peer.send(TunnelOrigin.AGREED + "HTTP/1.1 200 OK\r\n\r\n").shutdownOutput();
			assertThat(client.readHead().status()).isEqualTo(101);
			assertThat(Octets.latin1(client.readAll())).isEqualTo("HTTP/1.1 200 OK\r\n\r\n");
			client.shutdownOutput();
			assertThat(Octets.latin1(peer.readAll())).isEqualTo("GET /smuggled HTTP/1.1\r\n\r\n");
			RequestSummary end = awaitFinished();
			assertThat(end.outcome()).isEqualTo(RequestOutcome.PROXIED);
			assertThat(end.status()).isEqualTo(101);
			assertThat(end.bytesIn()).isEqualTo(26);
			assertThat(end.bytesOut()).isEqualTo(19);
		}
	}

	@Test
	void interimResponseMayComeBeforeThe101() {
		try (ProxyServer server = proxies().start();
				RawClient client = Proxies.connect(server).send(ASKED);
				RawClient peer = this.origin.accept()) {
			TunnelOrigin.head(peer);
			peer.send("HTTP/1.1 103 Early Hints\r\n\r\n" + TunnelOrigin.AGREED);
			assertThat(client.readInterim().status()).isEqualTo(103);
			assertThat(client.readHead().status()).isEqualTo(101);
			new Ends(client, peer).echo(Octets.pattern(10));
		}
	}

	@Test
	void refusalIsAnOrdinaryResponseAndWhatFollowsTheNextRequest() {
		try (ProxyServer server = proxies().start();
				RawClient client = Proxies.connect(server).send(ASKED + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
				RawClient peer = this.origin.accept()) {
			TunnelOrigin.head(peer);
			peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
			assertThat(client.readResponse().text()).isEqualTo("no");
			assertThat(TunnelOrigin.head(peer)).startsWith("GET /next "); // on the same one
			peer.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes");
			assertThat(client.readResponse().text()).isEqualTo("yes");
			assertThat(server.activeTunnels()).isZero();
		}
	}

	/** Requests that ask for nothing that is allowed. */
	static Stream<String> plainRequests() {
		String end = "Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
		return Stream.of("GET / HTTP/1.0\r\n" + end + "\r\n", "HEAD / HTTP/1.1\r\n" + end + "\r\n",
				"POST / HTTP/1.1\r\n" + end + "Content-Length: 2\r\n\r\nhi",
				"POST / HTTP/1.1\r\n" + end + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
				"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
				"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nUpgrade: websocket\r\n\r\n",
				"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n",
				"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket, foo\r\n\r\n",
				"GET / HTTP/1.1\r\n" + end + "Upgrade: websocket\r\n\r\n");
	}

	@ParameterizedTest
	@MethodSource("plainRequests")
	void requestThatMayNotUpgradeGoesOnWithoutUpgradeAndNo101IsAcceptedForIt(String request) {
		try (ProxyServer server = proxies().start();
				RawClient client = Proxies.connect(server).send(request);
				RawClient peer = this.origin.accept()) {
			assertThat(TunnelOrigin.head(peer)).doesNotContainIgnoringCase("upgrade");
			peer.send(TunnelOrigin.AGREED);
			assertThat(client.readResponseTo(request.startsWith("HEAD") ? "HEAD" : "GET").status()).isEqualTo(502);
			assertThat(peer.awaitEnd()).isNotEqualTo(End.OPEN);
		}
	}

	@Test
	void noProtocolMeansNoUpgrade() {
		try (ProxyServer server = with(proxies(), UpgradeOptions.defaults().withProtocols()).start();
				RawClient client = Proxies.connect(server).send(ASKED);
				RawClient peer = this.origin.accept()) {
			assertThat(TunnelOrigin.head(peer)).doesNotContainIgnoringCase("upgrade");
			peer.send("HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n");
			assertThat(client.readResponse().status()).isEqualTo(426);
		}
	}

	@Test
	void postMayAskForAProtocolOfTheUsersChoice() {
		UpgradeOptions options = UpgradeOptions.defaults().withProtocols("websocket", "SPDY/3.1");
		try (ProxyServer server = with(proxies(), options).start(); RawClient client = Proxies.connect(server)) {
			client.send("POST /exec HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: spdy/3.1\r\n"
					+ "Content-Length: 0\r\n\r\n");
			try (RawClient peer = this.origin.accept()) {
				assertThat(TunnelOrigin.head(peer)).endsWith("Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n");
				peer.send("HTTP/1.1 101 OK\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n");
				assertThat(client.readHead().status()).isEqualTo(101);
				new Ends(client, peer).echo(Octets.pattern(10));
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "Connection: Upgrade\r\nUpgrade: h2c", "Connection: Upgrade", "Upgrade: websocket",
			"Connection: Upgrade\r\nUpgrade: websocket, h2c" })
	void agreementToAnythingElseIsAFailure(String fields) {
		try (ProxyServer server = proxies().start();
				RawClient client = Proxies.connect(server).send(ASKED);
				RawClient peer = this.origin.accept()) {
			TunnelOrigin.head(peer);
			peer.send("HTTP/1.1 101 OK\r\n" + fields + "\r\n\r\n");
			assertThat(client.readResponse().status()).isEqualTo(502);
			assertThat(peer.awaitEnd()).isNotEqualTo(End.OPEN);
			assertThat(awaitFinished().outcome()).isEqualTo(RequestOutcome.ERROR);
		}
	}

	// The end.

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void resetOfTheClientIsAResetOfThePeer(Transport transport) {
		try (ProxyServer server = proxies().with((it) -> it.transport(transport)).start(); Ends ends = tunnel(server)) {
			ends.client().abort();
			assertThat(ends.peer().awaitEnd()).isEqualTo(End.RESET);
			assertThat(awaitFinished().outcome()).isEqualTo(RequestOutcome.ABORTED);
		}
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void resetOfThePeerIsAResetOfTheClient(Transport transport) {
		try (ProxyServer server = proxies().with((it) -> it.transport(transport)).start(); Ends ends = tunnel(server)) {
			ends.peer().abort();
			assertThat(ends.client().awaitEnd()).isEqualTo(End.RESET);
			assertThat(awaitFinished().outcome()).isEqualTo(RequestOutcome.ERROR);
		}
	}

	@Test
	void peerThatIsGoneAfterItsEndIsNoFailure() {
		try (ProxyServer server = proxies().start(); Ends ends = tunnel(server)) {
			ends.peer().send("last words").close();
			assertThat(Octets.latin1(ends.client().readAll())).isEqualTo("last words");
			sendUntilFinished(ends.client());
			assertThat(awaitFinished().outcome()).isEqualTo(RequestOutcome.PROXIED);
		}
	}

	@Test
	void clientThatIsGoneAfterItsEndIsNoFailure() {
		try (ProxyServer server = proxies().start(); Ends ends = tunnel(server)) {
			ends.client().send("last words").close();
			assertThat(Octets.latin1(ends.peer().readAll())).isEqualTo("last words");
			sendUntilFinished(ends.peer());
			assertThat(awaitFinished().outcome()).isEqualTo(RequestOutcome.PROXIED);
			assertThat(ends.peer().awaitEnd()).isNotEqualTo(End.OPEN);
		}
	}

	// The first octets cause a reset, which the next ones meet.
	private void sendUntilFinished(RawClient side) {
		Await.until("the end of the request", () -> {
			try {
				side.send("nobody");
			}
			catch (UncheckedIOException ended) {
				return !this.finished.isEmpty();
			}
			return !this.finished.isEmpty();
		});
	}

	@Test
	void sideThatStaysSilentAfterTheOthersEndIsClosed() {
		UpgradeOptions options = UpgradeOptions.defaults().withHalfCloseTimeout(Duration.ofMillis(200));
		try (ProxyServer server = with(proxies(), options).start(); Ends ends = tunnel(server)) {
			ends.client().shutdownOutput();
			assertThat(ends.client().awaitEnd()).isEqualTo(End.FIN);
			assertThat(ends.peer().awaitEnd()).isEqualTo(End.FIN);
			RequestSummary end = awaitFinished();
			assertThat(end.outcome()).isEqualTo(RequestOutcome.PROXIED);
			assertThat(end.timings().total()).isGreaterThan(Duration.ofMillis(190).toNanos());
		}
	}

	@Test
	void silenceEndsTheTunnelAndOctetsOfEitherSideKeepItOpen() {
		UpgradeOptions options = UpgradeOptions.defaults().withIdleTimeout(Duration.ofMillis(400));
		try (ProxyServer server = with(proxies(), options).start(); Ends ends = tunnel(server)) {
			long start = System.nanoTime();
			while (System.nanoTime() - start < 1_000_000_000L) {
				ends.client().send("x");
				ends.peer().read(1);
				Await.poll(Duration.ofMillis(50), () -> false);
			}
			assertThat(this.finished).isEmpty();
			assertThat(ends.client().awaitEnd()).isEqualTo(End.RESET);
			assertThat(ends.peer().awaitEnd()).isEqualTo(End.RESET);
			RequestSummary end = awaitFinished();
			assertThat(end.outcome()).isEqualTo(RequestOutcome.ERROR);
			assertThat(String.valueOf(end.error())).contains("no octet of either side within 400 ms");
		}
	}

	@Test
	void lifetimeEndsTheTunnelHoweverBusy() {
		UpgradeOptions options = UpgradeOptions.defaults().withMaxLifetime(Duration.ofMillis(300));
		try (ProxyServer server = with(proxies(), options).start(); Ends ends = tunnel(server)) {
			assertThat(ends.client().awaitEnd()).isEqualTo(End.RESET);
			assertThat(ends.peer().awaitEnd()).isEqualTo(End.RESET);
			assertThat(String.valueOf(awaitFinished().error())).contains("open for 300 ms");
		}
	}

	@Test
	void timeoutsOfRequestsAndResponsesDoNotApply() {
		Proxies proxies = proxies().peer((it) -> it.readTimeout(Duration.ofMillis(100)))
			.downstream((it) -> it.readTimeout(Duration.ofMillis(100))
				.idleTimeout(Duration.ofMillis(100))
				.headerTimeout(Duration.ofMillis(100))
				.maxBodySize(10));
		try (ProxyServer server = proxies.start(); Ends ends = tunnel(server)) {
			Await.poll(Duration.ofMillis(400), () -> !this.finished.isEmpty());
			ends.echo(Octets.pattern(1000));
		}
	}

	@Test
	void drainLeavesTunnelsUntilTheGracePeriodIsOverAndThenResetsThem() {
		try (ProxyServer server = proxies().start(); Ends ends = tunnel(server)) {
			CompletableFuture<Integer> drained = CompletableFuture
				.supplyAsync(() -> server.drain(Duration.ofMillis(700)));
			Await.until("the drain", () -> !server.isRunning());
			ends.echo(Octets.pattern(100_000));
			assertThat(ends.client().awaitEnd()).isEqualTo(End.RESET);
			assertThat(ends.peer().awaitEnd()).isEqualTo(End.RESET);
			assertThat(drained.join()).isEqualTo(1);
		}
	}

	@Test
	void drainEndsWithItsTunnels() {
		try (ProxyServer server = proxies().start(); Ends ends = tunnel(server)) {
			CompletableFuture<Integer> drained = CompletableFuture
				.supplyAsync(() -> server.drain(Duration.ofMinutes(1)));
			ends.client().shutdownOutput();
			ends.peer().shutdownOutput();
			assertThat(drained.orTimeout(10, TimeUnit.SECONDS).join()).isZero();
		}
	}

	// Filters.

	@Test
	void filtersSeeThe101ButNoOctets() {
		AtomicInteger status = new AtomicInteger();
		AtomicInteger pieces = new AtomicInteger();
		ProxyFilter filter = new ProxyFilter() {

			@Override
			public void responseFilter(Session session, ResponseHeader response) {
				status.set(response.status());
				response.headers().set("X-Seen", "yes");
			}

			@Override
			public void requestBodyFilter(Session session, BodyChunk chunk) {
				pieces.incrementAndGet();
			}

			@Override
			public void responseBodyFilter(Session session, BodyChunk chunk) {
				pieces.incrementAndGet();
			}

		};
		try (ProxyServer server = proxies().filter(filter).start();
				RawClient client = Proxies.connect(server).send(ASKED);
				RawClient peer = this.origin.accept()) {
			TunnelOrigin.head(peer);
			peer.send(TunnelOrigin.AGREED);
			assertThat(client.readHead().header("X-Seen")).isEqualTo("yes");
			new Ends(client, peer).echo(Octets.pattern(100));
			assertThat(status).hasValue(101);
			assertThat(pieces).hasValue(0);
		}
	}

	@Test
	void filterMayForbidTheUpgradeByRemovingItFromTheRequest() {
		ProxyFilter filter = new ProxyFilter() {

			@Override
			public void upstreamRequestFilter(Session session, RequestHeader request) {
				request.headers().remove("Upgrade");
			}

		};
		try (ProxyServer server = proxies().filter(filter).start();
				RawClient client = Proxies.connect(server).send(ASKED);
				RawClient peer = this.origin.accept()) {
			assertThat(TunnelOrigin.head(peer)).doesNotContainIgnoringCase("upgrade");
			peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
			assertThat(client.readResponse().status()).isEqualTo(200);
		}
	}

	@Test
	void filterMayAnswerInPlaceOfThe101AndTheClientsConnectionGoesOn() {
		ProxyFilter filter = new ProxyFilter() {

			@Override
			public void responseFilter(Session session, ResponseHeader response) {
				if (response.status() == 101) {
					response.setStatus(403);
				}
			}

		};
		try (ProxyServer server = proxies().filter(filter).start();
				RawClient client = Proxies.connect(server).send(ASKED);
				RawClient peer = this.origin.accept()) {
			TunnelOrigin.head(peer);
			peer.send(TunnelOrigin.AGREED);
			assertThat(client.readResponse().status()).isEqualTo(403);
			assertThat(peer.awaitEnd()).isEqualTo(End.RESET);
			client.get("/next");
			try (RawClient another = this.origin.accept()) {
				assertThat(TunnelOrigin.head(another)).startsWith("GET /next");
			}
		}
	}

	@Test
	void panicAtThe101ResetsThisClientOnly() {
		ProxyFilter filter = new ProxyFilter() {

			@Override
			public void responseFilter(Session session, ResponseHeader response) {
				if (session.request().hasHeader("x-panic")) {
					throw new IllegalStateException("a bug");
				}
			}

		};
		try (ProxyServer server = proxies().filter(filter).start(); Ends ends = tunnel(server)) {
			try (RawClient client = Proxies.connect(server)) {
				client.send(ASKED.replace("Host", "X-Panic: yes\r\nHost"));
				try (RawClient peer = this.origin.accept()) {
					TunnelOrigin.head(peer);
					peer.send(TunnelOrigin.AGREED);
					assertThat(client.awaitEnd()).isEqualTo(End.RESET);
					assertThat(client.received()).isEmpty();
					assertThat(peer.awaitEnd()).isEqualTo(End.RESET);
				}
			}
			assertThat(awaitFinished().outcome()).isEqualTo(RequestOutcome.PANIC);
			ends.echo(Octets.pattern(1000));
			assertThat(server.activeTunnels()).isEqualTo(1);
		}
	}

	@Test
	void panicInLoggingAfterTheTunnelIsCounted() {
		ProxyFilter filter = new ProxyFilter() {

			@Override
			public void logging(Session session, RequestEnd end) {
				throw new IllegalStateException("a bug");
			}

		};
		try (ProxyServer server = proxies().filter(filter).start(); Ends ends = tunnel(server)) {
			ends.client().shutdownOutput();
			ends.peer().shutdownOutput();
			assertThat(ends.client().awaitEnd()).isEqualTo(End.FIN);
			assertThat(ends.peer().awaitEnd()).isEqualTo(End.FIN);
			assertThat(awaitFinished().outcome()).isEqualTo(RequestOutcome.PANIC);
			Await.until("no tunnel", () -> server.activeTunnels() == 0);
		}
	}

	@Test
	void blockingFilterAtThe101HoldsWhatComesMeanwhile() {
		CountDownLatch go = new CountDownLatch(1);
		ProxyFilter filter = new ProxyFilter() {

			@Override
			@Blocking
			public void responseFilter(Session session, ResponseHeader response) {
				Await.until("the word to go on", () -> go.getCount() == 0);
			}

		};
		try (ProxyServer server = proxies().filter(filter).start();
				RawClient client = Proxies.connect(server).send(ASKED + "early");
				RawClient peer = this.origin.accept()) {
			TunnelOrigin.head(peer);
			peer.send(TunnelOrigin.AGREED + "early too").shutdownOutput();
			client.send(", and late");
			go.countDown();
			assertThat(client.readHead().status()).isEqualTo(101);
			assertThat(Octets.latin1(client.readAll())).isEqualTo("early too");
			client.shutdownOutput();
			assertThat(Octets.latin1(peer.readAll())).isEqualTo("early, and late");
			assertThat(awaitFinished().outcome()).isEqualTo(RequestOutcome.PROXIED);
		}
	}

	// Other loops, pools, memory.

	@Test
	void upstreamMayLiveOnAnotherLoop() {
		Proxies proxies = proxies().with((it) -> ((ServerBuilder) it.threads(2)).upstreamLoop(TunnelTests::next));
		try (ProxyServer server = proxies.start()) {
			try (Ends ends = tunnel(server)) {
				ends.echo(Octets.pattern(3_000_000));
				ends.peer().send("bye").shutdownOutput();
				assertThat(Octets.latin1(ends.client().readAll())).isEqualTo("bye");
				ends.client().send("farewell").shutdownOutput();
				assertThat(Octets.latin1(ends.peer().readAll())).isEqualTo("farewell");
				assertThat(awaitFinished().outcome()).isEqualTo(RequestOutcome.PROXIED);
			}
			try (Ends ends = tunnel(server)) {
				ends.client().abort();
				assertThat(ends.peer().awaitEnd()).isEqualTo(End.RESET);
			}
		}
	}

	private static EventLoop next(EventLoop loop) {
		EventLoop next = loop.parent().next();
		return (next != loop) ? next : loop.parent().next();
	}

	@Test
	void connectionOfATunnelIsNeverUsedAgain() {
		try (ProxyServer server = proxies().start()) {
			try (Ends ends = tunnel(server)) {
				ends.peer().shutdownOutput();
				ends.client().shutdownOutput();
				assertThat(ends.peer().awaitEnd()).isEqualTo(End.FIN);
			}
			awaitFinished();
			Await.until("no connection", () -> ((DefaultProxyServer) server).upstreamConnections() == 0);
		}
	}

	@Test
	void tunnelAfterOtherRequestsOnTheSameConnections() {
		try (ProxyServer server = proxies().start();
				RawClient client = Proxies.connect(server).get("/first");
				RawClient peer = this.origin.accept()) {
			TunnelOrigin.head(peer);
			peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: 1\r\n\r\n");
			assertThat(client.readResponse().status()).isEqualTo(200);
			client.send(ASKED);
			TunnelOrigin.head(peer);
			peer.send(TunnelOrigin.AGREED);
			assertThat(client.readHead().status()).isEqualTo(101);
			new Ends(client, peer).echo(Octets.pattern(1000));
			peer.shutdownOutput();
			assertThat(client.readAll()).isEmpty();
			client.shutdownOutput();
			assertThat(peer.readAll()).isEmpty();
		}
	}

	@Test
	void slowReaderStopsTheSenderAndGetsEverything() {
		try (ProxyServer server = proxies().start();
				RawClient client = RawClient.connect("127.0.0.1", server.port("http"), 8192).send(ASKED);
				RawClient peer = this.origin.accept()) {
			TunnelOrigin.head(peer);
			peer.send(TunnelOrigin.AGREED);
			client.patience(Duration.ofSeconds(60));
			assertThat(client.readHead().status()).isEqualTo(101);
			long before = directMemory();
			CompletableFuture<Void> sent = peer.sendInBackground(Octets.pattern(LARGE));
			AtomicLong most = new AtomicLong();
			Await.poll(Duration.ofSeconds(1), () -> {
				most.accumulateAndGet(directMemory(), Math::max);
				return sent.isDone();
			});
			assertThat(sent).isNotDone();
			assertThat(most.get() - before).isLessThan(6_000_000);
			assertThat(client.read(LARGE)).isEqualTo(Octets.pattern(LARGE));
			sent.join();
		}
	}

	private static long directMemory() {
		return ((ByteBufAllocatorMetricProvider) Buffers.allocator()).metric().usedDirectMemory();
	}

	@Test
	void webSocketClientOfTheJdkTalksToAnEcho() {
		try (ProxyServer server = proxies().start()) {
			CompletableFuture<Void> origin = CompletableFuture.runAsync(() -> WebSocketEcho.serve(this.origin.accept()));
			String text = "x".repeat(100_000) + "é€";
			assertThat(WebSocketEcho.ask(server.port("http"), text)).isEqualTo(text);
			origin.orTimeout(10, TimeUnit.SECONDS).join();
			assertThat(awaitFinished().outcome()).isEqualTo(RequestOutcome.PROXIED);
		}
	}

}
