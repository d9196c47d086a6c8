package dev.pingora.autoconfigure.sentry;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import com.jayway.jsonpath.JsonPath;
import dev.pingora.autoconfigure.PanicReporter;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicListener;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.FakeSentry;
import dev.pingora.testkit.FakeSentry.Mode;
import io.sentry.EventProcessor;
import io.sentry.Hint;
import io.sentry.Sentry;
import io.sentry.SentryEvent;
import io.sentry.SentryOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.event.ContextClosedEvent;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is sent, folded and dropped when Sentry is well, slow or gone.
 */
class SentryPanicReporterTests {

	private static Panic panic(AssertableApplicationContext context, String filter) {
		return context.getBean(PanicIsolation.class).record(Panics.site(filter), new IllegalStateException("a bug"));
	}

	@Test
	void panicsThatAreAlikeAreOneEventAndAnotherAtTheEndTellsTheirNumber() {
		try (FakeSentry sentry = FakeSentry.start()) {
			Panics.runner(sentry).run((context) -> {
				PanicReporter reporter = context.getBean(PanicReporter.class);
				Panic first = panic(context, "geo");
				Await.until("the first is sent", () -> reporter.sent() == 1);
				Panic second = panic(context, "geo");
				for (int i = 2; i < 100; i++) {
					panic(context, "geo");
				}
				Await.until("all are told", () -> reporter.folded() == 98);
				assertThat(sentry.events()).hasSize(1);
				String eventId = JsonPath.read(sentry.events().get(0), "$.event_id");
				assertThat(reporter.reportId(first.id())).isEqualTo(eventId);
				assertThat(reporter.reportId(second.id())).isEqualTo(eventId);
				assertThat(reporter.reportId(4711)).isNull();
				assertThat(reporter.name()).isEqualTo("sentry");
			});
			assertThat(sentry.events()).hasSize(2);
			assertThat(Panics.extra(sentry.events().get(1), "folded")).isEqualTo(98);
			assertThat(Panics.told(sentry)).isEqualTo(100);
		}
	}

	@Test
	void foldedPanicsAreToldWhenTheWindowEnds() {
		try (FakeSentry sentry = FakeSentry.start()) {
			Panics.runner(sentry).withPropertyValues("pingora.sentry.fold-window=300ms").run((context) -> {
				for (int i = 0; i < 10; i++) {
					panic(context, "geo");
				}
				Await.until("the number is told", () -> Panics.told(sentry) == 10);
			});
			assertThat(sentry.events()).hasSizeGreaterThan(1);
		}
	}

	@Test
	void stormIsCappedAndTheNextEventTellsWhatWasHeldBack() {
		try (FakeSentry sentry = FakeSentry.start()) {
			Panics.runner(sentry).withPropertyValues("pingora.sentry.max-events-per-minute=5").run((context) -> {
				PanicReporter reporter = context.getBean(PanicReporter.class);
				for (int i = 0; i < 100; i++) {
					panic(context, "filter" + i);
				}
				Await.until("all are told", () -> reporter.sent() + reporter.folded() == 100);
				assertThat(reporter.sent()).isEqualTo(5);
				context.close();
				assertThat(reporter.dropped() + Panics.told(sentry)).isEqualTo(100);
			});
			assertThat(sentry.events()).hasSize(5);
		}
	}

	@Test
	void sameThrowableIsReportedAgainElsewhere() {
		IllegalStateException shared = new IllegalStateException("thrown again and again");
		try (FakeSentry sentry = FakeSentry.start()) {
			Panics.runner(sentry).run((context) -> {
				context.getBean(PanicIsolation.class).record(Panics.site("a"), shared);
				context.getBean(PanicIsolation.class).record(Panics.site("b"), shared);
				Await.until("both are told", () -> sentry.events().size() == 2);
			});
		}
	}

	@Test
	void throwableThatPanicsItselfIsReportedByItsClassAndDelaysNoOther() {
		try (FakeSentry sentry = FakeSentry.start()) {
			Panics.runner(sentry).run((context) -> {
				context.getBean(PanicIsolation.class).record(Panics.site("hostile"), new HostileException());
				panic(context, "geo");
				Await.until("both are told", () -> sentry.events().size() == 2);
			});
			String hostile = sentry.events().get(0);
			assertThat(JsonPath.<String>read(hostile, "$.tags.filter")).isEqualTo("hostile");
			assertThat(JsonPath.<String>read(hostile, "$.message.formatted"))
				.isEqualTo("Panic in requestFilter: " + SentryPanicReporterTests.class.getName() + "$HostileException");
		}
	}

