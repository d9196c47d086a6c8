package dev.pingora.panic;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pingora.testkit.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Supervision}.
 */
class SupervisionTests {

	private final PanicIsolation isolation = new PanicIsolation(List.of());

	private final ByHand executor = new ByHand();

	private boolean panics;

	private int runs;

	@AfterEach
	void close() {
		this.isolation.close();
		this.executor.shutdownNow();
	}

	/** Its time passes when the test says so. */
	private final class ByHand extends ScheduledThreadPoolExecutor {

		private final List<Integer> ticksBetweenRuns = new ArrayList<>();

		private Runnable tick = () -> {
		};

		private long intervalMillis;

		private ByHand() {
			super(1);
		}

		@Override
		public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long initial, long delay, TimeUnit unit) {
			assertThat(initial).isZero();
			ScheduledFuture<?> future = super.scheduleWithFixedDelay(() -> {
			}, 1, 1, TimeUnit.HOURS);
			this.intervalMillis = unit.toMillis(delay);
			this.tick = () -> {
				if (!future.isCancelled()) {
					task.run();
				}
			};
			return future;
		}

		private void awaitRun() {
			int before = SupervisionTests.this.runs;
			int ticks = 0;
			while (SupervisionTests.this.runs == before && ticks < 100) {
				this.tick.run();
				ticks++;
			}
			this.ticksBetweenRuns.add(ticks);
		}

	}

	private Supervision start(Duration interval) {
		return this.isolation.supervise("health", this.executor, interval, () -> {
			this.runs++;
			if (this.panics) {
				throw new IllegalStateException("run " + this.runs);
			}
		});
	}

	@Test
	void healthyTaskRunsAtItsInterval() {
		Supervision supervision = start(Duration.ofSeconds(5));
		for (int i = 0; i < 3; i++) {
			this.executor.awaitRun();
		}
		assertThat(this.executor.intervalMillis).isEqualTo(5000);
		assertThat(this.executor.ticksBetweenRuns).containsExactly(1, 1, 1);
		assertThat(supervision.isHealthy()).isTrue();
		assertThat(supervision.lastPanic()).isNull();
		assertThat(supervision.name()).isEqualTo("health");
	}

	@Test
	void panickingTaskIsRestartedWithGrowingPausesUntilItRecovers() {
		Supervision supervision = start(Duration.ofSeconds(5));
		this.panics = true;
		for (int i = 0; i < 6; i++) {
			this.executor.awaitRun();
		}
		assertThat(this.executor.ticksBetweenRuns).containsExactly(1, 2, 4, 8, 12, 12);
		assertThat(supervision.isHealthy()).isFalse();
		assertThat(supervision.lastPanic()).isNotNull()
			.extracting(Panic::cause)
			.hasToString("java.lang.IllegalStateException: run 6");
		assertThat(this.isolation.totals().total(new PanicTotals.Key("background", "health", "none"))).isEqualTo(6);
		this.panics = false;
		this.executor.awaitRun();
		assertThat(supervision.isHealthy()).isTrue();
		this.executor.ticksBetweenRuns.clear();
		this.executor.awaitRun();
		assertThat(this.executor.ticksBetweenRuns).containsExactly(1);
	}

	@Test
	void pauseNeverOverflowsAndIsNeverShorterThanTheInterval() {
		this.panics = true;
		start(Duration.ofMinutes(10));
		for (int i = 0; i < 100; i++) {
			this.executor.awaitRun();
		}
		assertThat(this.executor.ticksBetweenRuns).hasSize(100).containsOnly(1);
	}

	@Test
	void stoppedTaskRunsNoMore() {
		Supervision supervision = start(Duration.ofMillis(1));
		this.executor.awaitRun();
		assertThat(this.isolation.supervisions()).containsExactly(supervision);
		supervision.stop();
		assertThat(this.isolation.supervisions()).isEmpty();
		this.executor.awaitRun();
		assertThat(this.runs).isEqualTo(1);
		assertThat(this.executor.getQueue()).allMatch((task) -> ((Future<?>) task).isCancelled());
	}

	@Test
	void executorThatIsShutDownEndsTheTaskQuietly() throws InterruptedException {
		ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);
		CountDownLatch running = new CountDownLatch(1);
		this.isolation.supervise("health", executor, Duration.ofMillis(1), running::countDown);
		running.await();
		executor.shutdown();
		assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
		assertThat(this.isolation.totals().total()).isZero();
	}

	/** Runs at once; whatever is scheduled second finds no memory. */
	private static final class ShortOfMemory extends ScheduledThreadPoolExecutor {

		private final AtomicInteger calls = new AtomicInteger();

		private ShortOfMemory() {
			super(1);
		}

		private void count() {
			if (this.calls.incrementAndGet() == 2) {
				throw new OutOfMemoryError("Java heap space");
			}
		}

		@Override
		public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
			count();
			return super.schedule(task, delay, unit);
		}

		@Override
		public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long initial, long delay, TimeUnit unit) {
			count();
			return super.scheduleWithFixedDelay(task, initial, delay, unit);
		}

	}

	@Test
	void taskGoesOnThoughNothingMoreCanBeScheduled() {
		ShortOfMemory executor = new ShortOfMemory();
		AtomicInteger runs = new AtomicInteger();
		this.isolation.supervise("health", executor, Duration.ofMillis(1), runs::incrementAndGet);
		try {
			Await.until("a third run", () -> runs.get() >= 3);
		}
		finally {
			executor.shutdownNow();
		}
	}

}
