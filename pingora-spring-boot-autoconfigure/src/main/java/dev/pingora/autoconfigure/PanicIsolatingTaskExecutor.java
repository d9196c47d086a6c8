package dev.pingora.autoconfigure;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.server.ExecutorStatus;
import dev.pingora.server.MeasuredExecutor;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.TaskDecorator;

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

	private final ExecutorLoad load;

	/**
	 * Makes an executor.
	 * @param delegate runs the tasks; must reject what it can't take; is shut down with
	 * this
	 * @param isolation the border
	 * @param decorator carries the caller's context along
	 * @param name the name under which panics are counted
	 * @param load tells how busy it is
	 */
	PanicIsolatingTaskExecutor(AsyncTaskExecutor delegate, PanicIsolation isolation, TaskDecorator decorator,
			String name, ExecutorLoad load) {
		this.delegate = delegate;
		this.isolation = isolation;
		this.decorator = decorator;
		this.name = name;
		this.load = load;
	}

	@Override
	public void execute(Runnable task) {
		Runnable isolating = this.isolation.isolating(this.name, this.decorator.decorate(task));
		this.load.offer(() -> {
			this.delegate.execute(this.load.counting(isolating));
			return isolating;
		});
	}

	@Override
	public Future<?> submit(Runnable task) {
		return this.load.offer(() -> this.delegate.submit(reporting(callable(task))));
	}

	@Override
	public <T extends @Nullable Object> Future<T> submit(Callable<T> task) {
		return this.load.offer(() -> this.delegate.submit(reporting(task)));
	}

	@Override
	public CompletableFuture<@Nullable Void> submitCompletable(Runnable task) {
		return this.load.offer(() -> this.delegate
			.submitCompletable(reporting(PanicIsolatingTaskExecutor.<@Nullable Void>callable(task))));
	}

	@Override
	public <T extends @Nullable Object> CompletableFuture<T> submitCompletable(Callable<T> task) {
		return this.load.offer(() -> this.delegate.submitCompletable(reporting(task)));
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
		return this.load.counting(this.isolation.reporting(this.name, call));
	}

	@Override
	public ExecutorStatus status() {
		return this.load.status();
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
