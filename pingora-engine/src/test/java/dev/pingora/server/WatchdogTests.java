package dev.pingora.server;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.LoadBalancer;
import dev.pingora.balancing.Upstream;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.HeldLoop;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RejectedRequest;
import dev.pingora.event.RequestObserver;
import dev.pingora.http.BodyChunk;
import dev.pingora.http.RequestHeader;
import dev.pingora.panic.PanicSite;
import dev.pingora.panic.PanicTotals;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.Router;
import dev.pingora.proxy.Session;
import dev.pingora.route.RequestPredicate;
import dev.pingora.route.RouteIndex;
import dev.pingora.route.RouteRule;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.upstream.HttpPeer;
import dev.pingora.watchdog.WatchdogOptions;
import dev.pingora.watchdog.WatchdogStatus;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A call that holds an event loop is named while it does so; nothing else is. The calls
 * here hold their loop until the watchdog has spoken.
 */
@ExtendWith(EngineExtension.class)
class WatchdogTests {

	private static final WatchdogOptions SHORT = new WatchdogOptions(Duration.ofMillis(100));

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private final CountDownLatch entered = new CountDownLatch(1);

	private final CountDownLatch gate = new CountDownLatch(1);

	private final Heard heard = new Heard();

	/** Keeps what the watchdog says. */
	private static final class Heard implements ProxyListener {

		private final List<HeldLoop> reports = new CopyOnWriteArrayList<>();

		@Override
		public void loopHeld(HeldLoop held) {
			this.reports.add(held);
		}

		// On a busy machine there may be others: whoever gets no time holds its loop,
		// too.
		HeldLoop awaitFirst(String method) {
			Await.until("a report of " + method, () -> about(method).findFirst().isPresent());
			return about(method).findFirst().orElseThrow();
		}

		private Stream<HeldLoop> about(String method) {
			return this.reports.stream()
				.filter((report) -> report.stack().stream().anyMatch((frame) -> frame.getMethodName().equals(method)));
		}

	}

