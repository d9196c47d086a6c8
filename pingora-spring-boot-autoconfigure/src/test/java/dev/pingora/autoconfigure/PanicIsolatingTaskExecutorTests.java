package dev.pingora.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.server.ExecutorStatus;
import dev.pingora.server.MeasuredExecutor;
import dev.pingora.testkit.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.TaskDecorator;
import org.springframework.core.task.TaskRejectedException;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What the {@code pingoraTaskExecutor} promises, with the threads of this JVM: virtual
 * ones on Java 21 and later, a pool before.
 */
class PanicIsolatingTaskExecutorTests {

	private static final boolean VIRTUAL = Runtime.version().feature() >= 21;

	private final List<Panic> panics = new CopyOnWriteArrayList<>();

	private final PanicIsolation isolation = new PanicIsolation(List.of(this.panics::add));

	private final List<AsyncTaskExecutor> executors = new ArrayList<>();

	@AfterEach
	void close() throws Exception {
		for (AsyncTaskExecutor executor : this.executors) {
			((PanicIsolatingTaskExecutor) executor).destroy();
		}
		this.isolation.close();
	}

	// One task at a time, none waits.
	private AsyncTaskExecutor executor(TaskDecorator... decorators) {
		Environment environment = new MockEnvironment().withProperty("pingora.executor.max-concurrency", "1")
			.withProperty("pingora.executor.pool-size", "1")
			.withProperty("pingora.executor.queue-capacity", "0")
			.withProperty("spring.lifecycle.timeout-per-shutdown-phase", "5s");
		return executor(environment, decorators);
	}

	private AsyncTaskExecutor executor(Environment environment, TaskDecorator... decorators) {
		PingoraProperties properties = Binder.get(environment)
			.bindOrCreate("pingora", Bindable.of(PingoraProperties.class));
		StaticListableBeanFactory beanFactory = new StaticListableBeanFactory();
		for (TaskDecorator decorator : decorators) {
			beanFactory.addBean("decorator" + decorator.hashCode(), decorator);
		}
		AsyncTaskExecutor executor = new TaskExecutorConfiguration().pingoraTaskExecutor(properties, this.isolation,
				beanFactory.getBeanProvider(TaskDecorator.class), environment);
		this.executors.add(executor);
		return executor;
	}

	private static Throwable throwable(String name) {
		return switch (name) {
			case "runtime" -> new IllegalStateException("a bug");
			case "checked" -> new Exception("a bug");
			case "error" -> new AssertionError("a bug");
			default -> new StackOverflowError();
		};
	}

	// The place of a task is free again shortly after its end.
	private static <T> T eventually(AsyncTaskExecutor executor, Function<AsyncTaskExecutor, T> use) {
		List<T> result = new ArrayList<>();
		Await.until("a place is free", () -> {
			try {
				result.add(use.apply(executor));
				return true;
			}
			catch (TaskRejectedException full) {
				return false;
			}
		});
		return result.get(0);
	}

