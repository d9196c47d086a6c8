package dev.pingora.panic;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * A background task that runs again and again, and is restarted with back-off when it
 * panics: after the n-th panic in a row the pause is the interval times 2^n, a minute at
 * most (or the interval, if that is longer). Whatever it throws, it runs again until it
 * is stopped or the executor is shut down.
 */
public final class Supervision {

	private static final long MAX_BACKOFF_MILLIS = TimeUnit.MINUTES.toMillis(1);

	private final PanicIsolation isolation;

	private final PanicSite site;

	private final String name;

	private final ScheduledExecutorService executor;

	private final long intervalMillis;

	private final Runnable task;

	private volatile @Nullable ScheduledFuture<?> ticks;

	private volatile boolean stopped;

	// Owned by the executor's thread, one run at a time.

	private long ticksToPause;

	// Written by the executor's thread, one run at a time; read by any.

	private volatile int panicsInARow;

	private volatile @Nullable Panic lastPanic;

	Supervision(PanicIsolation isolation, String name, ScheduledExecutorService executor, Duration interval,
			Runnable task) {
		this.isolation = isolation;
		this.site = PanicSite.of(PanicSite.BACKGROUND, name);
		this.name = name;
		this.executor = executor;
		this.intervalMillis = Math.max(1, interval.toMillis());
		this.task = task;
	}

	// Scheduled once: if each run scheduled the next, one that found no memory for it
	// would be the last.
	void start() {
		this.ticks = this.executor.scheduleWithFixedDelay(this::tick, 0, this.intervalMillis, TimeUnit.MILLISECONDS);
	}

	// Must not throw: the executor would end it.
	private void tick() {
		if (this.stopped) {
			endTicks();
		}
		else if (this.ticksToPause > 0) {
			this.ticksToPause--;
		}
		else {
			runOnce();
		}
	}

	private void runOnce() {
		int panics = 0;
		try {
			this.task.run();
		}
		catch (Throwable thrown) {
			this.lastPanic = this.isolation.record(this.site, thrown);
			panics = Math.min(this.panicsInARow + 1, 30);
		}
		this.panicsInARow = panics;
		this.ticksToPause = pauseMillis() / this.intervalMillis - 1;
	}

	private long pauseMillis() {
		long backoff = Math.min(this.intervalMillis << Math.min(this.panicsInARow, 20), MAX_BACKOFF_MILLIS);
		return Math.max(this.intervalMillis, backoff);
	}

	private void endTicks() {
		ScheduledFuture<?> ticks = this.ticks;
		if (ticks != null) {
			ticks.cancel(false);
		}
	}

	/**
	 * Returns the task's name.
	 * @return the name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * Returns whether the last run ended well.
	 * @return whether it did not panic
	 */
	public boolean isHealthy() {
		return this.panicsInARow == 0;
	}

	/**
	 * Returns the last panic of the task.
	 * @return the panic, or {@code null} if there was none
	 */
	public @Nullable Panic lastPanic() {
		return this.lastPanic;
	}

	/**
	 * Ends the task after its present run.
	 */
	public void stop() {
		this.stopped = true;
		endTicks();
		this.isolation.forget(this);
	}

}
