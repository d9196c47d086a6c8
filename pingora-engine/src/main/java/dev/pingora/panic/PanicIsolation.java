package dev.pingora.panic;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import org.jspecify.annotations.Nullable;

/**
 * The isolation border. Whatever runs for a request enters through {@link #run}; whatever
 * leaves it and is not a {@link ProxyException} is a panic, which ends that task and
 * nothing else. This package is the only place in the project where a {@code Throwable}
 * is caught; a check of the build holds everybody to it.
 * <p>
 * {@code run} is for code that belongs to a task, {@code observe} for listeners and
 * release actions, whose panics end nothing, {@code isolating} and {@code reporting} for
 * an executor's tasks, {@code supervise} for background tasks, which are restarted.
 * <p>
 * A panic is counted at once ({@link #totals()}), and handed to the
 * {@link PanicListener}s, the log first, by a thread of its own. Used by all threads.
 */
public final class PanicIsolation implements AutoCloseable {

	/** How long a panic that put the process itself in doubt is remembered. */
	private static final long GRAVE_NANOS = TimeUnit.MINUTES.toNanos(1);

	private final AtomicLong ids = new AtomicLong();

	private final PanicTotals totals = new PanicTotals();

	private final PanicHistory history;

	private final PanicDispatcher dispatcher;

	private final List<Supervision> supervisions = new CopyOnWriteArrayList<>();

	private volatile @Nullable Panic lastGrave;

	private volatile long lastGraveAt;

	private final Panic unrecorded = new Panic(0, Instant.now(), "", PanicSite.of(PanicSite.ENGINE, null),
			new IllegalStateException("a panic that could not be recorded"));

	/**
	 * Makes a border that remembers the 100 most recent panics.
	 * @param listeners who is told of panics
	 */
	public PanicIsolation(List<PanicListener> listeners) {
		this(listeners, 100);
	}

	/**
	 * Makes a border.
	 * @param listeners who is told of panics
	 * @param historySize how many of the most recent panics are remembered, 1 to 10,000
	 * @throws IllegalArgumentException if the size is out of range
	 */
	public PanicIsolation(List<PanicListener> listeners, int historySize) {
		if (historySize < 1 || historySize > 10_000) {
			throw new IllegalArgumentException("historySize: " + historySize + " (expected: 1..10000)");
		}
		long start = System.nanoTime();
		this.history = new PanicHistory(historySize, () -> System.nanoTime() - start);
		this.dispatcher = new PanicDispatcher(listeners, (thrown) -> {
			this.ids.incrementAndGet();
			this.totals.count(PanicSite.of(PanicSite.LISTENER, thrown));
		});
	}

	/**
	 * Runs a step of a task. Returns normally whatever the step throws; the task may have
	 * ended then.
	 * @param <T> the task
	 * @param <A> the step's argument
	 * @param task the task
	 * @param argument the argument
	 * @param step the step
	 */
	public <T extends Isolated, A> void run(T task, A argument, TaskStep<? super T, ? super A> step) {
		try {
			step.run(task, argument);
		}
		catch (Throwable thrown) {
			contain(task, thrown);
		}
	}

	/**
	 * Runs a step of a task that needs no argument.
	 * @param <T> the task
	 * @param task the task
	 * @param step the step
	 */
	public <T extends Isolated> void run(T task, TaskAction<? super T> step) {
		try {
			step.run(task);
		}
		catch (Throwable thrown) {
			contain(task, thrown);
		}
	}

	private void contain(Isolated task, Throwable thrown) {
		try {
			ProxyException error = anticipated(thrown);
			if (error != null) {
				task.failed(error);
			}
			else {
				end(task, thrown);
			}
		}
		catch (Throwable second) { // the failure's own handling has panicked
			end(task, second);
		}
	}

	private static @Nullable ProxyException anticipated(Throwable thrown) {
		if (thrown instanceof ProxyException error) {
			return error;
		}
		if (DirectMemory.isExhausted(thrown)) {
			return ProxyException.internal(ErrorType.OUT_OF_DIRECT_MEMORY, String.valueOf(thrown.getMessage()))
				.causedBy(thrown);
		}
		return null;
	}

	private void end(Isolated task, Throwable thrown) {
		try {
			task.panicked(record(siteOf(task), thrown));
		}
		catch (Throwable second) {
			record(PanicSite.of(PanicSite.ENGINE, null), second);
		}
	}

	private PanicSite siteOf(Isolated task) {
		try {
			return task.panicSite();
		}
		catch (Throwable second) { // a summary of the user's own, say
			PanicSite site = PanicSite.of(PanicSite.ENGINE, null);
			record(site, second);
			return site;
		}
	}

	/**
	 * Records a panic that was contained elsewhere. Never throws, so that whatever is to
	 * end ends, even if the heap is so full that nothing can be recorded.
	 * @param site where it happened
	 * @param thrown what was thrown
	 * @return the panic, or one that stands for all that could not be recorded
	 */
	public Panic record(PanicSite site, Throwable thrown) {
		try {
			return recordNow(site, thrown);
		}
		catch (Throwable second) {
			if (isGrave(thrown) || isGrave(second)) {
				remember(this.unrecorded);
			}
			return this.unrecorded;
		}
	}

