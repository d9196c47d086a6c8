package dev.pingora.watchdog;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import dev.pingora.event.HeldLoop;
import dev.pingora.event.ProxyListener;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.panic.Supervision;
import dev.pingora.transport.LoopWatch;
import org.jspecify.annotations.Nullable;

/**
 * Looks again and again, from a thread of its own, at what each event loop is doing. A
 * call that it finds again until the budget is used up is reported with its stack: to the
 * log and to {@link ProxyListener#loopHeld}. Nothing is done to the call: Java can't end
 * it.
 * <p>
 * Its samples are supervised: a panic of its own is recorded, and it goes on.
 * {@link #status()} is for all threads.
 */
public final class Watchdog implements AutoCloseable {

	private static final String NAME = "watchdog";

	private static final int REMEMBERED = 20;

	private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(5);

	private final Duration budget;

	private final PanicIsolation isolation;

	private final List<Listener> listeners;

	private final List<WatchedLoop> loops;

	private final LongSupplier clock;

	private final Duration interval;

	private final HeldLoopLog log;

	// Used by the watchdog's thread only.

	private long lastSample;

	// Written by the watchdog's thread; read by any.

	private final AtomicLong overruns = new AtomicLong();

	private volatile List<HeldLoop> recent = List.of();

	// Guarded by this.

	private @Nullable ScheduledThreadPoolExecutor thread;

	private @Nullable Supervision supervision;

	/**
	 * A listener and whom to blame.
	 *
	 * @param listener the listener
	 * @param site its name, for panics
	 */
	private record Listener(ProxyListener listener, PanicSite site) {

		static Listener of(ProxyListener listener) {
			return new Listener(listener, PanicSite.of(PanicSite.LISTENER, listener.getClass().getSimpleName()));
		}

	}

	/**
	 * Makes a watchdog, which {@link #start} sets to work.
	 * @param options what is allowed; not off
	 * @param watches the loops
	 * @param listeners who is told
	 * @param isolation the border
	 */
	public Watchdog(WatchdogOptions options, List<LoopWatch> watches, List<ProxyListener> listeners,
			PanicIsolation isolation) {
		this(options, watches, listeners, isolation, System::nanoTime);
	}

	Watchdog(WatchdogOptions options, List<LoopWatch> watches, List<ProxyListener> listeners, PanicIsolation isolation,
			LongSupplier clock) {
		if (!options.isOn()) {
			throw new IllegalArgumentException("loopBudget: 0 (expected: a budget; without one there is no watchdog)");
		}
		this.budget = options.loopBudget();
		this.isolation = isolation;
		this.listeners = listeners.stream().map(Listener::of).toList();
		this.loops = watches.stream().map((watch) -> new WatchedLoop(watch, this.budget.toNanos())).toList();
		this.clock = clock;
		Duration quarter = this.budget.dividedBy(4);
		this.interval = (quarter.compareTo(SHORTEST_INTERVAL) > 0) ? quarter : SHORTEST_INTERVAL;
		this.log = new HeldLoopLog();
		this.lastSample = clock.getAsLong();
	}

	/**
	 * Starts the thread.
	 */
	public synchronized void start() {
		ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, Watchdog::thread);
		this.thread = thread;
		this.supervision = this.isolation.supervise(NAME, thread, this.interval, this::sample);
	}

	private static Thread thread(Runnable runnable) {
		Thread thread = new Thread(runnable, "pingora-watchdog");
		thread.setDaemon(true);
		return thread;
	}

	/**
	 * Looks at all loops once.
	 */
	void sample() {
		long now = this.clock.getAsLong();
		// If the whole process has stood still (garbage collection, a suspended machine),
		// so has this thread: that is nobody's fault, and counts as little as can be.
		long elapsed = Math.min(now - this.lastSample, 2 * this.interval.toNanos());
		this.lastSample = now;
		for (WatchedLoop loop : this.loops) {
			HeldLoop over = loop.sample(elapsed);
			if (over != null) {
				remember(over);
				this.log.cameBack(over);
			}
			HeldLoop held = loop.report();
			if (held != null) {
				report(held, now);
			}
		}
		this.log.sweep(now);
	}

	private void report(HeldLoop held, long now) {
		if (held.first()) {
			this.overruns.incrementAndGet();
		}
		remember(held);
		this.log.held(held, now);
		for (Listener entry : this.listeners) {
			this.isolation.observe(entry.site(), held, entry.listener()::loopHeld);
		}
	}

	// A call stands in the list once, as it was seen last.
	private void remember(HeldLoop held) {
		List<HeldLoop> recent = new ArrayList<>(this.recent);
		recent.removeIf((known) -> known.call() == held.call() && known.thread().equals(held.thread()));
		recent.add(0, held);
		this.recent = List.copyOf(recent.subList(0, Math.min(recent.size(), REMEMBERED)));
	}

	/**
	 * Returns what has been seen. From any thread.
	 * @return the status
	 */
	public WatchdogStatus status() {
		List<HeldLoop> held = this.loops.stream().map(WatchedLoop::held).filter(Objects::nonNull).toList();
		return new WatchdogStatus(this.budget, held, this.overruns.get(), this.recent);
	}

	/**
	 * Ends the thread and waits for it, two seconds at most: a listener may be at work on
	 * it.
	 */
	@Override
	public synchronized void close() {
		ScheduledThreadPoolExecutor thread = this.thread;
		if (thread == null) {
			return;
		}
		Objects.requireNonNull(this.supervision, "supervision").stop();
		thread.shutdownNow();
		try {
			thread.awaitTermination(2, TimeUnit.SECONDS);
		}
		catch (InterruptedException interrupted) {
			Thread.currentThread().interrupt();
		}
	}

}
