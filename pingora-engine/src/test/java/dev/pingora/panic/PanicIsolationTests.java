package dev.pingora.panic;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.testkit.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Tests for {@link PanicIsolation}.
 */
class PanicIsolationTests {

	private final List<Panic> heard = new CopyOnWriteArrayList<>();

	private final List<String> threads = new CopyOnWriteArrayList<>();

	private PanicIsolation isolation = new PanicIsolation(List.of((panic) -> {
		this.threads.add(Thread.currentThread().getName());
		this.heard.add(panic);
	}));

	private final Task task = new Task();

	@AfterEach
	void close() {
		this.isolation.close();
	}

	private static final class Task implements Isolated {

		private final List<Object> calls = new ArrayList<>();

		private RuntimeException inFailed;

		private RuntimeException inPanicked;

		private RuntimeException inSite;

		private boolean nowhere;

		@Override
		public PanicSite panicSite() {
			throwIfSet(this.inSite);
			return this.nowhere ? null : new PanicSite("request_filter", "f", "r", null);
		}

		@Override
		public void failed(ProxyException error) {
			this.calls.add(error);
			throwIfSet(this.inFailed);
		}

		@Override
		public void panicked(Panic panic) {
			this.calls.add(panic);
			throwIfSet(this.inPanicked);
		}

		private static void throwIfSet(RuntimeException thrown) {
			if (thrown != null) {
				throw thrown;
			}
		}

		private Panic panic() {
			assertThat(this.calls).isNotEmpty().last().isInstanceOf(Panic.class);
			return (Panic) this.calls.get(this.calls.size() - 1);
		}

	}

	private void run(Throwable thrown) {
		this.isolation.run(this.task, thrown, (task, cause) -> PanicIsolation.rethrow(cause));
	}

	@Test
	void panicThatCanNotBeDescribedIsTheOneThatIsRecorded() {
		HostileError hostile = new HostileError();
		this.isolation.run(this.task, (task) -> {
			throw hostile;
		});
		assertThat(this.task.panic().cause()).isSameAs(hostile);
		assertThat(this.isolation.observe(PanicSite.of("listener", null), hostile, (error) -> {
			throw error;
		})).extracting(Panic::cause).isSameAs(hostile);
		assertThat(this.isolation.totals().total()).isEqualTo(2);
	}

	private static final class HostileError extends OutOfMemoryError {

		private static final long serialVersionUID = 1L;

		@Override
		public String getMessage() {
			throw new IllegalStateException("no message");
		}

	}

	@Test
	void stepThatEndsWellIsNotHeardOf() {
		List<String> done = new ArrayList<>();
		this.isolation.run(this.task, (task) -> done.add("a"));
		this.isolation.run(this.task, "b", (task, argument) -> done.add(argument));
		assertThat(done).containsExactly("a", "b");
		assertThat(this.task.calls).isEmpty();
		assertThat(this.isolation.totals().total()).isZero();
	}

	@Test
	void anticipatedFailureIsNoPanic() {
		ProxyException error = ProxyException.httpStatus(403, "no");
		run(error);
		this.isolation.run(this.task, (task) -> {
			throw error;
		});
		assertThat(this.task.calls).containsExactly(error, error);
		assertThat(this.isolation.totals().total()).isZero();
	}

	@Test
	void anythingElseIsAPanicOfTheTask() {
		for (Throwable thrown : List.of(new IllegalStateException(), new StackOverflowError(), new AssertionError(),
				new NoClassDefFoundError(), new OutOfMemoryError("Java heap space"), new Exception("checked"),
				new ThreadDeathLike())) {
			run(thrown);
			assertThat(this.task.panic().cause()).isSameAs(thrown);
			assertThat(this.task.panic().thread()).isEqualTo(Thread.currentThread().getName());
		}
		assertThat(this.isolation.totals().total(new PanicTotals.Key("request_filter", "f", "r"))).isEqualTo(7);
		assertThat(this.task.calls).extracting((panic) -> ((Panic) panic).id()).doesNotHaveDuplicates();
	}

	private static final class ThreadDeathLike extends Error {

		private static final long serialVersionUID = 1L;

	}

	@Test
	void exhaustedDirectMemoryIsAnAnticipatedFailure() {
		run(new OutOfMemoryError("Cannot reserve 10 bytes of direct buffer memory (allocated: 1, limit: 2)"));
		assertThat(this.task.calls).singleElement().isInstanceOfSatisfying(ProxyException.class, (error) -> {
			assertThat(error.type()).isEqualTo(ErrorType.OUT_OF_DIRECT_MEMORY);
			assertThat(error.status()).isEqualTo(503);
			assertThat(error.getCause()).isInstanceOf(OutOfMemoryError.class);
		});
		assertThat(this.isolation.grave()).isNull();
	}

