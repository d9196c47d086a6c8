package dev.pingora.server;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RequestOutcome;
import dev.pingora.event.RequestSummary;
import dev.pingora.panic.PanicResponse;
import dev.pingora.panic.PanicSite;
import dev.pingora.panic.PanicTotals;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.FailedAttempt;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.RequestEnd;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.Session;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.RequestObserver;
import dev.pingora.http.RequestHeader;
import org.jspecify.annotations.Nullable;
import dev.pingora.error.ProxyException;
import dev.pingora.http.BodyChunk;
import dev.pingora.route.RequestPredicates;
import dev.pingora.route.RouteIndex;
import dev.pingora.route.RouteRule;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.Bystanders;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import dev.pingora.transport.Transport;
import dev.pingora.upstream.HttpPeer;
import dev.pingora.upstream.PeerOptions;
import io.netty.channel.EventLoop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The panic contract beside the phases: predicates, listeners, timers, connect callbacks,
 * release actions, pipelined predecessors, blocking calls that are cut off.
 */
@ExtendWith(EngineExtension.class)
class PanicBorderTests {

	private final RawOrigin origin = RawOrigin.start();

	private ProxyServer server;

	private ProxyServer.Builder builder() {
		return ProxyServer.builder().listener(ListenerOptions.of("http", "127.0.0.1", 0)).threads(2);
	}

	private Upstream upstream() {
		PeerOptions options = PeerOptions.builder().readTimeout(Duration.ofSeconds(1)).build();
		return Upstream.of("origin", List.of(Backend.of(HttpPeer.of("127.0.0.1", this.origin.port(), options))));
	}

	private Route route(ProxyFilter... filters) {
		return Route.of("route", List.of(filters).stream().map((filter) -> NamedFilter.of("filter", filter)).toList(),
				upstream());
	}

	private void start(ProxyServer.Builder builder, ProxyFilter... filters) {
		Route route = route(filters);
		this.server = builder.router((request, trace) -> route).build().start();
	}

	private RawClient connect() {
		return RawClient.connect(this.server.port("http"));
	}

	private long panics(String phase, String filter) {
		return this.server.isolation().totals().total(new PanicTotals.Key(phase, filter, "route"));
	}

	private long panics() {
		return this.server.isolation().totals().total();
	}

	@AfterEach
	void close() {
		this.server.close();
		this.origin.close();
	}

	@Test
	void panickingPredicateFailsClosedAndIsBlamedOnItsRoute() {
		RouteRule bad = RouteRule.of(Route.of("bad", List.of(), upstream()),
				RequestPredicates.named("Boom", (request) -> {
					throw new IllegalStateException("a bug");
				}));
		this.server = builder().router(RouteIndex.of(bad, RouteRule.of(route()))).build().start();
		try (RawClient client = connect()) {
			assertThat(client.get("/hello").awaitEnd()).isEqualTo(End.RESET);
		}
		assertThat(this.origin.requestCount()).isZero();
		assertThat(this.server.isolation()
			.totals()
			.total(new PanicTotals.Key(PanicSite.PREDICATE, PanicTotals.NONE, "bad"))).isEqualTo(1);
	}

	@Test
	void panickingListenersHarmNeitherTheRequestNorEachOther() {
		BlockingQueue<RequestSummary> told = new LinkedBlockingQueue<>();
		start(builder().proxyListener(new ProxyListener() {

			@Override
			public @Nullable RequestObserver requestStarted(long requestId, RequestHeader request) {
				throw new IllegalStateException("a bug");
			}

			@Override
			public void requestFinished(FinishedRequest request) {
				throw new AssertionError("a bug");
			}

		}).proxyListener(new ProxyListener() {

			@Override
			public void requestFinished(FinishedRequest request) {
				RequestSummary summary = request.summary();
				told.add(summary);
			}

		}));
		try (RawClient client = connect()) {
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
			Await.until("two requests finished", () -> told.size() == 2);
		}
		assertThat(told).extracting(RequestSummary::outcome).containsOnly(RequestOutcome.PROXIED);
		assertThat(panics()).isEqualTo(4);
	}

	@Test
	void panickingReleaseActionLeavesTheResponseWholeAndTheOtherActionsRun() {
		BlockingQueue<String> released = new LinkedBlockingQueue<>();
		start(builder(), new ProxyFilter() {

			@Override
			public Outcome requestFilter(Session session) {
				session.onRelease(() -> released.add("first"));
				session.onRelease(() -> {
					throw new IllegalStateException("a bug");
				});
				session.onRelease(() -> released.add("last"));
				return Outcome.CONTINUE;
			}

		});
		try (RawClient client = connect()) {
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
		}
		assertThat(released).containsExactly("last", "first");
		assertThat(panics(PanicSite.RELEASE, PanicTotals.NONE)).isEqualTo(1);
		Await.until("the upstream connection to be closed", () -> this.origin.openConnections() == 0);
	}

