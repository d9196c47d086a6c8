package dev.pingora.server;

import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pingora.event.FinishedRequest;
import dev.pingora.event.RequestObserver;
import dev.pingora.http.RequestHeader;
import org.jspecify.annotations.Nullable;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.event.Phase;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RequestOutcome;
import dev.pingora.event.RequestSummary;
import dev.pingora.http.BodyChunk;
import dev.pingora.http.Headers;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.PanicTotals;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.FailedAttempt;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.RequestEnd;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.OriginExchange;
import dev.pingora.testkit.OriginRequest;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What happens at an awkward moment: between two attempts, while a call blocks, as the
 * server ends.
 */
@ExtendWith(EngineExtension.class)
class HostileReadingTests {

	private static final String CHUNKED_PUT = " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	@AutoClose("shutdownNow")
	private final ExecutorService executor = Executors.newFixedThreadPool(4,
			(work) -> new Thread(work, "test-blocking"));

	private final CountDownLatch entered = new CountDownLatch(1);

	private final CountDownLatch gate = new CountDownLatch(1);

	private final Finished finished = new Finished();

	/** Counts what is told of requests. */
	private static final class Finished implements ProxyListener {

		private final AtomicInteger started = new AtomicInteger();

		private final Map<Long, Integer> counts = new ConcurrentHashMap<>();

		private final BlockingQueue<RequestSummary> summaries = new LinkedBlockingQueue<>();

		@Override
		public @Nullable RequestObserver requestStarted(long requestId, RequestHeader request) {
			this.started.incrementAndGet();
			return null;
		}

		@Override
		public void requestFinished(FinishedRequest request) {
			RequestSummary summary = request.summary();
			this.counts.merge(summary.id(), 1, Integer::sum);
			this.summaries.add(summary);
		}

		RequestSummary only() {
			Await.until("a request that has finished", () -> !this.summaries.isEmpty());
			assertThat(this.summaries).hasSize(1);
			return this.summaries.element();
		}

		long count(RequestOutcome outcome) {
			return this.summaries.stream().filter((summary) -> summary.outcome() == outcome).count();
		}

	}