	// It does not put the heap, and so the process, in doubt.
	@Test
	void exhaustedDirectMemoryIsNotGraveWhereverItIsNoticed() {
		this.isolation.record(PanicSite.of(PanicSite.RELEASE, null),
				new OutOfMemoryError("Cannot reserve 10 bytes of direct buffer memory (allocated: 1, limit: 2)"));
		assertThat(this.isolation.grave()).isNull();
	}

	@Test
	void heapAndVirtualMachineErrorsAreGraveAndStackOverflowIsNot() {
		run(new StackOverflowError());
		run(new LinkageError());
		assertThat(this.isolation.grave()).isNull();
		run(new OutOfMemoryError("Java heap space"));
		assertThat(this.isolation.grave()).isSameAs(this.task.panic());
		run(new InternalError());
		assertThat(this.isolation.grave()).isSameAs(this.task.panic());
	}

	@Test
	void panicWithinTheHandlingOfAFailureEndsTheTask() {
		this.task.inFailed = new IllegalStateException("in failed");
		run(ProxyException.httpStatus(400, "x"));
		assertThat(this.task.panic().cause()).isSameAs(this.task.inFailed);
		assertThat(this.isolation.totals().total()).isEqualTo(1);
	}

	@Test
	void panicWithinTheHandlingOfAPanicIsContainedAndCounted() {
		this.task.inPanicked = new IllegalStateException("in panicked");
		run(new IllegalArgumentException());
		assertThat(this.task.calls).hasSize(1);
		assertThat(this.isolation.totals().total()).isEqualTo(2);
		assertThat(this.isolation.totals().total(new PanicTotals.Key("engine", "none", "none"))).isEqualTo(1);
	}

	@Test
	void panicWithinTheDescriptionOfTheSiteStillEndsTheTask() {
		this.task.inSite = new IllegalStateException("in panicSite");
		run(new IllegalArgumentException("first"));
		assertThat(this.task.panic().cause()).hasMessage("first");
		assertThat(this.isolation.totals().total()).isEqualTo(2);
	}

	@Test
	void listenersAreToldOnAThreadOfTheirOwn() {
		run(new IllegalStateException());
		Await.until("the listener is told", () -> this.heard.size() == 1);
		assertThat(this.heard).containsExactly(this.task.panic());
		assertThat(this.threads).containsExactly("pingora-panics");
	}

	@Test
	void panicWhoseMessageCanNotBeReadIsToldToo() {
		run(new IllegalStateException() {

			private static final long serialVersionUID = 1L;

			@Override
			public String getMessage() {
				throw new UnsupportedOperationException("unreadable");
			}

		});
		Await.until("the listener is told", () -> this.heard.size() == 1);
	}

	@Test
	void panickingListenerIsCountedAndKeepsNobodyFromHearing() {
		PanicListener bad = (panic) -> {
			throw new IllegalStateException("a bug in a listener");
		};
		try (PanicIsolation second = new PanicIsolation(List.of(bad, this.heard::add))) {
			second.run(this.task, (task) -> {
				throw new IllegalStateException();
			});
			Await.until("the listeners are told", () -> this.heard.size() == 1);
			assertThat(second.totals().total()).isEqualTo(2);
			assertThat(second.totals().snapshot().keySet()).extracting(PanicTotals.Key::phase)
				.containsExactly("listener", "request_filter");
		}
		assertThat(this.heard).hasSize(1);
	}

