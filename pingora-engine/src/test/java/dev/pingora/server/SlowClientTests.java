package dev.pingora.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

import dev.pingora.error.ErrorType;
import dev.pingora.event.RequestOutcome;
import dev.pingora.protocol.ClientLimits;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import dev.pingora.transport.BufferOptions;
import dev.pingora.transport.SocketOptions;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Clients that send or read an octet now and then hold nothing for long.
 */
@ExtendWith(EngineExtension.class)
class SlowClientTests {

	private static final Duration SHORT = Duration.ofMillis(300);

	private static final String POST = "POST /echo HTTP/1.1\r\nHost: a\r\n";

	private static final long STREAM = 64 << 20;

	/** What origins send: far more than the proxy may hold. */
	private static final int BEGINNING = 3 << 20;

	// See docs/concurrency.md.

	private static final long HIGH_WATER_MARK = BufferOptions.defaults().writeBufferHigh();

	private static final long ONE_READ = BufferOptions.defaults().maxReadSize();

	private static final long WINDOW = 128 * 1024;

	/** What the allocator may keep that is not in use, and buffers that are not full. */
	private static final long CHUNKS = 16 * (4 << 20);

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private final Endings endings = new Endings();

	private Proxies proxies() {
		return Proxies.to(this.origin).with((it) -> it.proxyListener(this.endings));
	}

	private Proxies proxies(ClientLimits limits) {
		return proxies().downstream((it) -> it.limits(limits));
	}

	private static ClientLimits bodyRate(long rate) {
		return ClientLimits.defaults().withMinBodyRate(rate).withRateGrace(Duration.ofMillis(100));
	}

	/** Sends an octet every few milliseconds until the server says something. */
	private static RawResponse drip(RawClient client, String octets) {
		int[] sent = { 0 };
		Await.poll(Duration.ofSeconds(5), () -> {
			if (client.hasInput()) {
				return true;
			}
			int next = sent[0]++ % octets.length();
			return !client.trySend(Octets.latin1(octets.substring(next, next + 1)));
		});
		return client.readResponse();
	}

	// Heads.

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void dripDoesNotExtendTheTimeOfAHead(boolean later) {
		// The first head's time begins with the accept: long enough to begin in it.
		Duration time = Duration.ofSeconds(1);
		try (ProxyServer server = proxies().downstream((it) -> it.headerTimeout(time)).start();
				RawClient client = Proxies.connect(server)) {
			if (later) {
				assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
			}
			long start = System.nanoTime();
			client.send("GET / HTTP/1.1\r\nX: ");
			assertTimeout(client, drip(client, "x"));
			assertThat(System.nanoTime() - start).isGreaterThan(SHORT.toNanos() / 2);
			assertThat(this.origin.requestCount()).isEqualTo(later ? 1 : 0);
		}
	}

	private void assertTimeout(RawClient client, RawResponse response) {
		assertThat(response.status()).isEqualTo(408);
		assertThat(response.headers().all("connection")).containsExactly("close");
		assertThat(client.awaitEnd()).isEqualTo(End.FIN);
		this.endings.awaitRejected(ErrorType.READ_TIMEDOUT);
	}

	@Test
	void emptyLinesThatDripAreRefusedAtTheSecond() {
		try (ProxyServer server = proxies().start(); RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
			RawResponse response = drip(client, "\r\n");
			assertThat(response.status()).isEqualTo(400);
			assertThat(response.headers().all("connection")).containsExactly("close");
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			this.endings.awaitRejected(ErrorType.INVALID_HTTP_HEADER);
			assertThat(this.origin.requestCount()).isOne();
		}
	}

	/** A gigabyte is never taken: the client is cut off within what lies in between. */
	@Test
	void headWithoutEndIsCutOffEarly() {
		try (ProxyServer server = proxies().start(); RawClient client = Proxies.connect(server)) {
			client.send("GET / HTTP/1.1\r\nHost: a\r\n");
			byte[] field = Octets.latin1("X: " + "x".repeat(1021) + "\r\n");
			long sent = 0;
			while (sent < 1L << 30 && client.trySend(field)) {
				sent += field.length;
			}
			assertThat(sent).isLessThan(32L << 20);
			// Sent before the reset, and Linux keeps what has arrived.
			RawResponse response = client.readResponse();
			assertThat(response.status()).isEqualTo(431);
			assertThat(response.headers().all("connection")).containsExactly("close");
			this.endings.awaitRejected(ErrorType.HEADER_TOO_LARGE);
			assertThat(this.origin.acceptedConnections()).isZero();
			Await.until("no connection", () -> server.listeners().get(0).connections() == 0);
		}
	}

	// Bodies.

