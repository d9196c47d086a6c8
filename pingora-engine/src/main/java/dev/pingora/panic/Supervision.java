package dev.pingora.panic;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * A background task that runs again and again, and is restarted with back-off when it
 * panics: after the n-th panic in a row the pause is the interval times 2^n, a minute at
 * most (or the interval, if that is longer).
 */
public final class Supervision {

	private static final long MAX_BACKOFF_MILLIS = TimeUnit.MINUTES.toMillis(1);

	private final PanicIsolation isolation;

	private final String name;

	private final ScheduledExecutorService executor;

	private final long intervalMillis;

	private final Runnable task;

	// Written by the executor's thread, one run at a time; read by any.
	private volatile int panicsInARow;

	private volatile @Nullable Panic lastPanic;

	private volatile boolean stopped;

	Supervision(PanicIsolation isolation, String name, ScheduledExecutorService executor, Duration interval,
			Runnable task) {
		this.isolation = isolation;
		this.name = name;
		this.executor = executor;
		this.intervalMillis = Math.max(1, interval.toMillis());
		this.task = task;
	}

	void start() {
		this.executor.execute(this::runOnce);
	}

	private void runOnce() {
		if (this.stopped) {
			return;
		}
		boolean recorded = false;
		try {
			Panic panic = this.isolation.observe(PanicSite.of(PanicSite.BACKGROUND, this.name), this.task,
					Runnable::run);
			this.lastPanic = (panic != null) ? panic : this.lastPanic;
			this.panicsInARow = (panic != null) ? Math.min(this.panicsInARow + 1, 30) : 0;
			recorded = true;
		}
		finally {
			if (!recorded) { // the heap may be full
				this.panicsInARow = Math.min(this.panicsInARow + 1, 30);
			}
			scheduleNext();
		}
	}

	private void scheduleNext() {
		if (!this.stopped) {
			try {
				this.executor.schedule(this::runOnce, pauseMillis(), TimeUnit.MILLISECONDS);
			}
			catch (RejectedExecutionException shutDown) {
				this.stopped = true;
			}
		}
	}

	private long pauseMillis() {
		long backoff = Math.min(this.intervalMillis << Math.min(this.panicsInARow, 20), MAX_BACKOFF_MILLIS);
		return Math.max(this.intervalMillis, backoff);
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
		this.isolation.forget(this);
	}

}
