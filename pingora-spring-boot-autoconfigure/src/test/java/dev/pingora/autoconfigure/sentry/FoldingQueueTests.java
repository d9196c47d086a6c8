package dev.pingora.autoconfigure.sentry;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicSite;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is folded, held back and dropped, and when, by a clock of the test's own.
 */
class FoldingQueueTests {

	private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

	// System.nanoTime() may wrap around.
	private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5);

	private final ReportIds ids = new ReportIds();

	private long lastId;

	private FoldingQueue queue(int capacity, int eventsPerMinute) {
		return new FoldingQueue(new FoldingQueue.Limits(capacity, 60 * SECOND, eventsPerMinute), this.clock::get,
				this.ids);
	}

	private long offer(FoldingQueue queue, String fingerprint) {
		Panic panic = new Panic(++this.lastId, Instant.EPOCH, "t", PanicSite.of("engine", null), new Error());
		queue.offer(panic, List.of(fingerprint));
		return panic.id();
	}

	@Test
	void firstIsReadyAtOnceAndThoseAfterItWhenTheWindowEnds() {
		FoldingQueue queue = queue(10, 30);
		long first = offer(queue, "a");
		offer(queue, "a");
		offer(queue, "a");
		long last = offer(queue, "a");
		assertThat(queue.poll()).satisfies((report) -> {
			assertThat(report.panic().id()).isEqualTo(first);
			assertThat(report.folded()).isZero();
		});
		this.clock.addAndGet(60 * SECOND - 1);
		assertThat(queue.poll()).isNull();
		this.clock.addAndGet(1);
		assertThat(queue.poll()).satisfies((report) -> {
			assertThat(report.panic().id()).isEqualTo(last);
			assertThat(report.folded()).isEqualTo(2);
		});
		assertThat(queue.poll()).isNull();
		assertThat(queue.folded()).isEqualTo(2);
		assertThat(queue.dropped()).isZero();
	}

	@Test
	void windowWithoutFoldedPanicsEndsQuietlyAndTheNextPanicIsReadyAtOnce() {
		FoldingQueue queue = queue(10, 30);
		offer(queue, "a");
		assertThat(queue.poll()).isNotNull();
		this.clock.addAndGet(60 * SECOND);
		assertThat(queue.poll()).isNull();
		offer(queue, "a");
		assertThat(queue.poll()).isNotNull();
	}

	@Test
	void panicsThatAreNotAlikeAreNotFolded() {
		FoldingQueue queue = queue(10, 30);
		offer(queue, "a");
		offer(queue, "b");
		assertThat(queue.poll()).isNotNull();
		assertThat(queue.poll()).isNotNull();
		assertThat(queue.folded()).isZero();
	}

	@Test
	void whatIsTooMuchForAMinuteIsToldByTheNextReport() {
		FoldingQueue queue = queue(10, 2);
		for (String fingerprint : List.of("a", "b", "c", "d")) {
			offer(queue, fingerprint);
		}
		assertThat(queue.poll()).satisfies((report) -> assertThat(report.panics()).isEqualTo(3));
		assertThat(queue.poll()).satisfies((report) -> assertThat(report.panics()).isEqualTo(1));
		assertThat(queue.poll()).isNull();
		assertThat(queue.folded()).isEqualTo(2);
		this.clock.addAndGet(60 * SECOND);
		offer(queue, "c");
		assertThat(queue.poll()).satisfies((report) -> assertThat(report.panics()).isEqualTo(1));
	}

	@Test
	void foldedPanicsWaitForTheNextMinuteIfTheyMust() {
		FoldingQueue queue = queue(10, 1);
		offer(queue, "a");
		assertThat(queue.poll()).isNotNull();
		this.clock.addAndGet(30 * SECOND);
		offer(queue, "a");
		offer(queue, "b"); // too many
		this.clock.addAndGet(30 * SECOND);
		assertThat(queue.poll()).satisfies((report) -> assertThat(report.heldBack()).isEqualTo(1));
		offer(queue, "a");
		this.clock.addAndGet(60 * SECOND);
		assertThat(queue.poll()).isNotNull();
	}

	@Test
	void fullQueueDrops() {
		FoldingQueue queue = queue(2, 30);
		for (String fingerprint : List.of("a", "b", "c", "d")) {
			offer(queue, fingerprint);
		}
		assertThat(queue.dropped()).isEqualTo(2);
		assertThat(queue.poll()).isNotNull();
		offer(queue, "c"); // was not remembered as told
		assertThat(queue.dropped()).isEqualTo(2);
	}

	@Test
	void fingerprintsAreBoundedAndNoPanicIsUncounted() {
		FoldingQueue queue = queue(10_000, 10_000);
		for (int i = 0; i < 2000; i++) {
			offer(queue, "f" + i);
		}
		assertThat(queue.folded()).isEqualTo(1000);
		assertThat(queue.poll()).satisfies((report) -> assertThat(report.panics()).isEqualTo(1001));
		this.clock.addAndGet(60 * SECOND);
		offer(queue, "another");
		assertThat(queue.folded()).isEqualTo(1000);
	}

	@Test
	void endOpensTheWindowsAndTakesNothingMore() throws Exception {
		FoldingQueue queue = queue(10, 30);
		offer(queue, "a");
		offer(queue, "a");
		offer(queue, "b");
		queue.end();
		offer(queue, "late");
		assertThat(queue.take()).isNotNull();
		assertThat(queue.take()).isNotNull();
		assertThat(queue.take()).satisfies((report) -> assertThat(report.fingerprint()).containsExactly("a"));
		assertThat(queue.take()).isNull();
		assertThat(queue.dropped()).isEqualTo(1);
		assertThat(queue.abandon()).isZero();
	}

	@Test
	void abandonedPanicsAreCounted() {
		FoldingQueue queue = queue(10, 1);
		offer(queue, "a");
		offer(queue, "a");
		offer(queue, "a");
		offer(queue, "b");
		assertThat(queue.abandon()).isEqualTo(4);
		assertThat(queue.dropped()).isEqualTo(4);
	}

	@Test
	void lostReportIsCountedWithAllThatItTold() {
		FoldingQueue queue = queue(10, 1);
		offer(queue, "a");
		offer(queue, "b");
		queue.lost(queue.poll());
		assertThat(queue.dropped()).isEqualTo(2);
	}

	@Test
	void foldedPanicIsFoundUnderTheEventThatItWasFoldedInto() {
		FoldingQueue queue = queue(10, 30);
		long first = offer(queue, "a");
		long second = offer(queue, "a");
		long third = offer(queue, "a");
		assertThat(this.ids.get(first)).isNull();
		queue.poll().eventId().set("e1");
		this.clock.addAndGet(60 * SECOND);
		queue.poll().eventId().set("e2");
		assertThat(List.of(first, second, third)).extracting(this.ids::get).containsExactly("e1", "e1", "e2");
		assertThat(this.ids.get(77)).isNull();
	}

	@Test
	void idsAreBounded() {
		FoldingQueue queue = queue(10, 30);
		long first = offer(queue, "a");
		queue.poll().eventId().set("e1");
		for (int i = 0; i < 1000; i++) {
			offer(queue, "a");
		}
		assertThat(this.ids.get(first)).isNull();
		assertThat(this.ids.get(first + 1)).isEqualTo("e1");
	}

}