	@ParameterizedTest
	@ValueSource(strings = { "Content-Length: 1000000\r\n\r\n|x", "Transfer-Encoding: chunked\r\n\r\n|1\r\nx\r\n" })
	void bodyThatDripsIsRequestTimeout(String request) {
		String[] parts = request.split("\\|");
		try (ProxyServer server = proxies(bodyRate(2_000)).start(); RawClient client = Proxies.connect(server)) {
			client.send(POST + parts[0]);
			this.origin.awaitRequest(1);
			RawResponse response = drip(client, parts[1]);
			assertThat(response.status()).isEqualTo(408);
			assertThat(response.headers().lists("connection", "close")).isTrue();
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
			assertThat(this.origin.awaitRequest(1).content().isComplete()).isFalse();
			this.endings.awaitFailed(ErrorType.READ_TOO_SLOW, RequestOutcome.ERROR);
		}
	}

	@Test
	void bodyThatIsFastEnoughMayTakeLong() {
		try (ProxyServer server = proxies(bodyRate(100)).start(); RawClient client = Proxies.connect(server)) {
			int size = 600;
			// So far ahead, this thread may be kept waiting for two seconds.
			int[] sent = { 200 };
			client.send(POST + "Content-Length: " + size + "\r\n\r\n" + "x".repeat(sent[0]));
			long start = System.nanoTime();
			Await.until("all of it", () -> {
				client.send("x");
				sent[0]++;
				return sent[0] == size;
			});
			assertThat(client.readResponse().text()).hasSize(size);
			assertThat(System.nanoTime() - start).isGreaterThan(Duration.ofMillis(500).toNanos());
			this.endings.assertNothingBut(1);
		}
	}

	@Test
	void upstreamThatTakesTheBodySlowlyCostsTheClientNothing() {
		CountDownLatch go = new CountDownLatch(1);
		int size = 30_000_000;
		this.origin.on("/late", (exchange) -> {
			exchange.await(go);
			exchange.respond(200, String.valueOf(exchange.readBody().length));
		});
		try (ProxyServer server = proxies(bodyRate(1 << 30)).start(); RawClient client = Proxies.connect(server)) {
			client.patience(Duration.ofSeconds(30));
			client.send("POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: " + size + "\r\n\r\n");
			this.origin.awaitRequest(1);
			client.sendInBackground(Octets.pattern(size));
			Await.poll(Duration.ofMillis(800), () -> !this.endings.finished().isEmpty());
			assertThat(this.endings.finished()).isEmpty();
		}
		go.countDown();
	}

