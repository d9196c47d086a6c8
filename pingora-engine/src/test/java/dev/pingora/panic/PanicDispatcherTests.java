package dev.pingora.panic;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

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
	void panicThatCanNotBeDescribedIsHandedToTheListeners() {
		List<Panic> told = new CopyOnWriteArrayList<>();
		PanicDispatcher dispatcher = new PanicDispatcher(List.of(told::add), (listener) -> {
		});
		Panic panic = new Panic(1, Instant.now(), "t", PanicSite.of("x", null), new HostileException());
		dispatcher.offer(panic);
		dispatcher.close(); // waits for what is still to be told
		assertThat(told).containsExactly(panic);
	}

	@Test
	void listenerThatFailsWithWhatCanNotBeDescribedKeepsNothingFromTheOthers() {
		List<Panic> told = new CopyOnWriteArrayList<>();
		List<String> failed = new CopyOnWriteArrayList<>();
		PanicListener failing = (panic) -> {
			throw new IllegalStateException("while telling", new HostileException());
		};
		PanicDispatcher dispatcher = new PanicDispatcher(List.of(failing, told::add), failed::add);
		Panic panic = panic();
		dispatcher.offer(panic);
		dispatcher.close();
		assertThat(told).containsExactly(panic);
		assertThat(failed).hasSize(1);
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

	private static final class HostileException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		@Override
		public String getMessage() {
			throw new IllegalStateException("no message");
		}

	}

}
