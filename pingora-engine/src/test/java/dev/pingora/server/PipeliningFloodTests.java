package dev.pingora.server;

import dev.pingora.http.ResponseHeader;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import dev.pingora.transport.Transport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A client that sends requests without end, and perhaps reads no response, takes neither
 * memory without bound nor the loop from the others.
 */
@ExtendWith(EngineExtension.class)
class PipeliningFloodTests {

	private static final String REQUEST = "GET /flood HTTP/1.1\r\nHost: a\r\n\r\n";

	/** What kernels and the proxy may hold between the proxy and its client. */
	private static final long HELD = 12_000_000;

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private static byte[] requests(int count) {
		return Octets.latin1(REQUEST.repeat(count));
	}

	/** Answers on the loop itself, and notes the order. */
	private static class Answering implements ProxyFilter {

		final AtomicInteger floods = new AtomicInteger();

		private final byte[] body;

		Answering(int size) {
			this.body = Octets.pattern(size);
		}

		@Override
		public Outcome requestFilter(Session session) {
			if (session.request().path().equals("/flood")) {
				flooded(this.floods.incrementAndGet());
				return session.respond(ResponseHeader.of(200), this.body);
			}
			return Outcome.CONTINUE;
		}

		void flooded(int number) {
		}

	}

	/** Holds the loop in the first request of the flood. */
	private static final class Gated extends Answering {

		final CountDownLatch entered = new CountDownLatch(1);

		final CountDownLatch gate = new CountDownLatch(1);

		final List<Integer> before = new CopyOnWriteArrayList<>();

		Gated() {
			super(1);
		}

		@Override
		public Outcome requestFilter(Session session) {
			if (session.request().path().equals("/other")) {
				this.before.add(this.floods.get());
				return session.respond(204);
			}
			return super.requestFilter(session);
		}

		@Override
		void flooded(int number) {
			if (number == 1) {
				this.entered.countDown();
				try {
					assertThat(this.gate.await(10, TimeUnit.SECONDS)).isTrue();
				}
				catch (InterruptedException ex) {
					throw new IllegalStateException(ex);
				}
			}
		}

	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void pipelineWithoutEndLeavesTheOthersTheirTurns(Transport transport) throws Exception {
		int count = 3_000;
		Gated filter = new Gated();
		try (ProxyServer server = Proxies.to(this.origin).filter(filter).with((it) -> it.transport(transport)).start();
				RawClient flood = Proxies.connect(server);
				RawClient other = Proxies.connect(server)) {
			other.get("/other").readResponse();
			flood.sendInBackground(requests(count));
			assertThat(filter.entered.await(10, TimeUnit.SECONDS)).isTrue();
			other.get("/other");
			filter.gate.countDown();
			assertThat(other.readResponse().status()).isEqualTo(204);
			assertThat(filter.before).hasSize(2);
			assertThat(filter.before.get(1)).isBetween(1, 300);
			for (int i = 0; i < count; i++) {
				assertThat(flood.readResponse().status()).isEqualTo(200);
			}
		}
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void clientThatPipelinesWithoutReadingIsNotServedOn(Transport transport) {
		int size = 16 * 1024;
		Answering filter = new Answering(size);
		try (ProxyServer server = Proxies.to(this.origin).filter(filter).with((it) -> it.transport(transport)).start();
				RawClient flood = RawClient.connect("127.0.0.1", server.port("http"), 8192)) {
			flood.sendInBackground(requests(100_000));
			long served = Await.still(filter.floods::get);
			assertThat(served * size).isLessThan(HELD);
			try (RawClient other = Proxies.connect(server)) {
				assertThat(other.get("/hello").readResponse().text()).isEqualTo("hello");
			}
			byte[] expected = Octets.pattern(size);
			for (int i = 0; i < 2 * served; i++) {
				assertThat(flood.readResponse().body()).isEqualTo(expected);
			}
			flood.abort();
			Await.until("no connection", () -> server.listeners().get(0).connections() == 0);
		}
	}

	@Test
	void pipelineThatIsForwardedIsAnsweredInOrderWhenTheClientReadsAtLast() {
		int count = 300;
		int size = 40_000;
		StringBuilder requests = new StringBuilder();
		for (int i = 0; i < count; i++) {
			requests.append("GET /bytes?n=" + size + "&seed=" + i + " HTTP/1.1\r\nHost: a\r\n\r\n");
		}
		try (ProxyServer server = Proxies.to(this.origin).start();
				RawClient flood = RawClient.connect("127.0.0.1", server.port("http"), 8192)) {
			flood.patience(Duration.ofSeconds(20)).sendInBackground(Octets.latin1(requests.toString()));
			AtomicInteger seen = new AtomicInteger();
			Await.until("a flood that stands still", () -> {
				int now = (int) this.origin.requestCount();
				return now > 0 && now == seen.getAndSet(now) && server.activeRequests() <= 1;
			});
			for (int i = 0; i < count; i++) {
				RawResponse response = flood.readResponse();
				assertThat(response.body()).isEqualTo(Octets.pattern(i, 0, size));
			}
		}
	}

}
