package dev.pingora.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.RequestEnd;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawOrigin;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A client that sends on although its request has failed, and a filter that takes its
 * time.
 */
@ExtendWith(EngineExtension.class)
class StoppedReadingTests {

	private static final int MUCH = 256 * 1024 * 1024;

	// More than both sockets' buffers hold.
	private static final int SOME = 16 * 1024 * 1024;

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	@Test
	void whatNobodyReadsDoesNotPileUp() throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch gate = new CountDownLatch(1);
		ProxyFilter slow = new ProxyFilter() {
			@Override
			@Blocking
			public void logging(Session session, RequestEnd end) {
				entered.countDown();
				Await.until("the gate is open", () -> gate.getCount() == 0);
			}
		};
		try (ProxyServer server = Proxies.to(this.origin)
			.filter(slow)
			.downstream((options) -> options.maxBodySize(10))
			.start();
				SocketChannel client = SocketChannel.open(new InetSocketAddress("127.0.0.1", server.port("http")))) {
			client.write(ByteBuffer
				.wrap(("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + "b\r\nhello world\r\n")
					.getBytes(StandardCharsets.US_ASCII)));
			assertThat(read(client)).startsWith("HTTP/1.1 413 ");
			Await.until("the call has begun", () -> entered.getCount() == 0);
			client.configureBlocking(false);
			ByteBuffer data = ByteBuffer.allocate(64 * 1024);
			long sent = 0;
			boolean taken = true;
			while (taken && sent < MUCH) {
				long before = sent;
				long[] more = { 0 };
				taken = Await.poll(Duration.ofSeconds(1), () -> {
					more[0] = write(client, data);
					return more[0] > 0;
				});
				sent = before + more[0];
			}
			assertThat(sent).isLessThan(SOME);
			gate.countDown();
			Await.until("nothing is active", () -> server.activeRequests() == 0);
			Await.until("the end of the connection", () -> server.listeners().get(0).connections() == 0);
			assertThat(server.isolation().totals().total()).isZero();
		}
	}

	private static String read(SocketChannel client) throws IOException {
		ByteBuffer head = ByteBuffer.allocate(1024);
		assertThat(client.read(head)).isPositive();
		return StandardCharsets.US_ASCII.decode(head.flip()).toString();
	}

	private static int write(SocketChannel client, ByteBuffer data) {
		try {
			return client.write(data.clear());
		}
		catch (IOException ended) {
			return 0;
		}
	}

}
