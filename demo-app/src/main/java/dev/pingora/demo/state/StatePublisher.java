package dev.pingora.demo.state;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import dev.pingora.demo.traffic.DemoTraffic;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.proxy.Router;
import dev.pingora.server.ProxyServer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.logging.StackTracePrinter;
import org.springframework.boot.logging.StandardStackTracePrinter;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Makes what the page asks for, four times a second, on a thread of its own. What it has
 * made may be taken by any thread: the event loops find the octets ready.
 */
@Component
@ConditionalOnBooleanProperty(name = "demo.page.enabled", matchIfMissing = true)
public final class StatePublisher implements SmartLifecycle {

	private static final Duration INTERVAL = Duration.ofMillis(250);

	private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

	private static final int HISTORY = 120;

	private static final int SHOWN = 50;

	private static final StackTracePrinter PRINTER = StandardStackTracePrinter.rootLast()
		.withLineSeparator("\n")
		.withMaximumLength(20_000);

	// Not the beans themselves: the page's filter needs this one before the gateway is
	// made.
	private final ObjectProvider<ProxyServer> server;

	private final ObjectProvider<Router> router;

	private final ObjectProvider<DemoTraffic> traffic;

	private final PanicIsolation isolation;

	private final RequestStatistics statistics;

	private final JsonMapper json;

	private final long started = System.currentTimeMillis();

	private volatile @Nullable ScheduledExecutorService executor;

	private volatile byte @Nullable [] setup;

	private volatile byte @Nullable [] state;

	private volatile Map<Long, byte[]> stacks = Map.of();

	// The publisher's thread, and the one that starts it.
	private final Deque<Second> seconds = new ArrayDeque<>();

	StatePublisher(ObjectProvider<ProxyServer> server, ObjectProvider<Router> router,
			ObjectProvider<DemoTraffic> traffic, PanicIsolation isolation, RequestStatistics statistics,
			JsonMapper json) {
		this.server = server;
		this.router = router;
		this.traffic = traffic;
		this.isolation = isolation;
		this.statistics = statistics;
		this.json = json;
	}

	/**
	 * Returns what stays as it is: routes, phases, kinds of panics.
	 * @return JSON in UTF-8, or {@code null} before there is any
	 */
	public byte @Nullable [] setup() {
		return this.setup;
	}

	/**
	 * Returns what changes: counts, the last two minutes, the recent panics.
	 * @return JSON in UTF-8, or {@code null} before there is any
	 */
	public byte @Nullable [] state() {
		return this.state;
	}

	/**
	 * Returns the stack of a recent panic.
	 * @param panicId the panic's number
	 * @return a text in UTF-8, or {@code null} if there is none
	 */
	public byte @Nullable [] stack(long panicId) {
		return this.stacks.get(panicId);
	}

	private void publish() {
		long now = System.currentTimeMillis();
		long panics = this.isolation.totals().total();
		if (this.statistics.nanosSinceSecond() >= SECOND) {
			this.seconds.addLast(this.statistics.endSecond(now, panics));
			if (this.seconds.size() > HISTORY) {
				this.seconds.removeFirst();
			}
		}
		List<Panic> recent = this.isolation.recent().stream().limit(SHOWN).toList();
		publishStacks(recent);
		this.state = this.json.writeValueAsBytes(new State(now, this.started, this.statistics.requests(),
				this.statistics.inFlight(), panics, bystanders(this.traffic.getIfAvailable()),
				List.copyOf(this.seconds), recent.stream().map(PanicEntry::of).toList()));
	}

	// A stack is printed once.
	private void publishStacks(List<Panic> recent) {
		Map<Long, byte[]> known = this.stacks;
		Map<Long, byte[]> stacks = new LinkedHashMap<>();
		for (Panic panic : recent) {
			byte[] stack = known.get(panic.id());
			stacks.put(panic.id(), (stack != null) ? stack
					: PRINTER.printStackTraceToString(panic.cause()).getBytes(StandardCharsets.UTF_8));
		}
		this.stacks = stacks;
	}

	private static State.@Nullable Bystanders bystanders(@Nullable DemoTraffic traffic) {
		return (traffic != null) ? new State.Bystanders(traffic.connections(), traffic.rate(), traffic.counts().ok(),
				traffic.counts().errors(), traffic.counts().lastError()) : null;
	}

	@Override
	public void start() {
		this.setup = this.json.writeValueAsBytes(Setup.of(this.server.getObject(), this.router.getObject()));
		publish(); // what has started answers
		ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor((task) -> {
			Thread thread = new Thread(task, "demo-state");
			thread.setDaemon(true);
			return thread;
		});
		this.executor = executor;
		this.isolation.supervise("demo-state", executor, INTERVAL, this::publish);
	}

	@Override
	public void stop() {
		ScheduledExecutorService executor = this.executor;
		if (executor != null) {
			executor.shutdownNow();
		}
		this.executor = null;
	}

	@Override
	public boolean isRunning() {
		return this.executor != null;
	}

	// When the gateway is up, as the traffic.
	@Override
	public int getPhase() {
		return DEFAULT_PHASE;
	}

}