	@ParameterizedTest
	@ValueSource(strings = { "runtime", "checked", "error", "stack" })
	void panicInExecuteEndsThatTaskAlone(String name) throws Exception {
		AsyncTaskExecutor executor = executor();
		Throwable thrown = throwable(name);
		executor.execute(() -> PanicIsolation.rethrow(thrown));
		Await.until("the listener is told", () -> !this.panics.isEmpty());
		Future<String> next = eventually(executor, (free) -> free.submit(() -> "alive"));
		assertThat(next.get(5, TimeUnit.SECONDS)).isEqualTo("alive");
		assertThat(this.panics).singleElement().satisfies((panic) -> {
			assertThat(panic.cause()).isSameAs(thrown);
			assertThat(panic.site()).isEqualTo(PanicSite.of(PanicSite.EXECUTOR, "pingoraTaskExecutor"));
		});
		assertThat(this.isolation.totals().total()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "runtime", "checked", "error", "stack" })
	void panicInSubmitReachesItsFutureAndIsCountedOnce(String name) {
		Throwable thrown = throwable(name);
		Callable<String> callable = () -> {
			PanicIsolation.rethrow(thrown);
			return "";
		};
		AsyncTaskExecutor executor = executor();
		List<Function<AsyncTaskExecutor, Future<?>>> ways = List.of((to) -> to.submit(callable),
				(to) -> to.submit(() -> PanicIsolation.rethrow(thrown)), (to) -> to.submitCompletable(callable),
				(to) -> to.submitCompletable(() -> PanicIsolation.rethrow(thrown)));
		for (Function<AsyncTaskExecutor, Future<?>> way : ways) {
			long before = this.isolation.totals().total();
			Future<?> future = eventually(executor, way);
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> future.get(5, TimeUnit.SECONDS))
				.havingRootCause()
				.isSameAs(thrown);
			assertThat(this.isolation.totals().total()).isEqualTo(before + 1);
		}
	}

	@Test
	void fullExecutorRejectsAtOnce() throws Exception {
		AsyncTaskExecutor executor = executor();
		CountDownLatch release = new CountDownLatch(1);
		Future<?> first = executor.submit(() -> {
			release.await();
			return null;
		});
		assertThatExceptionOfType(TaskRejectedException.class).isThrownBy(() -> executor.execute(() -> {
		}));
		assertThatExceptionOfType(TaskRejectedException.class).isThrownBy(() -> executor.submit(() -> ""));
		release.countDown();
		first.get(5, TimeUnit.SECONDS);
		assertThat(this.isolation.totals().total()).isZero();
	}

	@Test
	void statusTellsWhatRunsAndWhatWasRejected() throws Exception {
		Environment environment = new MockEnvironment().withProperty("pingora.executor.max-concurrency", "2")
			.withProperty("pingora.executor.pool-size", "1")
			.withProperty("pingora.executor.queue-capacity", "1");
		AsyncTaskExecutor executor = executor(environment);
		MeasuredExecutor measured = (MeasuredExecutor) executor;
		String threads = VIRTUAL ? "virtual" : "platform";
		assertThat(measured.status()).isEqualTo(new ExecutorStatus(threads, 0, 0, 2, 0));
		CountDownLatch release = new CountDownLatch(1);
		Future<?> submitted = executor.submit(() -> {
			release.await();
			return null;
		});
		executor.execute(() -> PanicIsolation.capture(release::await));
		ExecutorStatus full = VIRTUAL ? new ExecutorStatus(threads, 2, 0, 2, 0)
				: new ExecutorStatus(threads, 1, 1, 2, 0);
		Await.until("two tasks", () -> measured.status().equals(full));
		List<Consumer<AsyncTaskExecutor>> ways = List.of((to) -> to.submit(() -> ""), (to) -> to.execute(() -> {
		}), (to) -> to.submitCompletable(() -> ""));
		for (Consumer<AsyncTaskExecutor> way : ways) {
			assertThatExceptionOfType(TaskRejectedException.class).isThrownBy(() -> way.accept(executor));
		}
		assertThat(measured.status().rejected()).isEqualTo(3);
		release.countDown();
		submitted.get(5, TimeUnit.SECONDS);
		Await.until("no task", () -> measured.status().equals(new ExecutorStatus(threads, 0, 0, 2, 3)));
	}

	@Test
	void tasksRunOnVirtualThreadsWhereThereAreAny() throws Exception {
		Thread thread = executor().submit(Thread::currentThread).get(5, TimeUnit.SECONDS);
		assertThat(thread.getName()).startsWith("pingora-task-");
		assertThat(thread.isDaemon()).isTrue();
		assertThat((boolean) Thread.class.getMethod(VIRTUAL ? "isVirtual" : "isDaemon").invoke(thread)).isTrue();
	}

	@Test
	void decoratorSeesTheFailureItself() {
		List<Throwable> seen = new CopyOnWriteArrayList<>();
		IllegalStateException thrown = new IllegalStateException("a bug");
		AsyncTaskExecutor executor = executor((task) -> () -> {
			Throwable failure = PanicIsolation.capture(task::run);
			if (failure != null) {
				seen.add(failure);
			}
		});
		Future<?> future = executor.submit(() -> {
			throw thrown;
		});
		assertThatThrownBy(() -> future.get(5, TimeUnit.SECONDS)).hasCause(thrown);
		assertThat(seen).containsExactly(thrown);
		assertThat(this.isolation.totals().total()).isEqualTo(1);
	}

	@Test
	void decoratorCarriesTheCallersContext() throws Exception {
		ThreadLocal<String> context = new ThreadLocal<>();
		AsyncTaskExecutor executor = executor((task) -> {
			String captured = context.get();
			return () -> {
				context.set(captured);
				task.run();
			};
		});
		context.set("caller");
		assertThat(executor.submit(context::get).get(5, TimeUnit.SECONDS)).isEqualTo("caller");
		List<String> executed = new CopyOnWriteArrayList<>();
		eventually(executor, (free) -> {
			free.execute(() -> executed.add(context.get()));
			return true;
		});
		Await.until("the task has run", () -> !executed.isEmpty());
		assertThat(executed).containsExactly("caller");
	}

	@Test
	void panicInADecoratorReachesTheFuture() {
		AsyncTaskExecutor executor = executor((task) -> () -> {
			throw new AssertionError("a bug in the decorator");
		});
		Future<?> future = executor.submit(() -> "");
		assertThatThrownBy(() -> future.get(5, TimeUnit.SECONDS)).hasRootCauseInstanceOf(AssertionError.class);
		assertThat(this.isolation.totals().total()).isEqualTo(1);
	}

	@Test
	void tasksFinishWhenTheExecutorIsClosed() throws Exception {
		AsyncTaskExecutor executor = executor();
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		Future<String> task = executor.submit(() -> {
			begun.countDown();
			release.await();
			return "finished";
		});
		begun.await();
		Thread closing = new Thread(() -> PanicIsolation.capture(((PanicIsolatingTaskExecutor) executor)::destroy));
		closing.start();
		Await.until("closing waits", () -> closing.getState() == Thread.State.TIMED_WAITING);
		release.countDown();
		closing.join(5000);
		assertThat(closing.isAlive()).isFalse();
		assertThat(task.get(5, TimeUnit.SECONDS)).isEqualTo("finished");
	}

	@Test
	void defaultsTakeManyTasksAtOnce() throws Exception {
		AsyncTaskExecutor executor = executor(new StandardEnvironment());
		List<Future<Integer>> futures = new ArrayList<>();
		for (int i = 0; i < 500; i++) {
			int number = i;
			futures.add(executor.submit(() -> number));
		}
		for (int i = 0; i < futures.size(); i++) {
			assertThat(futures.get(i).get(5, TimeUnit.SECONDS)).isEqualTo(i);
		}
	}

}