	@Test
	void callbackOfTheApplicationThatPanicsCostsItsEventOnly() {
		try (FakeSentry sentry = FakeSentry.start()) {
			Panics.runner(sentry).withBean("fragile", EventProcessor.class, FragileProcessor::new).run((context) -> {
				panic(context, "fragile");
				panic(context, "geo");
				PanicReporter reporter = context.getBean(PanicReporter.class);
				Await.until("both are told", () -> reporter.sent() + reporter.dropped() == 2);
			});
			assertThat(sentry.events())
				.anySatisfy((event) -> assertThat(JsonPath.<String>read(event, "$.tags.filter")).isEqualTo("geo"));
		}
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void whatTheApplicationRefusesToSendIsCountedAsDropped(CapturedOutput output) {
		try (FakeSentry sentry = FakeSentry.start()) {
			Panics.runner(sentry)
				.withBean("no", SentryOptions.BeforeSendCallback.class,
						() -> (event, hint) -> (hint.get("pingora.panic") instanceof Panic) ? null : event)
				.run((context) -> {
					Panic panic = panic(context, "geo");
					PanicReporter reporter = context.getBean(PanicReporter.class);
					Await.until("it is dropped", () -> reporter.dropped() == 1);
					assertThat(reporter.reportId(panic.id())).isNull();
				});
			assertThat(sentry.events()).isEmpty();
			assertThat(output).doesNotContain("Sentry has not taken");
		}
	}

	@Test
	void panicIsReportedThoughTheEndComesBeforeItIsHandedOn() {
		CountDownLatch ending = new CountDownLatch(1);
		try (FakeSentry sentry = FakeSentry.start()) {
			Panics.runner(sentry)
				.withBean("slow", PanicListener.class,
						() -> (panic) -> Await.until("the end", () -> ending.getCount() == 0))
				.run((context) -> {
					context.getSourceApplicationContext().addApplicationListener((event) -> {
						if (event instanceof ContextClosedEvent) {
							ending.countDown();
						}
					});
					panic(context, "geo");
				});
			assertThat(sentry.events()).hasSize(1);
		}
	}

	@Test
	void sentryThatHangsDelaysNeitherOtherListenersNorTheEnd() {
		int[] heard = new int[1];
		try (FakeSentry sentry = FakeSentry.start(Mode.HANG)) {
			long[] closing = new long[1];
			Panics.runner(sentry)
				.withBean("other", PanicListener.class, () -> (panic) -> heard[0]++)
				.withPropertyValues("pingora.sentry.max-events-per-minute=10000")
				.run((context) -> {
					for (int i = 0; i < 200; i++) {
						panic(context, "filter" + i);
					}
					Await.until("Sentry is asked", () -> sentry.requests() == 1);
					PanicReporter reporter = context.getBean(PanicReporter.class);
					closing[0] = System.nanoTime();
					context.close();
					closing[0] = System.nanoTime() - closing[0];
					Await.until("the rest is given up", () -> reporter.dropped() == 200);
					assertThat(reporter.sent()).isZero();
				});
			assertThat(heard[0]).isEqualTo(200);
			assertThat(Duration.ofNanos(closing[0])).isLessThan(Duration.ofSeconds(5));
		}
	}

	@Test
	void queueOverflowIsCounted() {
		try (FakeSentry sentry = FakeSentry.start(Mode.HANG)) {
			Panics.runner(sentry)
				.withPropertyValues("pingora.sentry.queue-capacity=2", "pingora.sentry.shutdown-timeout=0s")
				.run((context) -> {
					panic(context, "first");
					Await.until("Sentry is asked", () -> sentry.requests() == 1);
					for (int i = 0; i < 10; i++) {
						panic(context, "filter" + i);
					}
					PanicReporter reporter = context.getBean(PanicReporter.class);
					Await.until("the queue is full", () -> reporter.dropped() == 8);
				});
		}
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void sentryThatIsGoneCostsItsEventsOnly(CapturedOutput output) {
		try (FakeSentry sentry = FakeSentry.start(Mode.REFUSE)) {
			Panics.runner(sentry).run((context) -> {
				Panic panic = panic(context, "geo");
				PanicReporter reporter = context.getBean(PanicReporter.class);
				Await.until("it is dropped", () -> reporter.dropped() == 1);
				assertThat(reporter.sent()).isZero();
				assertThat(reporter.reportId(panic.id())).isNull();
				assertThat(output).contains("Sentry has not taken the report of panic " + panic.id(),
						"not told so far: 1. Check sentry.dsn");
			});
		}
	}

	@Test
	void sentryThatSaysThatItIsTooMuchIsLeftAlone() {
		try (FakeSentry sentry = FakeSentry.start(Mode.RATE_LIMIT)) {
			Panics.runner(sentry).run((context) -> {
				PanicReporter reporter = context.getBean(PanicReporter.class);
				for (int i = 0; i < 10; i++) {
					panic(context, "filter" + i);
				}
				Await.until("all are dropped", () -> reporter.dropped() == 10);
				assertThat(sentry.requests()).isEqualTo(1);
			});
		}
	}

	@Test
	void transportThatTellsNothingIsTrusted() {
		try (FakeSentry sentry = FakeSentry.start()) {
			Panics.runner(sentry)
				.withBean("own", Sentry.OptionsConfiguration.class, () -> SentryPanicReporterTests::useAnotherTransport)
				.run((context) -> {
					panic(context, "a");
					panic(context, "b");
					Await.until("both are sent", () -> context.getBean(PanicReporter.class).sent() == 2);
				});
			assertThat(sentry.events()).hasSize(2);
		}
	}

	private static void useAnotherTransport(SentryOptions options) {
		io.sentry.AsyncHttpTransportFactory usual = new io.sentry.AsyncHttpTransportFactory();
		options.setTransportFactory((all, details) -> usual.create(all, details));
	}

	private static final class FragileProcessor implements EventProcessor {

		@Override
		public SentryEvent process(SentryEvent event, Hint hint) {
			if ("fragile".equals(event.getTag("filter"))) {
				throw new AssertionError("a bug in a callback");
			}
			return event;
		}

	}

	/**
	 * Nobody can say anything about it.
	 */
	private static final class HostileException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		@Override
		public String getMessage() {
			throw new IllegalStateException("no message");
		}

		@Override
		public StackTraceElement[] getStackTrace() {
			throw new IllegalStateException("no stack");
		}

	}

}
