package dev.pingora.autoconfigure;

import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

import dev.pingora.server.ExecutorStatus;
import org.jspecify.annotations.Nullable;

/**
 * Counts what an executor does. Used by many threads.
 */
final class ExecutorLoad {

	private final String threads;

	private final int limit;

	private final IntSupplier queued;

	private final AtomicInteger active = new AtomicInteger();

	private final LongAdder rejected = new LongAdder();

	/**
	 * Makes a count.
	 * @param threads what tasks run on: {@code virtual} or {@code platform}
	 * @param limit how many tasks the executor takes at once, running and waiting
	 * @param queued tells how many tasks wait
	 */
	ExecutorLoad(String threads, int limit, IntSupplier queued) {
		this.threads = threads;
		this.limit = limit;
		this.queued = queued;
	}

	/**
	 * Gives a task to the executor, and counts if that is refused.
	 * @param <T> what the executor returns
	 * @param submission gives the task to the executor
	 * @return what the executor returned
	 */
	<T> T offer(Supplier<T> submission) {
		try {
			return submission.get();
		}
		catch (RejectedExecutionException full) {
			this.rejected.increment();
			throw full;
		}
	}

	Runnable counting(Runnable task) {
		return () -> {
			this.active.incrementAndGet();
			try {
				task.run();
			}
			finally {
				this.active.decrementAndGet();
			}
		};
	}

	<V extends @Nullable Object> Callable<V> counting(Callable<V> task) {
		return () -> {
			this.active.incrementAndGet();
			try {
				return task.call();
			}
			finally {
				this.active.decrementAndGet();
			}
		};
	}

	ExecutorStatus status() {
		return new ExecutorStatus(this.threads, this.active.get(), this.queued.getAsInt(), this.limit,
				this.rejected.sum());
	}

}