	@Test
	@Timeout(30)
	void hangingListenerMakesNobodyWait() throws InterruptedException {
		CountDownLatch hanging = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		PanicListener listener = (panic) -> {
			hanging.countDown();
			PanicIsolation.capture(release::await);
		};
		PanicIsolation second = new PanicIsolation(List.of(listener));
		PanicSite site = PanicSite.of("x", null);
		second.record(site, new AssertionError());
		assertThat(hanging.await(10, TimeUnit.SECONDS)).isTrue();
		for (int i = 0; i < 1024 + 76; i++) {
			second.record(site, new AssertionErrorWithoutTrace());
		}
		assertThat(second.droppedNotifications()).isEqualTo(76);
		assertThat(second.totals().total()).isEqualTo(1 + 1024 + 76);
		long before = System.nanoTime();
		second.close();
		assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - before)).isLessThan(10);
		second.record(site, new AssertionErrorWithoutTrace());
		assertThat(second.droppedNotifications()).isEqualTo(77);
		release.countDown();
	}

	private static final class AssertionErrorWithoutTrace extends Error {

		private static final long serialVersionUID = 1L;

		private AssertionErrorWithoutTrace() {
			super("one of many", null, false, false);
		}

	}

	@Test
	void closeTellsWhatStillWaits() {
		for (int i = 0; i < 100; i++) {
			this.isolation.record(PanicSite.of("x", null), new AssertionErrorWithoutTrace());
		}
		this.isolation.close();
		assertThat(this.heard).hasSize(100);
	}

	@Test
	void observersPanicIsReturnedAndEndsNothing() {
		PanicSite site = PanicSite.of(PanicSite.LISTENER, "l");
		assertThat(this.isolation.observe(site, "a", String::length)).isNull();
		Panic panic = this.isolation.observe(site, "a", (argument) -> argument.charAt(5));
		assertThat(panic).isNotNull();
		assertThat(panic.site()).isEqualTo(site);
		assertThat(panic.cause()).isInstanceOf(IndexOutOfBoundsException.class);
	}

	@Test
	void isolatedTaskThrowsNothingIntoItsExecutor() {
		this.isolation.isolating("t", () -> {
			throw new StackOverflowError();
		}).run();
		assertThat(this.isolation.totals().total(new PanicTotals.Key("executor", "t", "none"))).isEqualTo(1);
	}

	@Test
	void reportingTaskThrowsOnWhatIsRecorded() throws Exception {
		assertThat(this.isolation.reporting("t", () -> 5).call()).isEqualTo(5);
		Exception thrown = new Exception("x");
		assertThatThrownBy(() -> this.isolation.reporting("t", () -> {
			throw thrown;
		}).call()).isSameAs(thrown);
		assertThat(this.isolation.totals().total()).isEqualTo(1);
	}

	@Test
	void capturedThrowableIsThrownOnElsewhere() {
		Throwable captured = PanicIsolation.capture(() -> {
			throw new Exception("checked");
		});
		assertThat(captured).hasMessage("checked");
		assertThatThrownBy(() -> PanicIsolation.rethrow(captured)).isSameAs(captured);
		assertThat(PanicIsolation.capture(() -> {
		})).isNull();
	}

	@Test
	void sitesAreBoundedAndNothingGoesUncounted() {
		for (int i = 0; i < 1500; i++) {
			this.isolation.totals().count(PanicSite.of("x", "f" + i));
		}
		assertThat(this.isolation.totals().snapshot()).hasSizeLessThanOrEqualTo(1001)
			.containsEntry(new PanicTotals.Key("other", "other", "other"), 500L);
		this.isolation.totals().count(PanicSite.of("x", "f7"));
		assertThat(this.isolation.totals().total(new PanicTotals.Key("x", "f7", "none"))).isEqualTo(2);
		assertThat(this.isolation.totals().total()).isEqualTo(1501);
	}

	/** As on a full heap, where not even a panic can be made. */
	@Test
	void taskEndsAlthoughItsPanicCanNotBeRecorded() {
		this.task.nowhere = true;
		this.isolation.run(this.task, (task) -> {
			throw new IllegalStateException("a bug");
		});
		assertThat(this.task.calls).singleElement().isInstanceOf(Panic.class);
	}

	/** A step of an end must not keep the steps behind it from being taken. */
	@Test
	void observersPanicThatCanNotBeRecordedIsContained() {
		assertThat(this.isolation.observe(null, "", (nothing) -> {
			throw new IllegalStateException("a bug");
		})).isNotNull();
		assertThat(this.isolation.record(null, new IllegalStateException("a bug"))).isNotNull();
	}

	@Test
	void fullHeapThatCanNotBeRecordedIsGraveAllTheSame() {
		assertThat(this.isolation.record(null, new OutOfMemoryError("Java heap space"))).isNotNull();
		assertThat(this.isolation.grave()).isNotNull();
	}

	@Test
	void taskWhoseEndCanNotBeRecordedEitherHarmsNobodyElse() {
		this.task.nowhere = true;
		this.task.inPanicked = new IllegalStateException("a bug in the end");
		run(new IllegalStateException("a bug"));
		assertThat(this.task.calls).singleElement().isInstanceOf(Panic.class);
	}

}
