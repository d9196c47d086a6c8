package dev.pingora.panic;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What is remembered of panics.
 */
class PanicHistoryTests {

	private final AtomicLong clock = new AtomicLong();

	private final PanicHistory history = new PanicHistory(3, this.clock::get);

	private void panicAt(long seconds, long id) {
		this.clock.set(TimeUnit.SECONDS.toNanos(seconds));
		this.history.add(new Panic(id, Instant.EPOCH, "t", PanicSite.of(PanicSite.ENGINE, null), new Error()));
	}

	@Test
	void newestAreKeptAndComeFirst() {
		LongStream.rangeClosed(1, 5).forEach((id) -> panicAt(0, id));
		assertThat(this.history.recent()).extracting(Panic::id).containsExactly(5L, 4L, 3L);
	}

	@Test
	void windowForgetsWhatIsOlder() {
		panicAt(0, 1);
		panicAt(30, 2);
		panicAt(59, 3);
		assertThat(this.history.inLast(Duration.ofMinutes(1))).isEqualTo(3);
		assertThat(this.history.inLast(Duration.ofSeconds(30))).isEqualTo(2);
		assertThat(this.history.inLast(Duration.ofMillis(1))).isEqualTo(1);
		this.clock.set(TimeUnit.SECONDS.toNanos(60));
		assertThat(this.history.inLast(Duration.ofMinutes(1))).isEqualTo(2);
	}

	@Test
	void longSilenceForgetsAll() {
		panicAt(10, 1);
		this.clock.set(TimeUnit.DAYS.toNanos(3));
		assertThat(this.history.inLast(Duration.ofDays(30))).isZero();
		panicAt(TimeUnit.DAYS.toSeconds(4), 2);
		assertThat(this.history.inLast(Duration.ofDays(30))).isEqualTo(1);
	}

	@Test
	void windowReachesTenMinutesBack() {
		panicAt(0, 1);
		this.clock.set(TimeUnit.SECONDS.toNanos(599));
		assertThat(this.history.inLast(Duration.ofHours(1))).isEqualTo(1);
		this.clock.set(TimeUnit.SECONDS.toNanos(600));
		assertThat(this.history.inLast(Duration.ofHours(1))).isZero();
	}

	@Test
	void sizeIsBounded() {
		assertThatIllegalArgumentException().isThrownBy(() -> new PanicIsolation(List.of(), 0).close())
			.withMessage("historySize: 0 (expected: 1..10000)");
		assertThatIllegalArgumentException().isThrownBy(() -> new PanicIsolation(List.of(), 10_001).close());
	}

}
