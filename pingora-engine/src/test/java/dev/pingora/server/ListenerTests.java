package dev.pingora.server;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.pingora.connector.PoolStatus;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RejectedRequest;
import dev.pingora.event.RequestObserver;
import dev.pingora.event.RequestOutcome;
import dev.pingora.event.RequestSummary;
import dev.pingora.event.Step;
import dev.pingora.event.Timings;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.Panic;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * What those who observe requests are told.
 */
@ExtendWith(EngineExtension.class)
class ListenerTests {

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private final List<String> calls = new CopyOnWriteArrayList<>();

	private final List<RequestSummary> finished = new CopyOnWriteArrayList<>();

	private final List<RejectedRequest> rejected = new CopyOnWriteArrayList<>();

	private final List<FinishedRequest> views = new CopyOnWriteArrayList<>();

	/** Notes everything. */
	private final class Noting implements ProxyListener {

		@Override
		public RequestObserver requestStarted(long requestId, RequestHeader request) {
			ListenerTests.this.calls.add("started " + request.target());
			return new NotingObserver();
		}

		@Override
		public void requestFinished(FinishedRequest request) {
			ListenerTests.this.views.add(request);
			ListenerTests.this.finished.add(request.summary());
		}

		@Override
		public void requestRejected(RejectedRequest request) {
			ListenerTests.this.rejected.add(request);
		}

	}

	/** Notes everything of one request. */
	private final class NotingObserver implements RequestObserver {

		@Override
		public String traceId() {
			return "4bf92f3577b34da6a3ce929d0e0e4736";
		}

		@Override
		public void attemptStarted(HttpPeer peer, int attempt) {
			ListenerTests.this.calls.add("attempt " + attempt);
		}

		@Override
		public void upstreamRequest(RequestHeader request) {
			ListenerTests.this.calls.add("sending");
			request.headers().set("X-Trace", "t");
		}

		@Override
		public void attemptFinished(int status, @Nullable ProxyException error) {
			ListenerTests.this.calls.add("attempt ended " + status + " " + ((error != null) ? error.type() : "well"));
		}

		@Override
		public void finished(FinishedRequest request) {
			ListenerTests.this.calls.add("finished " + request.outcome().tag());
		}

	}

	private Proxies proxies() {
		return Proxies.to(this.origin).with((builder) -> builder.proxyListener(new Noting()));
	}

	private RequestSummary awaitFinished() {
		Await.until("a finished request", () -> !this.finished.isEmpty());
		return this.finished.get(0);
	}

