package dev.pingora.watchdog;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.pingora.event.HeldLoop;
import dev.pingora.event.ProxyListener;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.transport.LoopWatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What the watchdog makes of its samples, by a clock that the test sets. This thread is
 * the loop and the watchdog.
 */
class WatchdogSamplesTests {

	private final LoopWatch loop = new LoopWatch();

	private final LoopWatch otherLoop = new LoopWatch();

	private final List<HeldLoop> reports = new ArrayList<>();

	@AutoClose
	private final PanicIsolation isolation = new PanicIsolation(List.of());

	private long now;

	private final Watchdog watchdog = new Watchdog(new WatchdogOptions(Duration.ofMillis(100)),
			List.of(this.loop, this.otherLoop), List.of(new ProxyListener() {

				@Override
				public void loopHeld(HeldLoop held) {
					WatchdogSamplesTests.this.reports.add(held);
				}

			}), this.isolation, () -> this.now);

	private final Logger logger = (Logger) LoggerFactory.getLogger(Watchdog.class);

	private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

	@BeforeEach
	void listen() {
		this.lines.start();
		this.logger.addAppender(this.lines);
		this.logger.setLevel(Level.INFO);
		this.logger.setAdditive(false);
	}

	@AfterEach
	void dontListen() {
		this.logger.detachAppender(this.lines);
		this.logger.setLevel(null);
		this.logger.setAdditive(true);
	}

	private List<String> log(Level level) {
		return this.lines.list.stream()
			.filter((event) -> event.getLevel() == level)
			.map((event) -> event.getFormattedMessage().lines().findFirst().orElse(""))
			.toList();
	}

	/** Time goes by, and the watchdog looks every 25 ms, as it does. */
	private void pass(long millis) {
		for (long passed = 0; passed < millis; passed += 25) {
			this.now += 25_000_000;
			this.watchdog.sample();
		}
	}

	private void hold(String filter, long millis) {
		this.loop.enter("requestFilter", filter, "r");
		pass(millis);
		this.loop.leave();
	}

	@Test
	void callIsReportedWhenItHasUsedUpItsBudget() {
		this.loop.enter("requestFilter", "slow", "r");
		pass(100);
		// It may have begun right before the first sample.
		assertThat(this.reports).isEmpty();
		pass(25);
		assertThat(this.reports).singleElement()
			.satisfies((held) -> assertThat(held.held()).isEqualTo(Duration.ofMillis(100)))
			.satisfies((held) -> assertThat(held.thread()).isEqualTo(Thread.currentThread().getName()))
			.satisfies((held) -> assertThat(held.stack()).extracting(StackTraceElement::getMethodName)
				.contains("callIsReportedWhenItHasUsedUpItsBudget"));
		assertThat(log(Level.WARN)).singleElement()
			.asString()
			.contains("100 ms", "requestFilter", "slow", "route r", Thread.currentThread().getName());
		assertThat(this.lines.list.get(0).getFormattedMessage()).contains("\n\tat ",
				"callIsReportedWhenItHasUsedUpItsBudget");
	}

	@Test
	void loopThatIsAlwaysInAnotherCallIsNotHeld() {
		for (int i = 0; i < 1000; i++) {
			this.loop.enter("requestFilter", "quick", "r");
			pass(25);
			this.loop.leave();
		}
		assertThat(this.reports).isEmpty();
		assertThat(this.watchdog.status().overruns()).isZero();
	}

	@Test
	void reportsOfOneCallBecomeRarerAndThenComeEachMinute() {
		this.loop.enter("requestFilter", "endless", "r");
		pass(25 + Duration.ofMinutes(5).toMillis());
		assertThat(this.reports).extracting((held) -> held.held().toMillis())
			.containsExactly(100L, 200L, 400L, 800L, 1_600L, 3_200L, 6_400L, 12_800L, 25_600L, 51_200L, 102_400L,
					162_400L, 222_400L, 282_400L);
		assertThat(this.reports).extracting(HeldLoop::first).startsWith(true, false).containsOnlyOnce(true);
		assertThat(log(Level.WARN)).hasSize(14);
		WatchdogStatus status = this.watchdog.status();
		assertThat(status.overruns()).isEqualTo(1);
		assertThat(status.recent()).hasSize(1);
		assertThat(status.held()).singleElement()
			.satisfies((held) -> assertThat(held.held()).isEqualTo(Duration.ofMinutes(5)));
	}

	@Test
	void itIsSaidWhenTheLoopGoesOn() {
		hold("slow", 325);
		// Even before the next sample.
		assertThat(this.watchdog.status().held()).isEmpty();
		pass(25);
		assertThat(log(Level.INFO)).singleElement().asString().contains("300 ms", "slow", "goes on");
		assertThat(this.watchdog.status().recent()).singleElement()
			.satisfies((held) -> assertThat(held.held()).isEqualTo(Duration.ofMillis(300)));
	}

	@Test
	void nothingIsSaidOfTheEndOfACallThatWasNotReported() {
		hold("quick", 75);
		pass(25);
		assertThat(this.lines.list).isEmpty();
	}

	@Test
	void manyOverrunsOfOneSiteMakeOneLineAndACount() {
		for (int i = 0; i < 10; i++) {
			hold("slow", 150);
		}
		hold("other", 150);
		assertThat(log(Level.WARN)).hasSize(2);
		pass(10_000);
		assertThat(log(Level.WARN)).hasSize(3)
			.last()
			.asString()
			.startsWith("9 more calls of requestFilter (filter slow");
		assertThat(this.reports).hasSize(11);
		assertThat(this.watchdog.status().overruns()).isEqualTo(11);
		hold("slow", 150);
		assertThat(log(Level.WARN)).hasSize(4);
	}

	@Test
	void onlyTwentyCallsAreRemembered() {
		for (int i = 0; i < 30; i++) {
			hold("filter-" + i, 150);
		}
		assertThat(this.watchdog.status().recent()).hasSize(20)
			.extracting(HeldLoop::filter)
			.startsWith("filter-29")
			.endsWith("filter-10");
	}

	@Test
	void loopsAreToldApart() {
		this.loop.enter("requestFilter", "slow", "r");
		pass(50);
		this.otherLoop.enter("responseFilter", "slower", null);
		pass(200);
		assertThat(this.watchdog.status().held()).extracting(HeldLoop::filter).containsExactly("slow", "slower");
		assertThat(this.watchdog.status().held().get(1).route()).isNull();
	}

	@Test
	void timeInWhichTheWatchdogStoodStillCountsLittle() {
		this.loop.enter("requestFilter", "innocent", "r");
		pass(25);
		// A suspended machine, a full collection.
		this.now += Duration.ofMinutes(10).toNanos();
		pass(25);
		this.loop.leave();
		pass(25);
		assertThat(this.reports).isEmpty();
	}

	@Test
	void budgetIsChecked() {
		assertThatIllegalArgumentException().isThrownBy(() -> new WatchdogOptions(Duration.ofMillis(9)))
			.withMessageContaining("PT0.009S");
		assertThatIllegalArgumentException().isThrownBy(() -> new WatchdogOptions(Duration.ofMillis(-1)));
		assertThatIllegalArgumentException().isThrownBy(() -> new WatchdogOptions(Duration.ofHours(2)));
		assertThat(WatchdogOptions.off().isOn()).isFalse();
	}

}
