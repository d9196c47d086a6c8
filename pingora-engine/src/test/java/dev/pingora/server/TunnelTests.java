package dev.pingora.server;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.pingora.event.RequestOutcome;
import dev.pingora.event.RequestSummary;
import dev.pingora.protocol.UpgradeOptions;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawResponse;
import dev.pingora.transport.Transport;
import io.netty.channel.EventLoop;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Connections that speak another protocol after a 101: who may ask for it, and what
 * passes through.
 */
@ExtendWith(EngineExtension.class)
class TunnelTests {

	private static final int LARGE = 40_000_000;

	@AutoClose
	private final TunnelStand stand = new TunnelStand();

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void octetsPassBothWaysUntilBothSidesHaveEnded(Transport transport) {
		try (ProxyServer server = this.stand.proxies().with((it) -> it.transport(transport)).start();
				TunnelStand.Ends ends = this.stand.tunnel(server)) {
			ends.echo(Octets.pattern(3_000_000));
			assertThat(server.activeTunnels()).isEqualTo(1);
			ends.client().send("bye").shutdownOutput();
			assertThat(Octets.latin1(ends.peer().readAll())).isEqualTo("bye");
			ends.peer().send("farewell").shutdownOutput();
			assertThat(Octets.latin1(ends.client().readAll())).isEqualTo("farewell");
			RequestSummary end = this.stand.awaitFinished();
			assertThat(end.outcome()).isEqualTo(RequestOutcome.PROXIED);
			Await.until("no tunnel", () -> server.activeTunnels() == 0);
		}
	}