	@Test
	void proxiedRequestIsToldWholeAndInOrder() {
		try (ProxyServer server = proxies().start(); RawClient client = Proxies.connect(server)) {
			client.get("/hello?a=1").readResponse();
			RequestSummary summary = awaitFinished();
			assertThat(this.calls).containsExactly("started /hello?a=1", "attempt 1", "sending",
					"attempt ended 200 well", "finished proxied");
			assertThat(summary.outcome()).isEqualTo(RequestOutcome.PROXIED);
			assertThat(summary.traceId()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
			assertThat(summary.path()).isEqualTo("/hello");
			assertThat(summary.route()).isEqualTo("r");
			assertThat(summary.upstream()).isEqualTo("u");
			assertThat(summary.status()).isEqualTo(200);
			assertThat(summary.panicId()).isZero();
			assertThat(this.origin.requests().get(0).header("X-Trace")).isEqualTo("t");
			assertThat(summary.toString()).startsWith("request 1 GET /hello host=test.example client=127.0.0.1:")
				.contains(" route=r peer=127.0.0.1:", " attempts=1 status=200 in=0 out=5 millis=", " outcome=proxied ")
				.endsWith("trace=4bf92f3577b34da6a3ce929d0e0e4736");
		}
	}

	@Test
	void summaryShowsNamesOfTheQueryAndTheHeadersThatWereAskedFor() {
		try (ProxyServer server = proxies().with((builder) -> builder.summaryHeaders(List.of("User-Agent", "X-Absent")))
			.start(); RawClient client = Proxies.connect(server)) {
			client.send("GET /hello?user=me&&token=se=cret&loose HTTP/1.1\r\nHost: a\r\n"
					+ "user-agent: test\r\nAuthorization: secret\r\n\r\n");
			client.readResponse();
			RequestSummary summary = awaitFinished();
			assertThat(summary.query()).isEqualTo("user=&&token=&");
			assertThat(summary.headers()).containsExactly(Map.entry("User-Agent", "test"));
			assertThat(summary.toString()).doesNotContain("secret", "token");
			client.get("/hello").readResponse();
			Await.until("the second request", () -> this.finished.size() == 2);
			assertThat(this.finished.get(1).query()).isNull();
			assertThat(this.finished.get(1).headers()).isEmpty();
		}
	}

	@Test
	void timingsAndStepsFollowTheRequestsWay() {
		ProxyFilter filter = new ProxyFilter() {

			@Override
			public Outcome requestFilter(Session session) {
				return Outcome.CONTINUE;
			}

			@Override
			public void responseFilter(Session session, ResponseHeader response) {
			}

		};
		try (ProxyServer server = proxies().filter(filter).start(); RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			RequestSummary summary = awaitFinished();
			Timings timings = summary.timings();
			assertThat(timings.attempt()).isPositive();
			assertThat(timings.connected()).isGreaterThan(timings.attempt());
			assertThat(timings.header()).isGreaterThan(timings.connected());
			assertThat(timings.total()).isGreaterThan(timings.header());
			assertThat(summary.duration().toNanos()).isEqualTo(timings.total());
			assertThat(summary.steps()).extracting(Step::name)
				.containsExactly("requestFilter", Step.ATTEMPT, Step.CONNECTED, Step.HEADER, "responseFilter");
			client.get("/hello").readResponse();
			Await.until("the second request", () -> this.finished.size() == 2);
			Timings reused = this.finished.get(1).timings();
			assertThat(reused.connected()).isEqualTo(reused.attempt());
		}
	}

	@Test
	void answeredRequestHasNoUpstreamTimings() {
		ProxyFilter filter = new ProxyFilter() {
			@Override
			public Outcome requestFilter(Session session) {
				return session.respond(204);
			}
		};
		try (ProxyServer server = proxies().filter(filter).start(); RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			Timings timings = awaitFinished().timings();
			assertThat(List.of(timings.attempt(), timings.connected(), timings.header())).containsOnly(Timings.NEVER);
			assertThat(this.calls).containsExactly("started /hello", "finished responded");
		}
	}

	@Test
	void panicIsToldWithItsNumber() {
		ProxyFilter filter = new ProxyFilter() {
			@Override
			public void responseFilter(Session session, ResponseHeader response) {
				throw new IllegalStateException("a bug");
			}
		};
		try (ProxyServer server = proxies().filter(filter).start(); RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/hello").awaitEnd()).isEqualTo(End.RESET);
			RequestSummary summary = awaitFinished();
			Panic panic = server.isolation().recent().get(0);
			assertThat(summary.outcome()).isEqualTo(RequestOutcome.PANIC);
			assertThat(summary.panicId()).isEqualTo(panic.id());
			assertThat(this.calls).containsExactly("started /hello", "attempt 1", "sending", "attempt ended 200 well",
					"finished panic");
			RequestSummary atPanic = panic.site().request();
			assertThat(atPanic).isNotNull();
			assertThat(atPanic.traceId()).isEqualTo(summary.traceId());
			assertThat(atPanic.steps()).extracting(Step::name).endsWith(Step.HEADER, "responseFilter");
			assertThat(atPanic.outcome()).isNull();
		}
	}

	@Test
	void observersThatPanicHarmNobody() {
		ProxyListener broken = new ProxyListener() {
			@Override
			public RequestObserver requestStarted(long requestId, RequestHeader request) {
				return new BrokenObserver();
			}
		};
		try (ProxyServer server = proxies().with((builder) -> builder.proxyListener(broken)).start();
				RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
			assertThat(awaitFinished().outcome()).isEqualTo(RequestOutcome.PROXIED);
			Await.until("the panics are counted", () -> server.isolation().totals().total() == 4);
			assertThat(server.isolation().recent()).extracting((panic) -> panic.site().phase())
				.containsOnly("listener");
			assertThat(this.calls).endsWith("finished proxied");
		}
	}

	/** Fails whatever it is told. */
	private static final class BrokenObserver implements RequestObserver {

		@Override
		public void attemptStarted(HttpPeer peer, int attempt) {
			throw new IllegalStateException("a bug");
		}

		@Override
		public void upstreamRequest(RequestHeader request) {
			throw new StackOverflowError("a bug");
		}

		@Override
		public void attemptFinished(int status, @Nullable ProxyException error) {
			throw new AssertionError("a bug");
		}

		@Override
		public void finished(FinishedRequest request) {
			throw new LinkageError("a bug");
		}

	}

	@Test
	void requestThatNeverBeganIsRejected() {
		try (ProxyServer server = proxies().start(); RawClient client = Proxies.connect(server)) {
			client.send("GET / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n");
			assertThat(client.readResponse().status()).isEqualTo(400);
			Await.until("the rejection", () -> !this.rejected.isEmpty());
			RejectedRequest request = this.rejected.get(0);
			assertThat(request.error().type()).isEqualTo(ErrorType.INVALID_HTTP_HEADER);
			assertThat(request.error().status()).isEqualTo(400);
			assertThat(request.clientAddress()).asString().startsWith("/127.0.0.1:");
			assertThat(this.calls).isEmpty();
		}
	}

	@Test
	void viewCannotBeUsedAfterTheCall() {
		try (ProxyServer server = proxies().start(); RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			awaitFinished();
			Await.until("the end", () -> server.activeRequests() == 0);
			assertThatIllegalStateException().isThrownBy(() -> this.views.get(0).request());
			assertThatIllegalStateException().isThrownBy(() -> this.views.get(0).summary());
		}
	}

	@Test
	void poolsTellWhatTheyHold() {
		try (ProxyServer server = proxies().start(); RawClient client = Proxies.connect(server)) {
			assertThat(server.pools()).isEmpty();
			client.get("/hello").readResponse();
			client.get("/hello").readResponse();
			String peer = "127.0.0.1:" + this.origin.port();
			PoolStatus idle = new PoolStatus(peer, 0, 1, 1, 1, 0);
			Await.until("an idle connection", () -> server.pools().equals(List.of(idle)));
			this.origin.close();
			PoolStatus closed = new PoolStatus(peer, 0, 0, 1, 1, 0);
			Await.until("no connection", () -> server.pools().equals(List.of(closed)));
		}
	}

}