	@Test
	void panicInTheCallbackOfANewConnectionClosesIt() {
		start(builder(), new ProxyFilter() {

			@Override
			public void connectedToUpstream(Session session, HttpPeer peer, boolean reused) {
				throw new IllegalStateException("reused: " + reused);
			}

		});
		try (RawClient client = connect()) {
			assertThat(client.get("/hello").awaitEnd()).isEqualTo(End.RESET);
		}
		Await.until("the upstream connection to come and go",
				() -> this.origin.acceptedConnections() == 1 && this.origin.openConnections() == 0);
		assertThat(panics("connectedToUpstream", "filter")).isEqualTo(1);
	}

	@Test
	void panicInTheCallbackOfATimerEndsItsOwnRequest() {
		start(builder(), new ProxyFilter() {

			@Override
			public ProxyException errorWhileProxy(Session session, FailedAttempt failure) {
				throw new IllegalStateException("a bug");
			}

		});
		try (RawClient client = connect(); Bystanders bystanders = Bystanders.start(this.server.port("http"), 20)) {
			assertThat(client.get("/hang").awaitEnd()).isEqualTo(End.RESET);
			bystanders.awaitProgress(2);
			bystanders.assertUndisturbed();
		}
		assertThat(panics("errorWhileProxy", "filter")).isEqualTo(1);
	}

	@Test
	void panicWhileTheUpstreamIsOnAnotherLoopEndsBoth() {
		ServerBuilder builder = (ServerBuilder) builder();
		builder.upstreamLoop(PanicBorderTests::next);
		start(builder, new ProxyFilter() {

			@Override
			public void responseBodyFilter(Session session, BodyChunk chunk) {
				if (session.request().hasHeader("x-panic") && session.bytesSent() > 100_000) {
					throw new IllegalStateException("a bug");
				}
			}

		});
		try (Bystanders bystanders = Bystanders.start(this.server.port("http"), 50)) {
			try (RawClient client = connect()) {
				client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n");
				client.sendInBackground(Octets.pattern(300_000));
				assertThat(client.readResponse().body()).isEqualTo(Octets.pattern(300_000));
			}
			try (RawClient client = connect()) {
				client.send("GET /bytes?n=1000000 HTTP/1.1\r\nHost: a\r\nX-Panic: yes\r\n\r\n");
				assertThat(client.awaitEnd()).isEqualTo(End.RESET);
			}
			bystanders.awaitProgress(2);
			bystanders.assertUndisturbed();
		}
		assertThat(panics("responseBodyFilter", "filter")).isEqualTo(1);
	}

