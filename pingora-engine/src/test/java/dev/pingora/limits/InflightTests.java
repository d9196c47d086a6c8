package dev.pingora.limits;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Counts are exact, whoever counts at once, and keys without a count are forgotten.
 */
class InflightTests {

	private final Inflight<String> inflight = new Inflight<>();

	@Test
	void limitHoldsForEachKey() {
		assertThat(this.inflight.tryEnter("a", 2)).isTrue();
		assertThat(this.inflight.tryEnter("a", 2)).isTrue();
		assertThat(this.inflight.tryEnter("a", 2)).isFalse();
		assertThat(this.inflight.tryEnter("b", 2)).isTrue();
		assertThat(this.inflight.count("a")).isEqualTo(2);
		this.inflight.leave("a");
		assertThat(this.inflight.tryEnter("a", 2)).isTrue();
	}

	@Test
	void keyWithoutCountIsForgotten() {
		this.inflight.tryEnter("a", 2);
		this.inflight.tryEnter("a", 2);
		this.inflight.leave("a");
		assertThat(this.inflight.keys()).isOne();
		this.inflight.leave("a");
		assertThat(this.inflight.keys()).isZero();
		assertThat(this.inflight.count("a")).isZero();
	}

	@Test
	void refusedKeyLeavesNothingBehind() {
		assertThat(this.inflight.tryEnter("a", 0)).isFalse();
		assertThat(this.inflight.keys()).isZero();
	}

	@Test
	void leavingWithoutHavingEnteredIsAMistake() {
		assertThatIllegalStateException().isThrownBy(() -> this.inflight.leave("a"))
			.withMessage("key: a (expected: one that has entered)");
	}

	@Test
	void countsAreExactWhoeverEntersAtOnce() throws Exception {
		int threads = 8;
		int limit = 3;
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			AtomicInteger inside = new AtomicInteger();
			AtomicInteger most = new AtomicInteger();
			AtomicInteger entered = new AtomicInteger();
			CountDownLatch go = new CountDownLatch(1);
			List<Future<?>> all = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				all.add(executor.submit(() -> {
					go.await();
					for (int turn = 0; turn < 20_000; turn++) {
						if (this.inflight.tryEnter("a", limit)) {
							most.accumulateAndGet(inside.incrementAndGet(), Math::max);
							entered.incrementAndGet();
							inside.decrementAndGet();
							this.inflight.leave("a");
						}
					}
					return null;
				}));
			}
			go.countDown();
			for (Future<?> one : all) {
				one.get();
			}
			assertThat(most.get()).isBetween(1, limit);
			assertThat(entered).hasPositiveValue();
			assertThat(this.inflight.keys()).isZero();
		}
		finally {
			executor.shutdownNow();
		}
	}

}
