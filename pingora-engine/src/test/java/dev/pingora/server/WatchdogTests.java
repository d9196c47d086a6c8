package dev.pingora.server;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import dev.pingora.balancing.Backend;
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
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.Session;
import dev.pingora.route.RequestPredicates;
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

	private static final WatchdogOptions SHORT = new WatchdogOptions(Duration.ofMillis(20));

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

		HeldLoop awaitFirst() {
			Await.until("a report", () -> !this.reports.isEmpty());
			return this.reports.get(0);
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
		Proxies proxies = Proxies.to(this.origin).with((it) -> it.watchdog(options).proxyListener(this.heard));
		change.accept(proxies);
		return proxies.start();
	}

	private ProxyServer serve(ProxyFilter... filters) {
		return serve(SHORT, (proxies) -> List.of(filters).forEach(proxies::filter));
	}

	private void assertHeldBy(ProxyServer server, String phase, @Nullable String filter, @Nullable String route) {
		HeldLoop first = this.heard.awaitFirst();
		assertThat(first.phase()).isEqualTo(phase);
		assertThat(first.filter()).isEqualTo(filter);
		assertThat(first.route()).isEqualTo(route);
		assertThat(first.thread()).startsWith("pingora-loop");
		assertThat(first.held()).isGreaterThanOrEqualTo(SHORT.loopBudget());
		assertThat(first.first()).isTrue();
		assertThat(first.stack()).extracting(StackTraceElement::getMethodName).contains("guiltyMethod");
		WatchdogStatus status = server.watchdog();
		assertThat(status.budget()).isEqualTo(SHORT.loopBudget());
		assertThat(status.held()).singleElement()
			.satisfies((held) -> assertThat(held.call()).isEqualTo(first.call()))
			.satisfies((held) -> assertThat(held.phase()).isEqualTo(phase));
		assertThat(status.overruns()).isEqualTo(1);
		this.gate.countDown();
		Await.until("the loop to go on", () -> server.watchdog().held().isEmpty());
		assertThat(server.watchdog().recent()).singleElement()
			.satisfies((held) -> assertThat(held.phase()).isEqualTo(phase));
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

}
