package dev.pingora.testkit;

import java.time.Duration;
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

}
