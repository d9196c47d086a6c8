package dev.pingora.autoconfigure.sentry;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

import dev.pingora.panic.Panic;
import org.jspecify.annotations.Nullable;

/**
 * Panics that wait to be reported. The first of its kind is ready at once and opens a
 * window; those that follow within the window are folded: the newest of them becomes the
 * next report when the window ends, and tells the number of the others. Everything is
 * bounded: the reports that wait, the fingerprints that are known, the events of a
 * minute.
 * <p>
 * Every panic ends up in one report, as itself or as a part of a number, or is counted as
 * dropped. Used by all threads; never blocks but in {@link #take()}.
 */
final class FoldingQueue {

	private static final int MAX_FINGERPRINTS = 1000;

	private final int capacity;

	private final long window;

	private final LongSupplier clock;

	private final ReportIds ids;

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	// What follows is guarded by the lock.

	private final EventRate rate;

	private final Deque<PanicReport> ready = new ArrayDeque<>();

	// All windows are equally long, so that the order of insertion is that of their ends.
	private final Map<List<String>, Fold> folds = new LinkedHashMap<>();

	private long heldBack;

	private boolean ended;

	private long folded;

	private long dropped;

	/**
	 * Makes a queue.
	 * @param limits how much there may be of everything
	 * @param clock tells nanoseconds
	 * @param ids takes which event tells of which panic
	 */
	FoldingQueue(Limits limits, LongSupplier clock, ReportIds ids) {
		this.capacity = limits.capacity();
		this.window = limits.windowNanos();
		this.rate = new EventRate(limits.eventsPerMinute());
		this.clock = clock;
		this.ids = ids;
	}

	/**
	 * Takes a panic.
	 * @param panic the panic
	 * @param fingerprint what makes panics alike
	 */
	void offer(Panic panic, List<String> fingerprint) {
		this.lock.lock();
		try {
			if (this.ended) {
				this.dropped++;
				return;
			}
			long now = this.clock.getAsLong();
			forgetEnded(now);
			Fold fold = this.folds.get(fingerprint);
			if (fold != null && (fold.waiting != null || now - fold.end < 0)) {
				fold(fold, panic);
			}
			else {
				begin(panic, fingerprint, now);
			}
			this.changed.signal();
		}
		finally {
			this.lock.unlock();
		}
	}

	private void fold(Fold fold, Panic panic) {
		this.ids.put(panic.id(), fold.eventId);
		if (fold.waiting != null) { // the newer one becomes the report
			fold.others++;
			this.folded++;
		}
		fold.waiting = panic;
	}

	private void begin(Panic panic, List<String> fingerprint, long now) {
		if (this.ready.size() >= this.capacity) {
			this.dropped++;
		}
		else if (this.folds.size() >= MAX_FINGERPRINTS || !this.rate.tryPass(now)) {
			this.heldBack++;
			this.folded++;
		}
		else {
			this.ready.addLast(open(panic, fingerprint, 0, now));
		}
	}

	private PanicReport open(Panic panic, List<String> fingerprint, long others, long now) {
		Fold fold = new Fold(now + this.window);
		this.folds.remove(fingerprint);
		this.folds.put(fingerprint, fold);
		this.ids.put(panic.id(), fold.eventId);
		return new PanicReport(panic, fingerprint, others, 0, fold.eventId);
	}

	// Stops at the first that is still open or has something to tell.
	private void forgetEnded(long now) {
		Map.Entry<List<String>, Fold> first = first();
		while (first != null && first.getValue().waiting == null && isOver(first.getValue(), now)) {
			this.folds.remove(first.getKey());
			first = first();
		}
	}

	private Map.@Nullable Entry<List<String>, Fold> first() {
		return this.folds.isEmpty() ? null : this.folds.entrySet().iterator().next();
	}

	private boolean isOver(Fold fold, long now) {
		return this.ended || now - fold.end >= 0;
	}

	/**
	 * Waits for a report that is to be sent.
	 * @return the report, or {@code null} after the end, when there is none that may be
	 * sent now
	 * @throws InterruptedException if the thread was interrupted
	 */
	@Nullable PanicReport take() throws InterruptedException {
		this.lock.lockInterruptibly();
		try {
			while (true) {
				long now = this.clock.getAsLong();
				PanicReport report = next(now);
				if (report != null || this.ended) {
					return report;
				}
				this.changed.awaitNanos(untilNext(now));
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Returns a report that is to be sent, without waiting.
	 * @return the report, or {@code null} if there is none
	 */
	@Nullable PanicReport poll() {
		this.lock.lock();
		try {
			return next(this.clock.getAsLong());
		}
		finally {
			this.lock.unlock();
		}
	}

	private @Nullable PanicReport next(long now) {
		PanicReport report = this.ready.pollFirst();
		if (report == null) {
			report = nextFolded(now);
		}
		if (report != null && this.heldBack > 0) {
			report = new PanicReport(report.panic(), report.fingerprint(), report.folded(), this.heldBack,
					report.eventId());
			this.heldBack = 0;
		}
		return report;
	}

	private @Nullable PanicReport nextFolded(long now) {
		forgetEnded(now);
		Map.Entry<List<String>, Fold> first = first();
		if (first == null) {
			return null;
		}
		Fold fold = first.getValue();
		Panic waiting = fold.waiting;
		if (waiting == null || !isOver(fold, now) || !this.rate.tryPass(now)) {
			return null;
		}
		return open(waiting, first.getKey(), fold.others, now);
	}

	private long untilNext(long now) {
		Map.Entry<List<String>, Fold> first = first();
		if (first == null) {
			return TimeUnit.DAYS.toNanos(1);
		}
		return Math.max(first.getValue().end - now, this.rate.untilOpen(now));
	}

	/**
	 * A report did not reach Sentry.
	 * @param report the report
	 */
	void lost(PanicReport report) {
		this.lock.lock();
		try {
			this.dropped += report.panics();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Ends all windows, and takes nothing more.
	 */
	void end() {
		this.lock.lock();
		try {
			this.ended = true;
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Gives up whatever is still here.
	 * @return how many panics no report tells of
	 */
	long abandon() {
		this.lock.lock();
		try {
			long abandoned = this.heldBack;
			abandoned += this.ready.stream().mapToLong(PanicReport::panics).sum();
			abandoned += this.folds.values()
				.stream()
				.filter((fold) -> fold.waiting != null)
				.mapToLong((fold) -> 1 + fold.others)
				.sum();
			this.heldBack = 0;
			this.ready.clear();
			this.folds.clear();
			this.dropped += abandoned;
			return abandoned;
		}
		finally {
			this.lock.unlock();
		}
	}

	long folded() {
		this.lock.lock();
		try {
			return this.folded;
		}
		finally {
			this.lock.unlock();
		}
	}

	long dropped() {
		this.lock.lock();
		try {
			return this.dropped;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * How much there may be of everything.
	 *
	 * @param capacity how many reports may wait
	 * @param windowNanos how long a window is
	 * @param eventsPerMinute how many reports may be taken in a minute
	 */
	record Limits(int capacity, long windowNanos, int eventsPerMinute) {
	}

	/**
	 * The panics of a fingerprint since its last report.
	 */
	private static final class Fold {

		private final long end;

		private final AtomicReference<@Nullable String> eventId = new AtomicReference<>();

		private @Nullable Panic waiting;

		private long others;

		private Fold(long end) {
			this.end = end;
		}

	}

}
