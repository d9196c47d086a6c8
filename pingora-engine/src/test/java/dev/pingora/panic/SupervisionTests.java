package dev.pingora.panic;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

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

	/** Runs what was scheduled when the test says so. */
	private static final class ByHand extends ScheduledThreadPoolExecutor {

		private final List<Runnable> tasks = new ArrayList<>();

		private final List<Long> pauses = new ArrayList<>();

		private ByHand() {
			super(1);
		}

		@Override
		public void execute(Runnable task) {
			this.tasks.add(task);
		}

		@Override
		public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
			if (isShutdown()) {
				throw new RejectedExecutionException("shut down");
			}
			this.pauses.add(unit.toMillis(delay));
			this.tasks.add(task);
			return super.schedule((Callable<String>) () -> "", 0, unit);
		}

		private boolean runNext() {
			if (this.tasks.isEmpty()) {
				return false;
			}
			this.tasks.remove(0).run();
			return true;
		}

		private long lastPause() {
			return this.pauses.get(this.pauses.size() - 1);
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
			assertThat(this.executor.runNext()).isTrue();
		}
		assertThat(this.runs).isEqualTo(3);
		assertThat(this.executor.pauses).containsExactly(5000L, 5000L, 5000L);
		assertThat(supervision.isHealthy()).isTrue();
		assertThat(supervision.lastPanic()).isNull();
		assertThat(supervision.name()).isEqualTo("health");
	}

	@Test
	void panickingTaskIsRestartedWithGrowingPausesUntilItRecovers() {
		Supervision supervision = start(Duration.ofSeconds(5));
		this.panics = true;
		for (int i = 0; i < 6; i++) {
			this.executor.runNext();
		}
		assertThat(this.executor.pauses).containsExactly(10_000L, 20_000L, 40_000L, 60_000L, 60_000L, 60_000L);
		assertThat(supervision.isHealthy()).isFalse();
		assertThat(supervision.lastPanic()).isNotNull()
			.extracting(Panic::cause)
			.hasToString("java.lang.IllegalStateException: run 6");
		assertThat(this.isolation.totals().total(new PanicTotals.Key("background", "health", "none"))).isEqualTo(6);
		this.panics = false;
		this.executor.runNext();
		assertThat(supervision.isHealthy()).isTrue();
		assertThat(this.executor.lastPause()).isEqualTo(5000);
	}

	@Test
	void pauseNeverOverflowsAndIsNeverShorterThanTheInterval() {
		this.panics = true;
		start(Duration.ofMinutes(10));
		for (int i = 0; i < 100; i++) {
			this.executor.runNext();
		}
		assertThat(this.executor.pauses).hasSize(100).containsOnly(600_000L);
	}

	@Test
	void stoppedTaskRunsNoMore() {
		Supervision supervision = start(Duration.ofMillis(1));
		this.executor.runNext();
		assertThat(this.isolation.supervisions()).containsExactly(supervision);
		supervision.stop();
		assertThat(this.isolation.supervisions()).isEmpty();
		this.executor.runNext();
		assertThat(this.executor.runNext()).isFalse();
		assertThat(this.runs).isEqualTo(1);
	}

	@Test
	void executorThatIsShutDownEndsTheTaskQuietly() {
		start(Duration.ofMillis(1));
		this.executor.shutdownNow();
		this.executor.runNext();
		assertThat(this.runs).isEqualTo(1);
		assertThat(this.executor.runNext()).isFalse();
		assertThat(this.isolation.totals().total()).isZero();
	}

}
