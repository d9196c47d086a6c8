package dev.pingora.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link Await}.
 */
class AwaitTests {

	@Test
	void asksUntilItIsTrue() {
		AtomicInteger asked = new AtomicInteger();
		Await.until("the fifth time", () -> asked.incrementAndGet() == 5);
		assertThat(asked).hasValue(5);
	}

	@Test
	void saysWhatIsThereWhenItIsTooLate() {
		AtomicInteger asked = new AtomicInteger();
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> Await.until(Duration.ofMillis(20), () -> "asked " + (asked.get() > 1),
					() -> asked.incrementAndGet() < 0))
			.withMessage("Not within 20 ms: asked true");
	}

	@Test
	void endsWhenInterrupted() {
		Thread.currentThread().interrupt();
		assertThatIllegalStateException().isThrownBy(() -> Await.until("never", () -> false));
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void triesEachScaleUntilOneIsLongEnough() {
		List<Duration> tried = new ArrayList<>();
		Await.onSomeScale((time) -> {
			tried.add(time);
			return tried.size() == 2;
		});
		assertThat(tried).containsExactly(Duration.ofMillis(200), Duration.ofMillis(400));
	}

	@Test
	void saysThatNoScaleIsLongEnough() {
		AtomicInteger tried = new AtomicInteger();
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> Await.onSomeScale((time) -> tried.incrementAndGet() < 0))
			.withMessageStartingWith("Ended by its timeout, however long that was: [PT0.2S");
		assertThat(tried).hasValue(4);
	}

	@Test
	void mistakeIsOneOnItsFirstScale() {
		AtomicInteger tried = new AtomicInteger();
		assertThatIllegalStateException().isThrownBy(() -> Await.onSomeScale((time) -> {
			tried.incrementAndGet();
			throw new IllegalStateException();
		}));
		assertThat(tried).hasValue(1);
	}

}