	private void guiltyMethod() {
		this.entered.countDown();
		try {
			assertThat(this.gate.await(10, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private ProxyServer serve(WatchdogOptions options, Consumer<Proxies> change) {
		return serve(Proxies.to(this.origin), options, change);
	}

	private ProxyServer serve(Router router) {
		return serve(Proxies.to(), SHORT, (proxies) -> proxies.with((it) -> it.router(router)));
	}

	private ProxyServer serve(Proxies proxies, WatchdogOptions options, Consumer<Proxies> change) {
		proxies.with((it) -> it.watchdog(options).proxyListener(this.heard));
		change.accept(proxies);
		return proxies.start();
	}

	private ProxyServer serve(ProxyFilter... filters) {
		return serve(SHORT, (proxies) -> List.of(filters).forEach(proxies::filter));
	}

	private void assertHeldBy(ProxyServer server, String phase, @Nullable String filter, @Nullable String route) {
		HeldLoop first = this.heard.awaitFirst("guiltyMethod");
		assertThat(first.phase()).isEqualTo(phase);
		assertThat(first.filter()).isEqualTo(filter);
		assertThat(first.route()).isEqualTo(route);
		assertThat(first.thread()).startsWith("pingora-loop");
		assertThat(first.held()).isGreaterThanOrEqualTo(SHORT.loopBudget());
		assertThat(first.first()).isTrue();
		WatchdogStatus status = server.watchdog();
		assertThat(status.budget()).isEqualTo(SHORT.loopBudget());
		assertThat(status.held()).singleElement()
			.satisfies((held) -> assertThat(held.call()).isEqualTo(first.call()))
			.satisfies((held) -> assertThat(held.phase()).isEqualTo(phase));
		assertThat(status.overruns()).isPositive();
		this.gate.countDown();
		Await.until("the loop to go on", () -> server.watchdog().held().isEmpty());
		assertThat(server.watchdog().recent()).extracting(HeldLoop::call).contains(first.call());
	}

	private final class HoldingRequestFilter implements ProxyFilter {

		@Override
		public Outcome requestFilter(Session session) {
			guiltyMethod();
			return Outcome.CONTINUE;
		}

	}

	@Test
	void filterThatHoldsItsLoopIsNamedWhileItDoesSo() {
		try (ProxyServer server = serve(new HoldingRequestFilter()); RawClient client = Proxies.connect(server)) {
			client.get("/hello");
			assertHeldBy(server, "requestFilter", "filter-1", "r");
			assertThat(client.readResponse().text()).isEqualTo("hello");
		}
	}

	@Test
	void bodyFilterThatHoldsItsLoopIsNamed() {
		ProxyFilter holding = new ProxyFilter() {

			@Override
			public void requestBodyFilter(Session session, BodyChunk chunk) {
				if (WatchdogTests.this.entered.getCount() > 0) {
					guiltyMethod();
				}
			}

		};
		ProxyFilter innocent = new ProxyFilter() {

			@Override
			public void requestBodyFilter(Session session, BodyChunk chunk) {
			}

		};
		try (ProxyServer server = serve(innocent, holding); RawClient client = Proxies.connect(server)) {
			client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
			assertHeldBy(server, "requestBodyFilter", "filter-2", "r");
			assertThat(client.readResponse().text()).isEqualTo("hello");
		}
	}

	@Test
	void predicateThatHoldsItsLoopIsNamedByItsRoute() {
		CharSequence holding = new HoldingText();
		RequestPredicate regex = (request) -> Pattern.matches("x*", holding);
		RouteIndex routes = RouteIndex.of(RouteRule.of(route("first"), (request) -> false),
				RouteRule.of(route("second"), regex), RouteRule.of(route("third")));
		try (ProxyServer server = serve(routes); RawClient client = Proxies.connect(server)) {
			client.get("/hello");
			assertHeldBy(server, "predicate", null, "second");
			assertThat(client.readResponse().text()).isEqualTo("hello");
		}
	}

	/** A text over which a regular expression takes its time. */
	private final class HoldingText implements CharSequence {

		@Override
		public int length() {
			return 10;
		}

		@Override
		public char charAt(int index) {
			guiltyMethod();
			return 'y';
		}

		@Override
		public CharSequence subSequence(int start, int end) {
			return this;
		}

	}

	private Route route(String id) {
		return Route.of(id, List.of(),
				Upstream.of("u", List.of(Backend.of(HttpPeer.of("127.0.0.1", this.origin.port())))));
	}

	@Test
	void loadBalancerThatHoldsItsLoopIsNamedByItsRoute() {
		LoadBalancer holding = (backends) -> (hash, attempt) -> {
			guiltyMethod();
			return backends.get(0);
		};
		Route route = Route.of("r", List.of(),
				Upstream.of("u", List.of(Backend.of(HttpPeer.of("127.0.0.1", this.origin.port()))), holding));
		try (ProxyServer server = serve((request, trace) -> route); RawClient client = Proxies.connect(server)) {
			client.get("/hello");
			assertHeldBy(server, "upstreamPeer", null, "r");
			assertThat(client.readResponse().text()).isEqualTo("hello");
		}
	}

	private final class HoldingFinish implements ProxyListener {

		@Override
		public void requestFinished(FinishedRequest request) {
			assertThat(request.summary().path()).isEqualTo("/hello"); // asks observers
			guiltyMethod();
		}

	}

	/** Is asked for the trace id, by way of the summary. */
	private static final class Tracing implements ProxyListener {

		@Override
		public RequestObserver requestStarted(long requestId, RequestHeader request) {
			return new RequestObserver() {

				@Override
				public String traceId() {
					return "t";
				}

			};
		}

	}

	@Test
	void listenerThatHoldsItsLoopIsNamedEvenAfterItHasCalledTheEngine() {
		try (ProxyServer server = serve(SHORT,
				(proxies) -> proxies.with((it) -> it.proxyListener(new Tracing()).proxyListener(new HoldingFinish())));
				RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			assertHeldBy(server, "listener", "HoldingFinish", null);
		}
	}

	private final class HoldingRejection implements ProxyListener {

		@Override
		public void requestRejected(RejectedRequest request) {
			guiltyMethod();
		}

	}

	@Test
	void listenerThatHoldsItsLoopForARejectedRequestIsNamed() {
		try (ProxyServer server = serve(SHORT,
				(proxies) -> proxies.with((it) -> it.proxyListener(new HoldingRejection())));
				RawClient client = Proxies.connect(server)) {
			client.send("GET / HTTP/1.1\r\nHost: a b\r\n\r\n");
			assertHeldBy(server, "listener", "HoldingRejection", null);
			assertThat(client.readResponse().status()).isEqualTo(400);
		}
	}

	@Test
	void executorThatMakesItsCallerWaitIsNamed() {
		Executor waiting = (task) -> {
			guiltyMethod();
			new Thread(task, "test-blocking").start();
		};
		try (ProxyServer server = serve(SHORT, (proxies) -> proxies.filter(new BlockingFilter(() -> {
		})).with((it) -> it.blockingExecutor(waiting))); RawClient client = Proxies.connect(server)) {
			client.get("/hello");
			assertHeldBy(server, "requestFilter", "filter-1", "r");
			assertThat(client.readResponse().text()).isEqualTo("hello");
		}
	}

	private record BlockingFilter(Runnable work) implements ProxyFilter {

		@Override
		@Blocking
		public Outcome requestFilter(Session session) {
			this.work.run();
			return Outcome.CONTINUE;
		}

	}

	@Test
	void blockingPhaseOnTheExecutorIsNeverReported() throws InterruptedException {
		HoldingOnce loop = new HoldingOnce();
		try (ProxyServer server = serve(new BlockingFilter(() -> {
			if (this.entered.getCount() > 0) {
				guiltyMethod();
			}
		}), loop); RawClient blocked = Proxies.connect(server); RawClient client = Proxies.connect(server)) {
			blocked.get("/hello");
			assertThat(this.entered.await(10, TimeUnit.SECONDS)).isTrue();
			// The call is reported meanwhile.
			client.send("GET /hello?hold HTTP/1.1\r\nHost: a\r\n\r\n");
			assertThat(this.heard.awaitFirst("proxyUpstreamFilter").filter()).isEqualTo("filter-2");
			loop.gate.countDown();
			assertThat(client.readResponse().text()).isEqualTo("hello");
			this.gate.countDown();
			assertThat(blocked.readResponse().text()).isEqualTo("hello");
			assertThat(this.heard.about("guiltyMethod")).isEmpty();
		}
	}

	/** Holds the loop in the next phase for the request of a certain path. */
	private static final class HoldingOnce implements ProxyFilter {

		private final CountDownLatch gate = new CountDownLatch(1);

		@Override
		public Outcome proxyUpstreamFilter(Session session) {
			if (session.request().target().endsWith("?hold")) {
				Await.until("the gate", () -> this.gate.getCount() == 0);
			}
			return Outcome.CONTINUE;
		}

	}

	@Test
	void manyShortCallsAreNotReported() {
		// No call is long, but for two budgets the loop is hardly ever out of calls.
		ProxyFilter busy = new ProxyFilter() {

			@Override
			public Outcome requestFilter(Session session) {
				long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1);
				while (System.nanoTime() < end) {
					Thread.onSpinWait();
				}
				return Outcome.CONTINUE;
			}

		};
		Await.onSomeScale((budget) -> {
			this.heard.reports.clear();
			try (ProxyServer server = serve(new WatchdogOptions(budget),
					(proxies) -> Stream.generate(() -> busy).limit(budget.toMillis() * 2).forEach(proxies::filter));
					RawClient client = Proxies.connect(server)) {
				assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
				return server.watchdog().overruns() == 0 && this.heard.reports.isEmpty();
			}
		});
	}

	@Test
	void idleServerReportsNothing() {
		AtomicInteger samples = new AtomicInteger();
		try (ProxyServer server = serve(SHORT, (proxies) -> {
		})) {
			Await.until("some samples", () -> watchdogWaits() && samples.incrementAndGet() > 50);
			assertThat(server.watchdog()).isEqualTo(new WatchdogStatus(SHORT.loopBudget(), List.of(), 0, List.of()));
			assertThat(this.heard.reports).isEmpty();
		}
		assertThat(server().watchdog()).isEqualTo(WatchdogStatus.off());
	}

	private static ProxyServer server() {
		return ProxyServer.builder()
			.listener(ListenerOptions.of("http", "127.0.0.1", 0))
			.router((request, trace) -> Route.of("r", List.of(), null))
			.build();
	}

	private static boolean watchdogWaits() {
		return Thread.getAllStackTraces().keySet().stream().anyMatch((it) -> it.getName().equals("pingora-watchdog"));
	}

	@Test
	void longCallIsReportedAgainEverMoreSeldom() {
		try (ProxyServer server = serve(new HoldingRequestFilter()); RawClient client = Proxies.connect(server)) {
			client.get("/hello");
			Await.until("four reports", () -> this.heard.about("guiltyMethod").count() >= 4);
			this.gate.countDown();
			assertThat(client.readResponse().text()).isEqualTo("hello");
			List<HeldLoop> reports = this.heard.about("guiltyMethod").toList();
			assertThat(reports.get(0).first()).isTrue();
			for (int i = 1; i < reports.size(); i++) {
				assertThat(reports.get(i).held()).isGreaterThanOrEqualTo(reports.get(i - 1).held().multipliedBy(2));
				assertThat(reports.get(i).first()).isFalse();
				assertThat(reports.get(i).call()).isEqualTo(reports.get(0).call());
			}
			assertThat(server.watchdog().recent()).filteredOn((held) -> held.call() == reports.get(0).call())
				.hasSize(1);
		}
	}

	@Test
	void panicOfAListenerIsContained() {
		ProxyListener fragile = new FragileListener();
		try (ProxyServer server = Proxies.to(this.origin)
			.filter(new HoldingRequestFilter())
			.with((it) -> it.watchdog(SHORT).proxyListener(fragile).proxyListener(this.heard))
			.start(); RawClient client = Proxies.connect(server)) {
			client.get("/hello");
			Await.until("two reports", () -> this.heard.reports.size() >= 2);
			this.gate.countDown();
			assertThat(client.readResponse().text()).isEqualTo("hello");
			PanicTotals.Key site = PanicTotals.Key.of(PanicSite.of(PanicSite.LISTENER, "FragileListener"));
			assertThat(server.isolation().totals().total(site)).isGreaterThanOrEqualTo(2);
			assertThat(server.isolation().supervisions()).singleElement()
				.satisfies((task) -> assertThat(task.isHealthy()).isTrue());
		}
	}

	private static final class FragileListener implements ProxyListener {

		@Override
		public void loopHeld(HeldLoop held) {
			throw new StackOverflowError("a mistake");
		}

	}

	@Test
	void thereIsNoThreadWithoutABudget() {
		try (ProxyServer server = serve(WatchdogOptions.off(), (proxies) -> {
		}); RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			assertThat(watchdogWaits()).isFalse();
			assertThat(server.watchdog()).isEqualTo(WatchdogStatus.off());
			assertThat(server.isolation().supervisions()).isEmpty();
		}
	}

}