	@Test
	void fieldsOfTheHopAreWrittenAnewInBothHeads() {
		try (ProxyServer server = this.stand.proxies().start(); RawClient client = Proxies.connect(server)) {
			client.send("GET /chat HTTP/1.1\r\nHost: a\r\nconnection: keep-alive , X-Secret, uPgrade\r\n"
					+ "X-Secret: 1\r\nUPGRADE: WebSocket\r\nSec-WebSocket-Key: k\r\n\r\n");
			try (RawClient peer = this.stand.accept()) {
				assertThat(TunnelStand.head(peer)).isEqualTo("GET /chat HTTP/1.1\r\nHost: a\r\n"
						+ "Sec-WebSocket-Key: k\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
				peer.send("HTTP/1.1 101 Fine\r\nUpgrade: WEBSOCKET\r\nSec-WebSocket-Accept: s\r\n"
						+ "Content-Length: 7\r\nConnection: upgrade\r\n\r\n");
				RawResponse response = client.readHead();
				assertThat(response.statusLine()).isEqualTo("HTTP/1.1 101 Fine");
				assertThat(response.headers().entries())
					.hasToString("[Sec-WebSocket-Accept=s, " + "Connection=Upgrade, Upgrade=websocket]");
			}
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
		}
	}

	@Test
	void octetsBehindTheRequestAndBehindThe101BelongToTheTunnel() {
		try (ProxyServer server = this.stand.proxies().start();
				RawClient client = Proxies.connect(server).send(TunnelStand.ASKED + "GET /smuggled HTTP/1.1\r\n\r\n");
				RawClient peer = this.stand.accept()) {
			TunnelStand.head(peer);
			peer.send(TunnelStand.AGREED + "HTTP/1.1 200 OK\r\n\r\n").shutdownOutput();
			assertThat(client.readHead().status()).isEqualTo(101);
			assertThat(Octets.latin1(client.readAll())).isEqualTo("HTTP/1.1 200 OK\r\n\r\n");
			client.shutdownOutput();
			assertThat(Octets.latin1(peer.readAll())).isEqualTo("GET /smuggled HTTP/1.1\r\n\r\n");
			RequestSummary end = this.stand.awaitFinished();
			assertThat(end.outcome()).isEqualTo(RequestOutcome.PROXIED);
			assertThat(end.status()).isEqualTo(101);
			assertThat(end.bytesIn()).isEqualTo(26);
			assertThat(end.bytesOut()).isEqualTo(19);
		}
	}

	@Test
	void interimResponseMayComeBeforeThe101() {
		try (ProxyServer server = this.stand.proxies().start();
				RawClient client = Proxies.connect(server).send(TunnelStand.ASKED);
				RawClient peer = this.stand.accept()) {
			TunnelStand.head(peer);
			peer.send("HTTP/1.1 103 Early Hints\r\n\r\n" + TunnelStand.AGREED);
			assertThat(client.readInterim().status()).isEqualTo(103);
			assertThat(client.readHead().status()).isEqualTo(101);
			new TunnelStand.Ends(client, peer).echo(Octets.pattern(10));
		}
	}

	@Test
	void refusalIsAnOrdinaryResponseAndWhatFollowsTheNextRequest() {
		try (ProxyServer server = this.stand.proxies().start();
				RawClient client = Proxies.connect(server)
					.send(TunnelStand.ASKED + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
				RawClient peer = this.stand.accept()) {
			TunnelStand.head(peer);
			peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
			assertThat(client.readResponse().text()).isEqualTo("no");
			// on the same one
			assertThat(TunnelStand.head(peer)).startsWith("GET /next ");
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
		try (ProxyServer server = this.stand.proxies().start();
				RawClient client = Proxies.connect(server).send(request);
				RawClient peer = this.stand.accept()) {
			assertThat(TunnelStand.head(peer)).doesNotContainIgnoringCase("upgrade");
			peer.send(TunnelStand.AGREED);
			assertThat(client.readResponseTo(request.startsWith("HEAD") ? "HEAD" : "GET").status()).isEqualTo(502);
			assertThat(peer.awaitEnd()).isNotEqualTo(End.OPEN);
		}
	}

	@Test
	void noProtocolMeansNoUpgrade() {
		try (ProxyServer server = this.stand.proxies(UpgradeOptions.defaults().withProtocols()).start();
				RawClient client = Proxies.connect(server).send(TunnelStand.ASKED);
				RawClient peer = this.stand.accept()) {
			assertThat(TunnelStand.head(peer)).doesNotContainIgnoringCase("upgrade");
			peer.send("HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n");
			assertThat(client.readResponse().status()).isEqualTo(426);
		}
	}

	@Test
	void postMayAskForAProtocolOfTheUsersChoice() {
		UpgradeOptions options = UpgradeOptions.defaults().withProtocols("websocket", "SPDY/3.1");
		try (ProxyServer server = this.stand.proxies(options).start(); RawClient client = Proxies.connect(server)) {
			client.send("POST /exec HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: spdy/3.1\r\n"
					+ "Content-Length: 0\r\n\r\n");
			try (RawClient peer = this.stand.accept()) {
				assertThat(TunnelStand.head(peer)).endsWith("Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n");
				peer.send("HTTP/1.1 101 OK\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n");
				assertThat(client.readHead().status()).isEqualTo(101);
				new TunnelStand.Ends(client, peer).echo(Octets.pattern(10));
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "Connection: Upgrade\r\nUpgrade: h2c", "Connection: Upgrade", "Upgrade: websocket",
			"Connection: Upgrade\r\nUpgrade: websocket, h2c" })
	void agreementToAnythingElseIsAFailure(String fields) {
		try (ProxyServer server = this.stand.proxies().start();
				RawClient client = Proxies.connect(server).send(TunnelStand.ASKED);
				RawClient peer = this.stand.accept()) {
			TunnelStand.head(peer);
			peer.send("HTTP/1.1 101 OK\r\n" + fields + "\r\n\r\n");
			assertThat(client.readResponse().status()).isEqualTo(502);
			assertThat(peer.awaitEnd()).isNotEqualTo(End.OPEN);
			assertThat(this.stand.awaitFinished().outcome()).isEqualTo(RequestOutcome.ERROR);
		}
	}

	// Other loops, pools, memory.

	@Test
	void upstreamMayLiveOnAnotherLoop() {
		Proxies proxies = this.stand.proxies()
			.with((it) -> ((ServerBuilder) it.threads(2)).upstreamLoop(TunnelTests::next));
		try (ProxyServer server = proxies.start()) {
			try (TunnelStand.Ends ends = this.stand.tunnel(server)) {
				ends.echo(Octets.pattern(3_000_000));
				ends.peer().send("bye").shutdownOutput();
				assertThat(Octets.latin1(ends.client().readAll())).isEqualTo("bye");
				ends.client().send("farewell").shutdownOutput();
				assertThat(Octets.latin1(ends.peer().readAll())).isEqualTo("farewell");
				assertThat(this.stand.awaitFinished().outcome()).isEqualTo(RequestOutcome.PROXIED);
			}
			try (TunnelStand.Ends ends = this.stand.tunnel(server)) {
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
		try (ProxyServer server = this.stand.proxies().start()) {
			try (TunnelStand.Ends ends = this.stand.tunnel(server)) {
				ends.peer().shutdownOutput();
				ends.client().shutdownOutput();
				assertThat(ends.peer().awaitEnd()).isEqualTo(End.FIN);
			}
			this.stand.awaitFinished();
			Await.until("no connection", () -> ((DefaultProxyServer) server).upstreamConnections() == 0);
		}
	}

	@Test
	void tunnelAfterOtherRequestsOnTheSameConnections() {
		try (ProxyServer server = this.stand.proxies().start();
				RawClient client = Proxies.connect(server).get("/first");
				RawClient peer = this.stand.accept()) {
			TunnelStand.head(peer);
			peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: 1\r\n\r\n");
			assertThat(client.readResponse().status()).isEqualTo(200);
			client.send(TunnelStand.ASKED);
			TunnelStand.head(peer);
			peer.send(TunnelStand.AGREED);
			assertThat(client.readHead().status()).isEqualTo(101);
			new TunnelStand.Ends(client, peer).echo(Octets.pattern(1000));
			peer.shutdownOutput();
			assertThat(client.readAll()).isEmpty();
			client.shutdownOutput();
			assertThat(peer.readAll()).isEmpty();
		}
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void slowReaderStopsTheSenderAndGetsEverything(Transport transport) {
		try (ProxyServer server = this.stand.proxies().with((it) -> it.transport(transport)).start();
				RawClient client = RawClient.connect("127.0.0.1", server.port("http"), 8192).send(TunnelStand.ASKED);
				RawClient peer = this.stand.accept()) {
			TunnelStand.head(peer);
			peer.send(TunnelStand.AGREED);
			assertThat(client.readHead().status()).isEqualTo(101);
			CompletableFuture<Void> sent = peer.sendInBackground(Octets.pattern(LARGE));
			// What does not fit into the kernel's buffers stays where it is.
			assertThat(Await.poll(Duration.ofMillis(700), sent::isDone)).isFalse();
			sent.thenRun(peer::shutdownOutput);
			assertThat(client.patience(Duration.ofSeconds(30)).readAll()).isEqualTo(Octets.pattern(LARGE));
		}
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void lastOctetsArriveThoughBothSidesHaveEnded(Transport transport) {
		try (ProxyServer server = this.stand.proxies().with((it) -> it.transport(transport)).start();
				TunnelStand.Ends ends = this.stand.tunnel(server)) {
			ends.peer().shutdownOutput();
			assertThat(ends.client().readAll()).isEmpty();
			ends.client().sendInBackground(Octets.pattern(LARGE)).thenRun(ends.client()::shutdownOutput);
			int read = 0;
			while (read < LARGE && !Await.poll(Duration.ofMillis(20), () -> !this.stand.finished().isEmpty())) {
				int size = Math.min(1_000_000, LARGE - read);
				assertThat(ends.peer().read(size)).isEqualTo(Octets.pattern(0, read, size));
				read += size;
			}
			assertThat(ends.peer().readAll()).isEqualTo(Octets.pattern(0, read, LARGE - read));
			assertThat(this.stand.awaitFinished().outcome()).isEqualTo(RequestOutcome.PROXIED);
		}
	}

	@Test
	void webSocketClientOfTheJdkTalksToAnEcho() {
		try (ProxyServer server = this.stand.proxies().start()) {
			// A thread of its own: the client may need those of the common pool.
			CompletableFuture<Void> origin = CompletableFuture.runAsync(() -> WebSocketEcho.serve(this.stand.accept()),
					(work) -> new Thread(work).start());
			String text = "x".repeat(100_000) + "é€";
			assertThat(WebSocketEcho.ask(server.port("http"), text)).isEqualTo(text);
			origin.orTimeout(10, TimeUnit.SECONDS).join();
			assertThat(this.stand.awaitFinished().outcome()).isEqualTo(RequestOutcome.PROXIED);
		}
	}

}
