package dev.pingora.connector;

import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LoopCounters}.
 */
class LoopCountersTests {

	private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

	private final LoopCounters counters = new LoopCounters();

	private int borrows(long now) {
		int borrows = 0;
		while (borrows < 1000 && this.counters.mayBorrow(now)) {
			borrows++;
		}
		return borrows;
	}

	@Test
	void loopThatBorrowsOftenMakesConnectionsOfItsOwn() {
		long now = Long.MAX_VALUE - SECOND / 2; // it overflows
		assertThat(borrows(now)).isEqualTo(100);
		assertThat(borrows(now + SECOND - 1)).isZero();
		assertThat(borrows(now + SECOND)).isEqualTo(100);
	}

	@Test
	void loopThatBorrowsRarelyMayGoOn() {
		for (int i = 0; i < 1000; i++) {
			assertThat(this.counters.mayBorrow(i * SECOND / 99)).isTrue();
		}
	}

}