	private Proxies proxies(ProxyFilter... filters) {
		Proxies proxies = Proxies.to(this.origin)
			.with((it) -> it.blockingExecutor(this.executor).proxyListener(this.finished));
		List.of(filters).forEach(proxies::filter);
		return proxies;
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void pass() {
		this.entered.countDown();
		await(this.gate);
	}

	/** The one event loop has seen what came before. */
	private static void roundTrip(ProxyServer server) {
		for (int i = 0; i < 3; i++) {
			try (RawClient other = Proxies.connect(server)) {
				assertThat(other.get("/hello").readResponse().text()).isEqualTo("hello");
			}
		}
	}

	// Between two attempts.

	/**
	 * Holds up the handling of the first failure; each attempt but the last is made
	 * again.
	 */
	private final class Again implements ProxyFilter {

		private final boolean wanted;

		Again(boolean wanted) {
			this.wanted = wanted;
		}

		@Override
		@Blocking
		public ProxyException errorWhileProxy(Session session, FailedAttempt failure) {
			pass();
			return this.wanted ? failure.error().retryable() : failure.error();
		}

	}

	private void resetOnce(OriginExchange exchange) throws Exception {
		long earlier = this.origin.requests().stream().filter((request) -> request.path().equals("/once")).count();
		if (earlier == 1) {
			exchange.reset();
		}
		else {
			exchange.respond(200, exchange.readBody());
		}
	}

	private OriginRequest awaitLast(String path, int count) {
		Await.until("attempt " + count, () -> requests(path).size() >= count);
		return requests(path).get(count - 1);
	}

	private List<OriginRequest> requests(String path) {
		return this.origin.requests().stream().filter((request) -> request.path().equals(path)).toList();
	}

	@ParameterizedTest
	@ValueSource(strings = { "0\r\nX-End: yes\r\n\r\n", "2\r\nde\r\n0\r\nX-End: yes\r\n\r\n", "2\r\nde\r\n0\r\n\r\n",
			"0\r\n\r\n" })
	void bodyThatEndsBetweenTwoAttemptsOfAFilterEndsOnce(String rest) {
		this.origin.on("/once", this::resetOnce);
		try (ProxyServer server = proxies(new Again(true)).start(); RawClient client = Proxies.connect(server)) {
			client.send("PUT /once" + CHUNKED_PUT + "3\r\nabc\r\n");
			assertBodyEndsOnce(server, client, rest);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "0\r\nX-End: yes\r\n\r\n", "2\r\nde\r\n0\r\nX-End: yes\r\n\r\n", "0\r\n\r\n" })
	void bodyThatEndsAfterAStaleConnectionWasMetEndsOnce(String rest) {
		this.origin.on("/once", this::resetOnce);
		try (ProxyServer server = proxies(new Again(false)).start(); RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			client.send("PUT /once" + CHUNKED_PUT + "3\r\nabc\r\n");
			assertBodyEndsOnce(server, client, rest);
			assertThat(requests("/once").get(0).order()).isEqualTo(2);
		}
	}

	@Test
	void trailersThatWaitForAThirdAttemptAreTheOnlyEnd() {
		this.origin.on("/once", this::resetOnce);
		AtomicInteger refused = new AtomicInteger();
		ProxyFilter refusing = new ProxyFilter() {
			@Override
			public void requestBodyFilter(Session session, BodyChunk chunk) throws ProxyException {
				ByteBuf data = chunk.content();
				boolean held = data.isReadable() && data.getByte(data.readerIndex()) == 'd';
				if (held && refused.getAndIncrement() == 0) {
					throw ProxyException.internal(ErrorType.INTERNAL_ERROR, "not now");
				}
			}
		};
		try (ProxyServer server = proxies(new Again(true), refusing).start();
				RawClient client = Proxies.connect(server)) {
			client.send("PUT /once" + CHUNKED_PUT + "3\r\nabc\r\n");
			assertBodyEndsOnce(server, client, "2\r\nde\r\n0\r\nX-End: yes\r\n\r\n");
			assertThat(refused).hasValue(2);
		}
	}

	private void assertBodyEndsOnce(ProxyServer server, RawClient client, String rest) {
		await(this.entered);
		client.send(rest);
		roundTrip(server);
		this.gate.countDown();
		String body = rest.startsWith("2") ? "abcde" : "abc";
		assertThat(client.readResponse().text()).isEqualTo(body);
		OriginRequest last = requests("/once").get(requests("/once").size() - 1);
		assertThat(last.content().trailers().first("x-end")).isEqualTo(rest.contains("X-End") ? "yes" : null);
		// A second end would be taken for a request.
		for (int i = 0; i < 3; i++) {
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
		}
		assertThat(this.origin.failures()).isEmpty();
		OriginRequest next = this.origin.requests().get(this.origin.requests().size() - 1);
		assertThat(next.connection()).isEqualTo(last.connection());
	}

	private static String oneByOne(byte[] body) {
		StringBuilder chunks = new StringBuilder();
		for (byte octet : body) {
			chunks.append("1\r\n").append((char) (octet & 0xFF)).append("\r\n");
		}
		return chunks.append("0\r\n\r\n").toString();
	}

	@Test
	void smallPiecesThatCameBetweenTwoAttemptsCanBeSentTwiceMore() {
		byte[] body = Octets.pattern(5_000);
		AtomicInteger attempts = new AtomicInteger();
		this.origin.on("/thrice", (exchange) -> {
			int attempt = attempts.incrementAndGet();
			if (attempt > 1) {
				exchange.readBody();
			}
			if (attempt < 3) {
				exchange.reset();
			}
			else {
				exchange.respond(200, exchange.readBody());
			}
		});
		try (ProxyServer server = proxies(new Again(true)).start(); RawClient client = Proxies.connect(server)) {
			client.send("PUT /thrice" + CHUNKED_PUT);
			await(this.entered);
			client.send(oneByOne(body));
			roundTrip(server);
			this.gate.countDown();
			assertThat(client.readResponse().body()).isEqualTo(body);
			assertThat(requests("/thrice")).hasSize(3);
			assertThat(awaitLast("/thrice", 2).body()).isEqualTo(body);
		}
	}

	/** Blocks in the response filter, if the response asks for it. */
	private final class GatedResponse implements ProxyFilter {

		@Override
		@Blocking
		public void responseFilter(Session session, ResponseHeader response) throws ProxyException {
			if (response.hasHeader("x-gated")) {
				pass();
			}
			if (response.hasHeader("x-fail")) {
				throw ProxyException.internal(ErrorType.httpStatus(418), "no tea");
			}
		}

		@Override
		@Blocking
		public int failToProxy(Session session, ProxyException error, int status) {
			return status;
		}

	}

	@Test
	void piecesOfAllSizesThatComeWhileAPhaseBlocksArriveInOrder() {
		StringBuilder chunks = new StringBuilder();
		int[] sizes = { 1, 511, 1, 512, 513, 2, 2_000, 1, 1, 4_000, 512, 512, 513, 3 };
		int total = 0;
		for (int round = 0; round < 8; round++) {
			for (int size : sizes) {
				chunks.append(Integer.toHexString(size)).append("\r\n");
				chunks.append(Octets.latin1(Octets.pattern(0, total, size))).append("\r\n");
				total += size;
			}
		}
		byte[] body = Octets.pattern(total);
		this.origin.on("/early", (exchange) -> {
			exchange.head(200, "X-Gated: yes", "Transfer-Encoding: chunked");
			exchange.chunk(exchange.readBody());
			exchange.lastChunk();
		});
		try (ProxyServer server = proxies(new GatedResponse()).start(); RawClient client = Proxies.connect(server)) {
			client.send("PUT /early" + CHUNKED_PUT);
			await(this.entered);
			client.send(chunks + "0\r\n\r\n");
			roundTrip(server);
			this.gate.countDown();
			assertThat(client.readResponse().body()).isEqualTo(body);
		}
	}

	@Test
	void uploadOctetByOctetArrivesWhileAPhaseBlocks() {
		byte[] body = Octets.pattern(5_000);
		this.origin.on("/early", (exchange) -> {
			exchange.head(200, "X-Gated: yes", "Transfer-Encoding: chunked");
			exchange.chunk(exchange.readBody());
			exchange.lastChunk();
		});
		try (ProxyServer server = proxies(new GatedResponse()).start(); RawClient client = Proxies.connect(server)) {
			client.send("PUT /early" + CHUNKED_PUT);
			await(this.entered);
			client.send(oneByOne(body));
			roundTrip(server);
			this.gate.countDown();
			assertThat(client.readResponse().body()).isEqualTo(body);
		}
	}

	// While a call blocks.

	@Test
	void failureOfTheCallWinsOverTheOneThatCameMeanwhile() {
		CountDownLatch fail = new CountDownLatch(1);
		this.origin.on("/late", (exchange) -> {
			exchange.head(200, "X-Gated: yes", "X-Fail: yes", "Content-Length: 10");
			exchange.await(fail);
			exchange.reset();
		});
		try (ProxyServer server = proxies(new GatedResponse()).start(); RawClient client = Proxies.connect(server)) {
			client.get("/late");
			await(this.entered);
			fail.countDown();
			Await.until("the reset", () -> this.origin.openConnections() == 0);
			roundTrip(server);
			this.gate.countDown();
			assertThat(client.readResponse().status()).isEqualTo(418);
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			assertThat(this.finished.count(RequestOutcome.ERROR)).isOne();
		}
	}

	@Test
	void executorThatIsFullBehindTheHeadAbortsTheResponse() {
		CountDownLatch fail = new CountDownLatch(1);
		this.origin.on("/broken", (exchange) -> {
			exchange.head(200, "Content-Length: 10").write("abc");
			exchange.await(fail);
			exchange.reset();
		});
		try (ProxyServer server = Proxies.to(this.origin)
			.filter(new Again(false))
			.with((it) -> it.proxyListener(this.finished).blockingExecutor((call) -> {
				throw new RejectedExecutionException("full");
			}))
			.start(); RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/broken").readHead().status()).isEqualTo(200);
			assertThat(client.read(3)).isEqualTo(Octets.latin1("abc"));
			fail.countDown();
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
			assertThat(this.finished.only().outcome()).isEqualTo(RequestOutcome.ERROR);
			assertThat(server.isolation().totals().total()).isZero();
		}
	}

	/** Logs for as long as the gate is closed. */
	private final class GatedLogging implements ProxyFilter {

		@Override
		public Outcome requestFilter(Session session) {
			if (session.request().hasHeader("x-panic")) {
				throw new IllegalStateException("deliberate panic");
			}
			return Outcome.CONTINUE;
		}

		@Override
		@Blocking
		public void logging(Session session, RequestEnd end) {
			pass();
		}

	}

	@Test
	void loggingThatBlocksDoesNotDelayTheResponse() {
		try (ProxyServer server = proxies(new GatedLogging()).start(); RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			await(this.entered);
			assertThat(server.activeRequests()).isOne();
			this.gate.countDown();
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			assertThat(this.origin.acceptedConnections()).isOne();
		}
	}

	// As the server ends.

	@Test
	void requestWhoseLoggingStillRunsWasNotAbortedByTheDrain() {
		try (ProxyServer server = proxies(new GatedLogging()).start(); RawClient client = Proxies.connect(server)) {
			client.send("GET /hello HTTP/1.1\r\nHost: a\r\nX-Panic: yes\r\n\r\n");
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
			await(this.entered);
			assertThat(server.activeRequests()).isOne();
			assertThat(server.drain(Await.PATIENCE)).isZero();
			this.gate.countDown();
			Await.until("the end of the request", () -> server.activeRequests() == 0);
			assertThat(this.finished.only().outcome()).isEqualTo(RequestOutcome.PANIC);
		}
	}

	@Test
	void drainAbortsNothingWhereAllResponsesAreThere() {
		for (int i = 0; i < 30; i++) {
			try (ProxyServer server = proxies().start(); RawClient client = Proxies.connect(server)) {
				assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
				assertThat(server.drain(Await.PATIENCE)).isZero();
				assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			}
		}
	}

	// What a filter does.

	@ParameterizedTest
	@ValueSource(ints = { 100, 101, 103, 199 })
	void responseFilterThatMakesTheResponseInterimPanics(int status) {
		ProxyFilter filter = new ProxyFilter() {
			@Override
			public void responseFilter(Session session, ResponseHeader response) {
				response.setStatus(status);
			}
		};
		try (ProxyServer server = proxies(filter).start(); RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/hello").awaitEnd()).isEqualTo(End.RESET);
			assertThat(client.received()).isEmpty();
			assertThat(server.isolation()
				.totals()
				.total(new PanicTotals.Key(Phase.RESPONSE_FILTER.tag(), "filter-1", "r"))).isOne();
			assertThat(this.finished.only().outcome()).isEqualTo(RequestOutcome.PANIC);
		}
	}

	@Test
	void editedTrailersReachTheClient() {
		this.origin.on("/trailers", (exchange) -> {
			exchange.head(200, "Transfer-Encoding: chunked").chunk(Octets.latin1("abc"));
			exchange.lastChunk("X-Keep: 1", "X-Drop: 2", "X-Change: 3");
		});
		ProxyFilter filter = new ProxyFilter() {
			@Override
			public void upstreamResponseTrailerFilter(Session session, Headers trailers) {
				trailers.remove("X-Drop");
				trailers.add("X-Upstream", "4");
			}

			@Override
			public void responseTrailerFilter(Session session, Headers trailers) {
				trailers.set("X-Change", trailers.first("X-Change") + trailers.first("X-Upstream"));
				trailers.add("X-New", "5");
			}
		};
		try (ProxyServer server = proxies(filter).start(); RawClient client = Proxies.connect(server)) {
			RawResponse response = client.get("/trailers").readResponse();
			assertThat(response.text()).isEqualTo("abc");
			assertThat(response.trailers().first("x-keep")).isEqualTo("1");
			assertThat(response.trailers().first("x-drop")).isNull();
			assertThat(response.trailers().first("x-change")).isEqualTo("34");
			assertThat(response.trailers().first("x-upstream")).isEqualTo("4");
			assertThat(response.trailers().first("x-new")).isEqualTo("5");
		}
	}

	@Test
	void eachRequestFinishesOnceHoweverItEnds() {
		int rounds = 100;
		this.origin.on("/broken", (exchange) -> {
			exchange.head(200, "Content-Length: 10").write("abc");
			exchange.reset();
		});
		ProxyFilter filter = new ProxyFilter() {
			@Override
			public Outcome requestFilter(Session session) {
				if (session.request().path().equals("/panic")) {
					throw new IllegalStateException("deliberate panic");
				}
				return Outcome.CONTINUE;
			}

			@Override
			@Blocking
			public void logging(Session session, RequestEnd end) {
				if (session.request().path().equals("/hang")) {
					throw new IllegalStateException("deliberate panic");
				}
			}
		};
		try (ProxyServer server = proxies(filter).start()) {
			for (int i = 0; i < rounds; i++) {
				mixedRound(server, i);
			}
			Await.until("no request", () -> server.activeRequests() == 0);
			assertThat(this.finished.started).hasValue(5 * rounds);
			assertThat(this.finished.counts).hasSize(5 * rounds);
			assertThat(this.finished.counts.values()).containsOnly(1);
			assertThat(this.finished.count(RequestOutcome.PROXIED)).isEqualTo(rounds);
			assertThat(this.finished.count(RequestOutcome.ERROR)).isEqualTo(2 * rounds);
			assertThat(this.finished.count(RequestOutcome.PANIC)).isEqualTo(2 * rounds);
		}
	}

	private void mixedRound(ProxyServer server, int round) {
		try (RawClient kept = Proxies.connect(server);
				RawClient broken = Proxies.connect(server);
				RawClient panicking = Proxies.connect(server);
				RawClient aborting = Proxies.connect(server)) {
			kept.get("/hello");
			broken.get("/broken");
			panicking.get("/panic");
			aborting.get("/hang");
			Await.until("four requests", () -> this.finished.started.get() == 5 * round + 4);
			aborting.abort();
			assertThat(kept.readResponse().text()).isEqualTo("hello");
			assertThat(kept.get("/reset").readResponse().status()).isEqualTo(502);
			assertThat(panicking.awaitEnd()).isEqualTo(End.RESET);
			assertThat(broken.awaitEnd()).isEqualTo(End.RESET);
		}
	}

}
