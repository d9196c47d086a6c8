package dev.pingora.server;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import dev.pingora.http.BodyChunk;
import dev.pingora.http.ResponseHeader;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.transport.SocketOptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Bodies in chunks of one octet: what the proxy holds of them is bounded as well, though
 * each piece costs it far more memory than its octet; and they arrive.
 */
@ExtendWith(EngineExtension.class)
class TinyPieceTests {

	/** More chunks than octets may be sent ahead, or wait to be sent. */
	private static final int CHUNKS = 140_000;

	/** What a window lets pass: 128 KiB, of which none takes less than 512. */
	private static final int WINDOW = 256;

	/**
	 * What a channel holds until it is not writable, and small buffers of two kernels.
	 */
	private static final int SINK = 20_000;

	private static final int SMALL = 8192;

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	@AutoClose
	private final RawOrigin origin = RawOrigin.start(SMALL);

	private final byte[] body = Octets.pattern(CHUNKS);

	private final byte[] chunks = chunks(this.body);

	private final Counting passed = new Counting();

	/** Counts the pieces. */
	private static final class Counting implements ProxyFilter {

		final AtomicLong request = new AtomicLong();

		final AtomicLong response = new AtomicLong();

		@Override
		public void requestBodyFilter(Session session, BodyChunk chunk) {
			this.request.incrementAndGet();
		}

		@Override
		public void responseBodyFilter(Session session, BodyChunk chunk) {
			this.response.incrementAndGet();
		}

	}

	private static byte[] chunks(byte[] body) {
		ByteArrayOutputStream chunks = new ByteArrayOutputStream(body.length * 6 + 5);
		for (byte octet : body) {
			chunks.writeBytes(new byte[] { '1', '\r', '\n', octet, '\r', '\n' });
		}
		chunks.writeBytes(Octets.latin1("0\r\n\r\n"));
		return chunks.toByteArray();
	}

	private Proxies proxies() {
		return Proxies.to(this.origin)
			.filter(this.passed)
			.with((it) -> it.threads(2))
			.listener((it) -> it.socket(SocketOptions.downstream().toBuilder().sendBuffer(SMALL).build()))
			.peer((it) -> it.socket(SocketOptions.upstream().toBuilder().sendBuffer(SMALL).build()));
	}

	/** Has a connection to the origin made by one loop, and a client at another. */
	private void withClient(ProxyServer server, boolean borrows, Consumer<RawClient> test) {
		try (RawClient first = Proxies.connect(server);
				RawClient second = RawClient.connect("127.0.0.1", server.port("http"), SMALL)) {
			if (borrows) {
				assertThat(first.get("/hello").readResponse().status()).isEqualTo(200);
				Await.until("one is idle", () -> server.pools().get(0).idle() == 1);
			}
			this.passed.response.set(0);
			test.accept(second.patience(PATIENCE));
			assertThat(server.pools().get(0).borrows()).isEqualTo(borrows ? 1 : 0);
		}
	}

	private static RawClient post(RawClient client, String target) {
		return client.send("POST " + target + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void originThatDoesNotReadStopsTinyChunks(boolean borrows) {
		CountDownLatch go = new CountDownLatch(1);
		this.origin.on("/late", (exchange) -> {
			exchange.await(go);
			exchange.respond(200, String.valueOf(exchange.readBody().length));
		});
		try (ProxyServer server = proxies().start()) {
			withClient(server, borrows, (client) -> {
				CompletableFuture<Void> sent = post(client, "/late").sendInBackground(this.chunks);
				assertThat(Await.still(this.passed.request::get)).isLessThan(SINK + 2 * WINDOW);
				go.countDown();
				assertThat(client.readResponse().text()).isEqualTo(String.valueOf(CHUNKS));
				sent.join();
				assertThat(this.origin.awaitRequest(borrows ? 2 : 1).body()).isEqualTo(this.body);
			});
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void clientThatDoesNotReadStopsTinyChunks(boolean borrows) {
		this.origin.on("/stream", (exchange) -> {
			exchange.head(200, "Transfer-Encoding: chunked");
			exchange.write(this.chunks);
		});
		try (ProxyServer server = proxies().start()) {
			withClient(server, borrows, (client) -> {
				client.get("/stream");
				assertThat(Await.still(this.passed.response::get)).isLessThan(SINK + 2 * WINDOW);
				assertThat(client.readResponse().body()).isEqualTo(this.body);
			});
		}
	}

	/** Nothing may pile up in front of a lender that does not come to write it. */
	@Test
	void loopThatIsHeldTakesNoMoreTinyChunksThanAWindow() {
		HeldLoop held = new HeldLoop();
		try (ProxyServer server = proxies().filter(held).start();
				RawClient lending = Proxies.connect(server);
				RawClient client = Proxies.connect(server)) {
			lending.get("/hello").readResponse();
			Await.until("one is idle", () -> server.pools().get(0).idle() == 1);
			post(client.patience(PATIENCE), "/echo");
			this.origin.awaitRequest(2);
			lending.get(HeldLoop.TARGET);
			held.await();
			client.sendInBackground(this.chunks);
			assertThat(Await.still(this.passed.request::get)).isLessThanOrEqualTo(2 * WINDOW);
			held.release();
			assertThat(client.readResponse().body()).isEqualTo(this.body);
			assertThat(lending.readResponse().text()).isEqualTo("hello");
			assertThat(server.pools().get(0).borrows()).isOne();
		}
	}

	/** They use up their credit meanwhile. */
	@Test
	void tinyChunksThatWaitForABlockingFilterFlowOnBehindIt() {
		CountDownLatch answered = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		ProxyFilter holding = new ProxyFilter() {
			@Override
			@Blocking
			public void responseFilter(Session session, ResponseHeader response) {
				answered.countDown();
				Await.until("go", () -> go.getCount() == 0);
			}
		};
		this.origin.on("/early", (exchange) -> {
			exchange.head(200, "Transfer-Encoding: chunked");
			exchange.chunk(exchange.readBody());
			exchange.lastChunk();
		});
		try (ProxyServer server = proxies().filter(holding).start(); RawClient client = Proxies.connect(server)) {
			post(client.patience(PATIENCE), "/early");
			Await.until("the answer", () -> answered.getCount() == 0);
			CompletableFuture<Void> sent = client.sendInBackground(this.chunks);
			Await.poll(Duration.ofMillis(300), sent::isDone); // kernels may take them all
			go.countDown();
			assertThat(client.readResponse().body()).isEqualTo(this.body);
			sent.join();
		}
	}

}
