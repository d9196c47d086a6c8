package dev.pingora.panic;

import java.time.Instant;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

/**
 * Tests for {@link PanicDispatcher}.
 */
class PanicDispatcherTests {

	private static Panic panic() {
		return new Panic(1, Instant.now(), "t", PanicSite.of("x", null), new IllegalStateException());
	}

	@Test
	void processThatHasNoThreadLeftDropsTheNotificationAndNothingElse() {
		PanicDispatcher dispatcher = new PanicDispatcher(List.of(), (listener) -> {
		}, (runnable) -> {
			throw new OutOfMemoryError("unable to create native thread");
		});
		assertThatCode(() -> dispatcher.offer(panic())).doesNotThrowAnyException();
		assertThat(dispatcher.dropped()).isEqualTo(1);
		dispatcher.close();
	}

	@Test
	void threadIsNotThereWhileThereIsNothingToTell() {
		PanicDispatcher dispatcher = new PanicDispatcher(List.of(), (listener) -> {
		}, (runnable) -> {
			throw new AssertionError("not needed");
		});
		dispatcher.close();
		dispatcher.offer(panic());
		assertThat(dispatcher.dropped()).isEqualTo(1);
	}

}
