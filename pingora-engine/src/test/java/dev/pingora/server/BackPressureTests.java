package dev.pingora.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.OriginExchange;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Neither side can make the proxy hold more than a bounded amount, whatever is slow; and
 * what one side gives up is not kept alive at the other.
 */
@ExtendWith(EngineExtension.class)
class BackPressureTests {

	/** What kernels and the proxy may hold between two ends. */
	private static final long HELD = 12_000_000 + 2 * largestReceiveBuffer();

	private static final int LARGE = (int) HELD + 30_000_000;

	private static final int PIECE = 16 * 1024;

	private final Endings endings = new Endings();

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	@AutoClose
	private final ProxyServer server = Proxies.to(this.origin).with((it) -> it.proxyListener(this.endings)).start();

	private final AtomicLong written = new AtomicLong();

	// Linux lets a connection's receive buffer grow to megabytes while nobody reads.
	private static long largestReceiveBuffer() {
		Path limits = Path.of("/proc/sys/net/ipv4/tcp_rmem");
		try {
			return Files.exists(limits) ? Long.parseLong(Files.readAllLines(limits).get(0).split("\\s+")[2]) : 0;
		}
		catch (IOException unreadable) {
			return 0;
		}
	}

	private void writeCounted(OriginExchange exchange, long length) throws IOException {
		for (long done = 0; done < length; done += PIECE) {
			exchange.write(Octets.pattern(0, done, (int) Math.min(PIECE, length - done)));
			this.written.set(Math.min(done + PIECE, length));
		}
	}

	@Test
	void clientThatDoesNotReadStopsTheOrigin() {
		this.origin.on("/large", (exchange) -> {
			exchange.head(200, "Content-Length: " + LARGE);
			writeCounted(exchange, LARGE);
		});
		try (RawClient client = RawClient.connect("127.0.0.1", this.server.port("http"), 8192)) {
			client.patience(Duration.ofSeconds(60)).get("/large");
			assertThat(Await.still(this.written::get)).isBetween(1L, HELD);
			assertThat(client.readResponse().body()).isEqualTo(Octets.pattern(LARGE));
		}
	}

	@Test
	void originThatDoesNotReadStopsTheClient() {
		CountDownLatch go = new CountDownLatch(1);
		this.origin.on("/late", (exchange) -> {
			exchange.await(go);
			exchange.respond(200, String.valueOf(exchange.readBody().length));
		});
		AtomicLong sent = new AtomicLong();
		try (RawClient client = Proxies.connect(this.server)) {
			client.patience(Duration.ofSeconds(60));
			client.send("POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: " + LARGE + "\r\n\r\n");
			CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
				for (int done = 0; done < LARGE; done += PIECE) {
					client.send(Octets.pattern(0, done, Math.min(PIECE, LARGE - done)));
					sent.addAndGet(PIECE);
				}
			});
			assertThat(Await.still(sent::get)).isBetween(1L, HELD);
			go.countDown();
			assertThat(client.readResponse().text()).isEqualTo(String.valueOf(LARGE));
			sending.join();
			assertThat(this.origin.awaitRequest(1).body()).isEqualTo(Octets.pattern(LARGE));
		}
	}

	@Test
	void bothBodiesMoveAtOnce() {
		int size = 3_000_000;
		this.origin.on("/both", (exchange) -> {
			exchange.head(200, "Content-Length: " + size);
			writeCounted(exchange, size / 2);
			exchange.readBody();
			exchange.writePattern(0, size / 2, size - size / 2);
		});
		try (RawClient client = Proxies.connect(this.server)) {
			client.send("POST /both HTTP/1.1\r\nHost: a\r\nContent-Length: " + size + "\r\n\r\n");
			client.readHead();
			byte[] first = client.read(size / 4);
			assertThat(first).isEqualTo(Octets.pattern(size / 4));
			client.sendInBackground(Octets.pattern(size));
			assertThat(client.read(size - size / 4)).isEqualTo(Octets.pattern(0, size / 4, size - size / 4));
			assertThat(this.origin.awaitRequest(1).body()).isEqualTo(Octets.pattern(size));
		}
	}

	@Test
	void responseThatComesBeforeTheRequestsEndIsDelivered() {
		this.origin.on("/early", (exchange) -> {
			exchange.respond(413, "too much");
			exchange.hang();
		});
		try (RawClient client = Proxies.connect(this.server)) {
			client.send("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: " + LARGE + "\r\n\r\n")
				.send(Octets.pattern(1000));
			RawResponse response = client.readResponse();
			assertThat(response.status()).isEqualTo(413);
			assertThat(response.text()).isEqualTo("too much");
			assertThat(response.headers().lists("connection", "close")).isTrue();
			assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
		}
	}

	@Test
	void earlyResponseOfAnOriginThatClosesIsDeliveredToAClientThatGoesOnSending() {
		this.origin.on("/early", (exchange) -> {
			exchange.respond(413, "too much", "Connection: close");
			exchange.finish();
		});
		try (RawClient client = Proxies.connect(this.server)) {
			client.send("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: " + LARGE + "\r\n\r\n");
			this.origin.awaitRequest(1);
			client.send(Octets.pattern(200_000));
			RawResponse response = client.readResponse();
			assertThat(response.status()).isEqualTo(413);
			assertThat(response.text()).isEqualTo("too much");
			assertThat(response.headers().all("connection")).containsExactly("close");
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
			assertThat(this.origin.awaitRequest(1).content().isComplete()).isFalse();
			assertThat(this.origin.requestCount()).isOne();
			this.endings.assertNothingBut(1);
		}
	}

	@Test
	void clientThatAbortsItsDownloadEndsTheUpstreamConnection() {
		try (RawClient client = Proxies.connect(this.server)) {
			client.get("/bytes?n=" + LARGE).readHead();
			client.read(100_000);
			client.abort();
			assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
		}
		assertServerLivesOnAnotherConnection();
	}

	@Test
	void clientThatLeavesWhileItWaitsEndsTheUpstreamConnection() {
		try (RawClient client = Proxies.connect(this.server)) {
			client.get("/hang");
			this.origin.awaitRequest(1);
		}
		assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
		Await.until("no request", () -> this.server.activeRequests() == 0);
		assertServerLivesOnAnotherConnection();
	}

	@Test
	void clientThatAbortsItsUploadEndsTheUpstreamConnection() {
		try (RawClient client = Proxies.connect(this.server)) {
			client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhello");
			this.origin.awaitRequest(1);
			client.abort();
		}
		assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
		assertThat(this.origin.awaitRequest(1).content().isComplete()).isFalse();
		assertServerLivesOnAnotherConnection();
	}

	private void assertServerLivesOnAnotherConnection() {
		int before = this.origin.acceptedConnections();
		try (RawClient client = Proxies.connect(this.server)) {
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
		}
		assertThat(this.origin.acceptedConnections()).isEqualTo(before + 1);
	}

}