	@Test
	void clientThatWaitsToBeInvitedIsNotSlow() {
		Await.onSomeScale((time) -> {
			CountDownLatch go = new CountDownLatch(1);
			this.origin.on("/picky", (exchange) -> {
				exchange.await(go);
				exchange.interim(100);
				exchange.respond(200, exchange.readBody());
			});
			ClientLimits limits = ClientLimits.defaults().withMinBodyRate(1_000).withRateGrace(time);
			try (ProxyServer server = proxies(limits).start(); RawClient client = Proxies.connect(server)) {
				int next = (int) this.origin.requestCount() + 1;
				client.send("POST /picky HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
				this.origin.awaitRequest(next);
				assertThat(Await.poll(time.multipliedBy(3), client::hasInput)).isFalse();
				go.countDown();
				assertThat(client.readInterim().status()).isEqualTo(100);
				RawResponse response = client.send("hello").readResponse();
				assertThat(response.status()).isIn(200, 408);
				return response.status() == 200;
			}
		});
	}

	@Test
	void eachBodyIsMeasuredAnew() {
		try (ProxyServer server = proxies(bodyRate(2_000)).start(); RawClient client = Proxies.connect(server)) {
			// In one piece, for nothing of it may be late.
			client.send(POST + "Content-Length: 100000\r\n\r\n" + "x".repeat(100_000));
			assertThat(client.readResponse().status()).isEqualTo(200);
			client.send(POST + "Content-Length: 100000\r\n\r\nx");
			assertThat(drip(client, "x").status()).isEqualTo(408);
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			this.endings.awaitFailed(ErrorType.READ_TOO_SLOW, RequestOutcome.ERROR);
			assertThat(this.origin.awaitRequest(1).body()).hasSize(100_000);
			assertThat(this.origin.awaitRequest(2).content().isComplete()).isFalse();
		}
	}

	// Responses.

	@Test
	void clientThatReadsTooSlowlyIsReset() {
		ClientLimits limits = ClientLimits.defaults().withMinResponseRate(100_000_000).withRateGrace(SHORT);
		try (ProxyServer server = proxies(limits).start();
				RawClient client = RawClient.connect("127.0.0.1", server.port("http"), 4096)) {
			client.get("/bytes?n=50000000").readHead();
			Await.until("the end", () -> {
				if (client.hasInput()) {
					client.read(1); // no more: the reset may be next
				}
				return !this.endings.finished().isEmpty();
			});
			this.endings.awaitFailed(ErrorType.WRITE_TOO_SLOW, RequestOutcome.ABORTED);
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
			assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
		}
	}

	@Test
	void clientThatReadsFastEnoughGetsItsResponseWhole() {
		ClientLimits limits = ClientLimits.defaults().withMinResponseRate(1_000).withRateGrace(Duration.ofMillis(50));
		int size = 20_000_000;
		try (ProxyServer server = proxies(limits).start();
				RawClient client = RawClient.connect("127.0.0.1", server.port("http"), 8192)) {
			client.get("/bytes?n=" + size).readHead();
			Await.poll(Duration.ofMillis(600), () -> !this.endings.finished().isEmpty());
			assertThat(client.patience(Duration.ofSeconds(30)).read(size)).isEqualTo(Octets.pattern(size));
			this.endings.assertNothingBut(1);
		}
	}

	// Memory.

	// Whole chunks of the allocator, whoever has filled them.
	private static long activeDirectMemory() {
		return PooledByteBufAllocator.DEFAULT.metric()
			.directArenas()
			.stream()
			.mapToLong(PoolArenaMetric::numActiveBytes)
			.sum();
	}

	/** Counts what an origin has sent of all streams' beginnings. */
	private AtomicLong streams() {
		AtomicLong sent = new AtomicLong();
		byte[] piece = Octets.pattern(16 * 1024);
		this.origin.on("/stream", (exchange) -> {
			exchange.head(200, "Content-Length: " + STREAM);
			for (long done = 0; done < BEGINNING; done += piece.length) {
				exchange.write(piece);
				sent.addAndGet(piece.length);
			}
			exchange.hang();
		});
		return sent;
	}

	/**
	 * The kernel takes next to nothing of each response, so that the proxy has to hold
	 * all that it reads.
	 */
	@Test
	void manySlowReadersHoldNoMoreThanTheirBounds() {
		int clients = 100;
		long bounds = clients * (HIGH_WATER_MARK + WINDOW + ONE_READ) + CHUNKS;
		assertThat(bounds).isLessThan(clients * (long) BEGINNING * 3 / 4);
		AtomicLong sent = streams();
		List<RawClient> slow = new ArrayList<>();
		SocketOptions small = SocketOptions.downstream().toBuilder().sendBuffer(8192).build();
		try (ProxyServer server = proxies().listener((it) -> it.socket(small)).start()) {
			for (int i = 0; i < clients; i++) {
				slow.add(RawClient.connect("127.0.0.1", server.port("http"), 4096).get("/stream"));
			}
			long[] most = { 0 };
			long[] still = { 0, System.nanoTime() };
			Await.until(Duration.ofSeconds(60), () -> sent + " octets sent, " + most[0] + " held", () -> {
				most[0] = Math.max(most[0], activeDirectMemory());
				if (sent.get() != still[0]) {
					still[0] = sent.get();
					still[1] = System.nanoTime();
				}
				boolean all = this.origin.requestCount() == clients && most[0] >= clients * HIGH_WATER_MARK;
				return all && System.nanoTime() - still[1] > Duration.ofMillis(300).toNanos();
			});
			assertThat(server.activeRequests()).isEqualTo(clients);
			assertThat(most[0]).isLessThanOrEqualTo(bounds);
			slow.forEach(RawClient::abort);
			Await.until("no request", () -> server.activeRequests() == 0);
		}
		finally {
			slow.forEach(RawClient::close);
		}
	}

	// Options.

	@Test
	void connectionSaysThatItsLastRequestIsTheLast() {
		try (ProxyServer server = proxies(ClientLimits.defaults().withMaxKeepaliveRequests(3)).start();
				RawClient client = Proxies.connect(server)) {
			for (int i = 1; i <= 3; i++) {
				RawResponse response = client.get("/hello").readResponse();
				assertThat(response.headers().lists("connection", "close")).isEqualTo(i == 3);
			}
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			this.endings.assertNothingBut(3);
			assertThat(this.origin.requestCount()).isEqualTo(3);
		}
	}

	@Test
	void limitsAreChecked() {
		ClientLimits limits = ClientLimits.defaults();
		assertThatIllegalArgumentException().isThrownBy(() -> limits.withMinBodyRate(-1))
			.withMessageStartingWith("minBodyRate: -1 (expected: ");
		assertThatIllegalArgumentException().isThrownBy(() -> limits.withMinResponseRate(1L << 31))
			.withMessageStartingWith("minResponseRate: ");
		assertThatIllegalArgumentException().isThrownBy(() -> limits.withRateGrace(Duration.ZERO))
			.withMessageStartingWith("rateGrace: PT0S (expected: ");
		assertThatIllegalArgumentException().isThrownBy(() -> limits.withMaxKeepaliveRequests(0))
			.withMessage("maxKeepaliveRequests: 0 (expected: >= 1, or -1 for any number)");
	}

}
