package dev.pingora.server;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.pingora.http.BodyChunk;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.RequestEnd;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Phases that may block run on the executor, in order, and hold up nobody else.
 */
@ExtendWith(EngineExtension.class)
class BlockingPhaseTests {

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	@AutoClose("shutdownNow")
	private final ExecutorService executor = Executors.newFixedThreadPool(2,
			(work) -> new Thread(work, "test-blocking"));

	private final List<String> calls = new CopyOnWriteArrayList<>();

	private final CountDownLatch entered = new CountDownLatch(1);

	private final CountDownLatch gate = new CountDownLatch(1);

	private ProxyServer serve(ProxyFilter... filters) {
		Proxies proxies = Proxies.to(this.origin).with((it) -> it.blockingExecutor(this.executor));
		List.of(filters).forEach(proxies::filter);
		return proxies.start();
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void called(String what) {
		boolean offloaded = Thread.currentThread().getName().startsWith("test-blocking");
		this.calls.add(what + (offloaded ? " off" : " on"));
	}

	@Blocking
	private final class AllBlocking implements ProxyFilter {

		@Override
		public void newContext(Session session) {
			called("newContext");
		}

		@Override
		public Outcome requestFilter(Session session) {
			called("requestFilter");
			return Outcome.CONTINUE;
		}

		@Override
		public void upstreamRequestFilter(Session session, RequestHeader upstreamRequest) {
			called("upstreamRequestFilter");
			upstreamRequest.headers().set("X-Blocking", "yes");
		}

		@Override
		public void requestBodyFilter(Session session, BodyChunk chunk) {
			called("requestBodyFilter");
		}

		@Override
		public void responseFilter(Session session, ResponseHeader response) {
			called("responseFilter");
		}

		@Override
		public void logging(Session session, RequestEnd end) {
			called("logging");
		}

	}

	private final class PlainRequestFilter implements ProxyFilter {

		@Override
		public Outcome requestFilter(Session session) {
			called("plain");
			return Outcome.CONTINUE;
		}

	}

	@Test
	void blockingPhasesRunOnTheExecutorAndTheOrderIsKept() {
		try (ProxyServer server = serve(new PlainRequestFilter(), new AllBlocking(), new PlainRequestFilter());
				RawClient client = Proxies.connect(server)) {
			client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
			assertThat(client.readResponse().text()).isEqualTo("hello");
			Await.until("the end", () -> server.activeRequests() == 0);
			assertThat(this.calls).containsExactly("newContext on", "plain on", "requestFilter off", "plain on",
					"upstreamRequestFilter off", "requestBodyFilter on", "responseFilter off", "logging off");
			assertThat(this.origin.awaitRequest(1).header("x-blocking")).isEqualTo("yes");
		}
	}

	/** Blocks for one path in one phase until the gate opens. */
	private final class Gated implements ProxyFilter {

		@Override
		@Blocking
		public Outcome requestFilter(Session session) {
			if (session.request().path().equals("/gated")) {
				session.request().setPath("/echo");
				pass();
			}
			return Outcome.CONTINUE;
		}

		@Override
		@Blocking
		public void responseFilter(Session session, ResponseHeader response) {
			if (response.hasHeader("x-gated")) {
				pass();
			}
		}

		private void pass() {
			BlockingPhaseTests.this.entered.countDown();
			await(BlockingPhaseTests.this.gate);
		}

	}

	@Test
	void blockedRequestHoldsUpNobodyElse() {
		try (ProxyServer server = serve(new Gated());
				RawClient blocked = Proxies.connect(server);
				RawClient client = Proxies.connect(server)) {
			blocked.get("/gated");
			await(this.entered);
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			this.gate.countDown();
			assertThat(blocked.readResponse().status()).isEqualTo(200);
		}
	}

	@Test
	void bodyWaitsWhileAPhaseBlocks() {
		byte[] body = Octets.pattern(1_000_000);
		try (ProxyServer server = serve(new Gated()); RawClient client = Proxies.connect(server)) {
			client.send("POST /gated HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
			client.sendInBackground(body);
			await(this.entered);
			assertThat(this.origin.requestCount()).isZero();
			this.gate.countDown();
			assertThat(client.readResponse().body()).isEqualTo(body);
		}
	}

	@Test
	void requestBodyGoesOnAfterAResponseFilterHasBlocked() {
		this.origin.on("/early", (exchange) -> {
			exchange.head(200, "X-Gated: yes", "Transfer-Encoding: chunked");
			exchange.chunk(exchange.readBody());
			exchange.lastChunk();
		});
		try (ProxyServer server = serve(new Gated()); RawClient client = Proxies.connect(server)) {
			client.send("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
			await(this.entered);
			client.send("hello");
			try (RawClient other = Proxies.connect(server)) { // so that "hello" has come
				other.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").readResponse();
			}
			this.gate.countDown();
			assertThat(client.readResponse().text()).isEqualTo("hello");
		}
	}

	@Test
	void responseBodyWaitsWhileAResponseFilterBlocks() {
		this.origin.on("/large", (exchange) -> {
			exchange.head(200, "X-Gated: yes", "Content-Length: 2000000");
			exchange.writePattern(0, 0, 2_000_000);
		});
		try (ProxyServer server = serve(new Gated()); RawClient client = Proxies.connect(server)) {
			client.get("/large");
			await(this.entered);
			this.gate.countDown();
			assertThat(client.readResponse().body()).isEqualTo(Octets.pattern(2_000_000));
		}
	}

	@Test
	void originThatIsDoneMeanwhileIsHeardAfterwards() {
		this.origin.on("/done", (exchange) -> {
			exchange.head(200, "X-Gated: yes").write("until close");
			exchange.finish();
		});
		try (ProxyServer server = serve(new Gated()); RawClient client = Proxies.connect(server)) {
			client.get("/done");
			await(this.entered);
			this.gate.countDown();
			assertThat(client.readResponse().text()).isEqualTo("until close");
		}
	}

	@Test
	void clientThatLeavesInterruptsTheCall() {
		AtomicBoolean interrupted = new AtomicBoolean();
		CountDownLatch never = new CountDownLatch(1);
		ProxyFilter waiting = new ProxyFilter() {
			@Override
			@Blocking
			public Outcome requestFilter(Session session) {
				BlockingPhaseTests.this.entered.countDown();
				try {
					assertThat(never.await(10, TimeUnit.SECONDS)).isTrue();
				}
				catch (InterruptedException ex) {
					// The session is still usable.
					interrupted.set(session.request().path().equals("/x"));
				}
				return Outcome.CONTINUE;
			}

			@Override
			public void logging(Session session, RequestEnd end) {
				called("logging " + end.outcome().tag());
			}
		};
		try (ProxyServer server = serve(waiting); RawClient client = Proxies.connect(server)) {
			client.get("/x");
			await(this.entered);
			client.abort();
			Await.until("the end", () -> server.activeRequests() == 0);
			assertThat(interrupted).isTrue();
			assertThat(this.calls).containsExactly("logging aborted on");
			assertThat(server.isolation().totals().total()).isZero();
			assertThat(this.origin.requestCount()).isZero();
		}
	}

	@Test
	void requestWhoseCallWaitsForAThreadEndsWithItsClient() {
		List<Runnable> waiting = new CopyOnWriteArrayList<>();
		ProxyFilter filter = new ProxyFilter() {
			@Override
			@Blocking
			public Outcome requestFilter(Session session) {
				called("requestFilter");
				return Outcome.CONTINUE;
			}

			@Override
			public void logging(Session session, RequestEnd end) {
				called("logging " + end.outcome().tag());
			}
		};
		try (ProxyServer server = Proxies.to(this.origin)
			.filter(filter)
			.with((it) -> it.blockingExecutor(waiting::add))
			.start(); RawClient client = Proxies.connect(server)) {
			client.get("/hello");
			Await.until("a call that waits", () -> !waiting.isEmpty());
			client.abort();
			Await.until("the end", () -> server.activeRequests() == 0);
			waiting.forEach(Runnable::run);
			assertThat(this.calls).containsExactly("logging aborted on");
			assertThat(server.isolation().totals().total()).isZero();
		}
	}

	@Test
	void fullExecutorIsServiceUnavailable() {
		ProxyFilter filter = new AllBlocking();
		try (ProxyServer server = Proxies.to(this.origin).filter(filter).with((it) -> it.blockingExecutor((call) -> {
			throw new RejectedExecutionException("full");
		})).start(); RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(503);
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(503);
			assertThat(this.origin.requestCount()).isZero();
			assertThat(server.isolation().totals().total()).isZero();
		}
	}

	@Test
	void executorThatPanicsKeepsOneFilterFromLoggingAndNoOther() {
		ProxyFilter blocking = new ProxyFilter() {
			@Override
			@Blocking
			public void logging(Session session, RequestEnd end) {
				called("never");
			}
		};
		ProxyFilter plain = new ProxyFilter() {
			@Override
			public void logging(Session session, RequestEnd end) {
				called("logging " + end.outcome().tag());
			}
		};
		try (ProxyServer server = Proxies.to(this.origin)
			.filter(blocking)
			.filter(plain)
			.with((it) -> it.blockingExecutor((call) -> {
				throw new IllegalStateException("a bug");
			}))
			.start(); RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
			Await.until("the end", () -> server.activeRequests() == 0);
			assertThat(this.calls).containsExactly("logging proxied on");
			assertThat(server.isolation().totals().total()).isEqualTo(1);
		}
	}

	@Test
	void executorThatIsFullForTheResponseFilterIsServiceUnavailable() {
		ProxyFilter filter = new ProxyFilter() {
			@Override
			@Blocking
			public void responseFilter(Session session, ResponseHeader response) {
				called("responseFilter");
			}
		};
		try (ProxyServer server = Proxies.to(this.origin).filter(filter).with((it) -> it.blockingExecutor((call) -> {
			throw new RejectedExecutionException("full");
		})).start(); RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(503);
			assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
			assertThat(this.calls).isEmpty();
		}
	}

}