	private static EventLoop next(EventLoop loop) {
		EventLoop next = loop.parent().next();
		return (next != loop) ? next : loop.parent().next();
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void slowReaderGetsEarlierPipelinedResponsesWholeBeforeTheReset(Transport transport) {
		start(builder().transport(transport), new PanicOnDemand());
		try (RawClient client = RawClient.connect("127.0.0.1", this.server.port("http"), 4096)) {
			client.send("GET /bytes?n=1000000 HTTP/1.1\r\nHost: a\r\n\r\n"
					+ "GET /hello HTTP/1.1\r\nHost: a\r\nX-Panic: yes\r\n\r\n");
			Await.until("the panic", () -> panics() == 1); // nothing has been read yet
			RawResponse response = client.readResponse();
			assertThat(response.body()).isEqualTo(Octets.pattern(1_000_000));
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
		}
	}

	private static final class PanicInRequestBody implements ProxyFilter {

		@Override
		public void requestBodyFilter(Session session, BodyChunk chunk) {
			if (chunk.content().readableBytes() == 5) {
				throw new IllegalStateException("a bug");
			}
		}

		@Override
		public void logging(Session session, RequestEnd end) {
			Await.poll(Duration.ofMillis(50), () -> false);
		}

	}

	/**
	 * A piece of a response, and the panic behind it, in one turn of the loop: what was
	 * only just given to the system must not make a FIN of the reset.
	 */
	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void panicBehindAPieceOfTheResponseEndsInAResetThoughTheLoopIsHeld(Transport transport) {
		CountDownLatch answer = new CountDownLatch(1);
		CountDownLatch answered = new CountDownLatch(1);
		this.origin.on("/early", (exchange) -> {
			exchange.await(answer);
			exchange.head(200, "Content-Length: 100").write("early");
			answered.countDown();
			exchange.hang();
		});
		HeldLoop held = new HeldLoop();
		start(builder().transport(transport).threads(1), held, new PanicInRequestBody());
		try (RawClient client = connect(); RawClient holding = connect()) {
			client.send("POST /early HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
			this.origin.awaitRequest(1);
			holding.get(HeldLoop.TARGET);
			held.await();
			answer.countDown();
			Await.until("it has answered", () -> answered.getCount() == 0);
			client.send("5\r\npanic\r\n");
			held.release();
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
		}
		assertThat(panics()).isOne();
	}

	@Test
	void readerThatNeverReadsDoesNotKeepTheConnectionBeyondTheBound() {
		start(builder().downstream(DownstreamOptions.builder().resetTimeout(Duration.ofMillis(300)).build()),
				new PanicOnDemand());
		try (RawClient client = RawClient.connect("127.0.0.1", this.server.port("http"), 4096)) {
			client.send("GET /bytes?n=3000000 HTTP/1.1\r\nHost: a\r\n\r\n"
					+ "GET /hello HTTP/1.1\r\nHost: a\r\nX-Panic: yes\r\n\r\n");
			Await.until("the connection to be gone", () -> this.server.listeners().get(0).connections() == 0);
		}
	}

	static class PanicOnDemand implements ProxyFilter {

		@Override
		public Outcome requestFilter(Session session) {
			if (session.request().hasHeader("x-panic")) {
				throw new IllegalStateException("a bug");
			}
			return Outcome.CONTINUE;
		}

	}

	@Test
	void errorPageIsSentOnRequestAndTheConnectionClosed() {
		start(builder().panicResponse(PanicResponse.ERROR_PAGE), new PanicOnDemand());
		try (RawClient client = connect()) {
			client.send("GET /hello HTTP/1.1\r\nHost: a\r\nX-Panic: yes\r\n\r\n");
			RawResponse page = client.readResponse();
			assertThat(page.status()).isEqualTo(500);
			assertThat(page.header("Connection")).isEqualTo("close");
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
		}
		assertThat(panics()).isEqualTo(1);
	}

	@Test
	void outOfMemoryOfTheHeapIsRemembered() {
		start(builder(), new ProxyFilter() {

			@Override
			public Outcome requestFilter(Session session) {
				throw new OutOfMemoryError("Java heap space");
			}

		});
		try (RawClient client = connect()) {
			assertThat(client.get("/hello").awaitEnd()).isEqualTo(End.RESET);
		}
		assertThat(this.server.isolation().grave()).isNotNull();
	}

	/**
	 * Blocks until it is interrupted, and then throws what it is told to.
	 */
	@Blocking
	static class Stuck implements ProxyFilter {

		final CountDownLatch entered = new CountDownLatch(1);

		final BlockingQueue<RequestEnd> ends = new LinkedBlockingQueue<>();

		final RuntimeException afterwards;

		Stuck(RuntimeException afterwards) {
			this.afterwards = afterwards;
		}

		@Override
		public Outcome requestFilter(Session session) {
			this.entered.countDown();
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException cutOff) {
				// It is still readable.
				assertThat(session.request().path()).isEqualTo("/hello");
				throw this.afterwards;
			}
			return Outcome.CONTINUE;
		}

		@Override
		public void logging(Session session, RequestEnd end) {
			this.ends.add(end);
		}

	}

	@Test
	void clientThatAbortsCutsTheBlockingCallOff() throws Exception {
		Stuck stuck = new Stuck(new IllegalStateException(new InterruptedException()));
		abortWhileStuck(stuck);
		assertThat(stuck.ends.poll(5, TimeUnit.SECONDS)).extracting(RequestEnd::outcome)
			.isEqualTo(RequestOutcome.ABORTED);
		assertThat(panics()).isZero();
	}

	@Test
	void latePanicOfACallThatWasCutOffIsCountedOnce() throws Exception {
		Stuck stuck = new Stuck(new IllegalStateException("a bug in the handling of the interrupt"));
		abortWhileStuck(stuck);
		assertThat(stuck.ends.poll(5, TimeUnit.SECONDS)).isNotNull();
		assertThat(panics("requestFilter", "filter")).isEqualTo(1);
		assertThat(panics()).isEqualTo(1);
	}

	@Test
	void latePanicThatCanNotEvenBeAskedForItsCauseKeepsNoFilterFromLogging() throws Exception {
		Stuck stuck = new Stuck(new Causeless());
		abortWhileStuck(stuck);
		assertThat(stuck.ends.poll(5, TimeUnit.SECONDS)).isNotNull();
		assertThat(panics("requestFilter", "filter")).isEqualTo(1);
		assertThat(panics()).isEqualTo(1);
	}

	private static final class Causeless extends RuntimeException {

		private static final long serialVersionUID = 1L;

		@Override
		public synchronized Throwable getCause() {
			throw new IllegalStateException("no cause");
		}

	}

	private void abortWhileStuck(Stuck stuck) throws InterruptedException {
		start(builder(), stuck);
		try (RawClient client = connect()) {
			client.get("/hello");
			assertThat(stuck.entered.await(5, TimeUnit.SECONDS)).isTrue();
			client.abort();
		}
		Await.until("the request to have ended", () -> this.server.activeRequests() == 0);
	}

	@Test
	void serverThatIsClosedCutsBlockingCallsOff() throws Exception {
		Stuck stuck = new Stuck(new IllegalStateException(new InterruptedException()));
		start(builder(), stuck);
		try (RawClient client = connect()) {
			client.get("/hello");
			assertThat(stuck.entered.await(5, TimeUnit.SECONDS)).isTrue();
			assertThat(this.server.drain(Duration.ofMillis(50))).isEqualTo(1);
			assertThat(client.readResponse().status()).isEqualTo(503);
			assertThat(panics()).isZero();
		}
	}

}