	private Panic recordNow(PanicSite site, Throwable thrown) {
		this.totals.count(site);
		Panic panic = new Panic(this.ids.incrementAndGet(), Instant.now(), Thread.currentThread().getName(), site,
				thrown);
		if (isGrave(thrown)) {
			remember(panic);
		}
		this.history.add(panic);
		this.dispatcher.offer(panic);
		return panic;
	}

	private void remember(Panic grave) {
		this.lastGraveAt = System.nanoTime();
		this.lastGrave = grave;
	}

	// StackOverflowError is a VirtualMachineError too, but harms nobody else.
	private static boolean isGrave(Throwable thrown) {
		return thrown instanceof VirtualMachineError && !(thrown instanceof StackOverflowError)
				&& !DirectMemory.isExhausted(thrown);
	}

	/**
	 * Runs an observer or a release action: its panic is recorded, and nothing is ended.
	 * @param <A> the argument
	 * @param site where the code runs
	 * @param argument the argument
	 * @param action the action
	 * @return the panic, or {@code null} if there was none
	 */
	public <A> @Nullable Panic observe(PanicSite site, A argument, Consumer<? super A> action) {
		try {
			action.accept(argument);
			return null;
		}
		catch (Throwable thrown) {
			return record(site, thrown);
		}
	}

	/**
	 * Wraps a task for an executor: nothing that it throws reaches the executor's thread.
	 * @param name the task's name
	 * @param task the task
	 * @return the isolating task
	 */
	public Runnable isolating(String name, Runnable task) {
		return () -> observe(PanicSite.of(PanicSite.EXECUTOR, name), task, Runnable::run);
	}

	/**
	 * Wraps a task for an executor: what it throws is recorded, and thrown on into its
	 * future.
	 * @param <V> the task's result
	 * @param name the task's name
	 * @param task the task
	 * @return the reporting task
	 */
	public <V extends @Nullable Object> Callable<V> reporting(String name, Callable<V> task) {
		return () -> {
			try {
				return task.call();
			}
			catch (Throwable thrown) {
				record(PanicSite.of(PanicSite.EXECUTOR, name), thrown);
				throw thrown;
			}
		};
	}

	/**
	 * Runs code whose failure is to be carried to another thread.
	 * @param task the code
	 * @return what it threw, or {@code null}
	 */
	public static @Nullable Throwable capture(FallibleRunnable task) {
		try {
			task.run();
			return null;
		}
		catch (Throwable thrown) {
			return thrown;
		}
	}

	/**
	 * Throws what was {@linkplain #capture captured} on another thread.
	 * @param thrown what was thrown there
	 */
	public static void rethrow(Throwable thrown) {
		PanicIsolation.<RuntimeException>throwUnchecked(thrown);
	}

	@SuppressWarnings("unchecked") // nothing is cast: the compiler is told, not the JVM
	private static <X extends Throwable> void throwUnchecked(Throwable thrown) throws X {
		throw (X) thrown;
	}

	/**
	 * Runs a background task again and again. If it panics it is restarted with a growing
	 * pause, and what it had made before stays as it is.
	 * @param name the task's name
	 * @param executor where it runs
	 * @param interval the pause after a run, which doubles after each panic in a row
	 * @param task the task
	 * @return the running task
	 */
	public Supervision supervise(String name, ScheduledExecutorService executor, Duration interval, Runnable task) {
		Supervision supervision = new Supervision(this, name, executor, interval, task);
		this.supervisions.add(supervision);
		supervision.start();
		return supervision;
	}

	/**
	 * Returns the background tasks that are supervised.
	 * @return those that have not been stopped, in the order in which they were started
	 */
	public List<Supervision> supervisions() {
		return List.copyOf(this.supervisions);
	}

	void forget(Supervision stopped) {
		this.supervisions.remove(stopped);
	}

	/**
	 * Returns the counts.
	 * @return all panics, by site
	 */
	public PanicTotals totals() {
		return this.totals;
	}

	/**
	 * Returns the most recent panics.
	 * @return the panics, the newest first; as many as are remembered
	 */
	public List<Panic> recent() {
		return this.history.recent();
	}

	/**
	 * Counts the panics of the last time.
	 * @param window how far back; ten minutes at most
	 * @return how many there were, to a second
	 */
	public long recentCount(Duration window) {
		return this.history.inLast(window);
	}

	/**
	 * Returns how many panics were not handed to the listeners because too many waited.
	 * @return the number of panics since the start
	 */
	public long droppedNotifications() {
		return this.dispatcher.dropped();
	}

	/**
	 * Returns the last panic that put the process itself in doubt: an
	 * {@code OutOfMemoryError} of the heap or an {@code InternalError}. It is forgotten
	 * after a minute without another one; until then the server should not be called
	 * healthy.
	 * @return the panic, or {@code null}
	 */
	public @Nullable Panic grave() {
		Panic grave = this.lastGrave;
		return (grave != null && System.nanoTime() - this.lastGraveAt < GRAVE_NANOS) ? grave : null;
	}

	/**
	 * Tells the listeners of the panics that still wait, for two seconds at most, and
	 * ends the thread that does so.
	 */
	@Override
	public void close() {
		this.dispatcher.close();
	}

	/**
	 * Code that may throw anything.
	 */
	@FunctionalInterface
	public interface FallibleRunnable {

		/**
		 * Does the work.
		 * @throws Exception whatever goes wrong
		 */
		void run() throws Exception;

	}

}
