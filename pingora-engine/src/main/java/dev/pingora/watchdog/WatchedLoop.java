package dev.pingora.watchdog;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.pingora.event.HeldLoop;
import dev.pingora.transport.LoopWatch;
import org.jspecify.annotations.Nullable;

/**
 * What the watchdog knows of one loop. Owned by the watchdog's thread, but for
 * {@link #held()}.
 */
final class WatchedLoop {

	private static final long LONGEST_PAUSE = TimeUnit.MINUTES.toNanos(1);

	private static final int FRAMES = 256;

	private final LoopWatch watch;

	private final long budget;

	private long number;

	private long held;

	private long nextReport;

	// Read by any thread.
	private volatile @Nullable HeldLoop reported;

	WatchedLoop(LoopWatch watch, long budget) {
		this.watch = watch;
		this.budget = budget;
		this.nextReport = budget;
	}

	/**
	 * Looks at the loop.
	 * @param elapsed the time since it did so before, in nanoseconds
	 * @return the call that is over now, if it was reported; or {@code null}
	 */
	@Nullable HeldLoop sample(long elapsed) {
		long number = this.watch.number();
		HeldLoop before = this.reported;
		if (number == 0 || number != this.number) {
			this.number = number;
			this.held = 0;
			this.nextReport = this.budget;
			this.reported = null;
			return before;
		}
		this.held += elapsed;
		if (before != null) {
			this.reported = before.after(Duration.ofNanos(this.held));
		}
		return null;
	}

	/**
	 * Reports the call, if it is time: when it has used up the budget, then when it has
	 * taken twice as long, and so on, once a minute at least.
	 * @return the call, or {@code null} if there is nothing to report
	 */
	@Nullable HeldLoop report() {
		if (this.number == 0 || this.held < this.nextReport) {
			return null;
		}
		LoopWatch.Call call = this.watch.current();
		if (call == null || call.number() != this.number) {
			return null;
		}
		List<StackTraceElement> stack = Arrays.stream(call.thread().getStackTrace()).limit(FRAMES).toList();
		if (this.watch.number() != this.number) { // the stack may be another call's
			return null;
		}
		HeldLoop report = new HeldLoop(call.thread().getName(), call.phase(), call.filter(), call.route(),
				Duration.ofNanos(this.held), stack, this.number, this.reported == null);
		this.nextReport = this.held + Math.min(this.held, LONGEST_PAUSE);
		this.reported = report;
		return report;
	}

	/**
	 * Returns the call that was reported and still goes on. From any thread.
	 * @return the call, or {@code null} if there is none
	 */
	@Nullable HeldLoop held() {
		HeldLoop reported = this.reported;
		return (reported != null && this.watch.number() == reported.call()) ? reported : null;
	}

}
