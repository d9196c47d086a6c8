package dev.pingora.autoconfigure;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

import dev.pingora.panic.AbandonableTask;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.server.ExecutorStatus;
import dev.pingora.server.MeasuredExecutor;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.TaskDecorator;
import org.springframework.core.task.TaskRejectedException;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

/**
 * An executor whose tasks end alone: whatever one throws is counted and told to the panic
 * listeners, never reaches the thread that ran it, and is never lost. The failure of a
 * submitted task reaches its future too. What the executor can't take it rejects at once
 * with {@code TaskRejectedException}; it never blocks its caller.
 */
final class PanicIsolatingTaskExecutor implements AsyncTaskExecutor, MeasuredExecutor, DisposableBean {

	private final AsyncTaskExecutor delegate;

	private final PanicIsolation isolation;

	private final TaskDecorator decorator;

	private final String name;

	private final AtomicInteger running = new AtomicInteger();

	private final LongAdder rejected = new LongAdder();

	/**
	 * Makes an executor.
	 * @param delegate runs the tasks, each on a thread of its own or all on a pool's;
	 * must reject what it can't take; is shut down with this
	 * @param isolation the border
	 * @param decorator carries the caller's context along
	 * @param name the name under which panics are counted
	 */
	PanicIsolatingTaskExecutor(AsyncTaskExecutor delegate, PanicIsolation isolation, TaskDecorator decorator,
			String name) {
		this.delegate = delegate;
		this.isolation = isolation;
		this.decorator = decorator;
		this.name = name;
	}

	@Override
	public void execute(Runnable task) {
		Runnable work = (task instanceof AbandonableTask abandonable) ? runOrAbandon(abandonable)
				: this.decorator.decorate(task);
		Runnable isolating = this.isolation.isolating(this.name, work);
		handOver((delegate) -> {
			delegate.execute(() -> {
				this.running.incrementAndGet();
				try {
					isolating.run();
				}
				finally {
					this.running.decrementAndGet();
				}
			});
			return delegate;
		});
	}

	// A decorator that panics, or forgets the task, must not leave those who wait for it.
	private Runnable runOrAbandon(AbandonableTask task) {
		Runnable decorated = this.decorator.decorate(task);
		return () -> {
			Throwable thrown = PanicIsolation.capture(decorated::run);
			boolean abandoned = task.abandon(
					() -> (thrown != null) ? thrown : new IllegalStateException("a TaskDecorator left the task out"));
			if (!abandoned && thrown != null) {
				PanicIsolation.rethrow(thrown);
			}
		};
	}

	@Override
	public Future<?> submit(Runnable task) {
		return this.<Future<?>>handOver((delegate) -> delegate.submit(reporting(callable(task))));
	}

	@Override
	public <T extends @Nullable Object> Future<T> submit(Callable<T> task) {
		return handOver((delegate) -> delegate.submit(reporting(task)));
	}

	@Override
	public CompletableFuture<@Nullable Void> submitCompletable(Runnable task) {
		return handOver((delegate) -> delegate
			.submitCompletable(reporting(PanicIsolatingTaskExecutor.<@Nullable Void>callable(task))));
	}

	@Override
	public <T extends @Nullable Object> CompletableFuture<T> submitCompletable(Callable<T> task) {
		return handOver((delegate) -> delegate.submitCompletable(reporting(task)));
	}

	private <F> F handOver(Function<AsyncTaskExecutor, F> way) {
		try {
			return way.apply(this.delegate);
		}
		catch (TaskRejectedException full) {
			this.rejected.increment();
			throw full;
		}
	}

	@Override
	public ExecutorStatus status() {
		if (this.delegate instanceof ThreadPoolTaskExecutor pool) {
			return new ExecutorStatus("platform", pool.getActiveCount(), pool.getQueueSize(),
					pool.getMaxPoolSize() + pool.getQueueCapacity(), this.rejected.sum());
		}
		return new ExecutorStatus("virtual", this.running.get(), 0,
				((SimpleAsyncTaskExecutor) this.delegate).getConcurrencyLimit(), this.rejected.sum());
	}

	private static <T extends @Nullable Object> Callable<@Nullable T> callable(Runnable task) {
		return () -> {
			task.run();
			return null;
		};
	}

	// The decorator is inside of what reports, and outside of no future: a future would
	// swallow what the task throws.
	private <T extends @Nullable Object> Callable<T> reporting(Callable<T> task) {
		DecoratedCall<T> call = new DecoratedCall<>(task);
		call.decorated = this.decorator.decorate(call);
		Callable<T> reporting = this.isolation.reporting(this.name, call);
		return () -> {
			this.running.incrementAndGet();
			try {
				return reporting.call();
			}
			finally {
				this.running.decrementAndGet();
			}
		};
	}

	@Override
	public void destroy() throws Exception {
		if (this.delegate instanceof DisposableBean bean) {
			bean.destroy();
		}
		else if (this.delegate instanceof AutoCloseable closeable) {
			closeable.close();
		}
	}

	/**
	 * A callable as the runnable that a decorator takes. Used by the executor's thread.
	 *
	 * @param <T> the result
	 */
	private static final class DecoratedCall<T extends @Nullable Object> implements Callable<T>, Runnable {

		private final Callable<T> task;

		private Runnable decorated = this;

		private @Nullable T result;

		private @Nullable Throwable thrown;

		private DecoratedCall(Callable<T> task) {
			this.task = task;
		}

		@Override
		@SuppressWarnings("NullAway") // absent only where T is nullable
		public T call() {
			this.decorated.run();
			if (this.thrown != null) { // the decorator has swallowed it
				PanicIsolation.rethrow(this.thrown);
			}
			return this.result;
		}

		@Override
		public void run() {
			this.thrown = PanicIsolation.capture(() -> this.result = this.task.call());
			if (this.thrown != null) {
				PanicIsolation.rethrow(this.thrown);
			}
		}

	}

}
