package dev.pingora.autoconfigure.sentry;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How often the log says that Sentry takes nothing.
 */
@ExtendWith(OutputCaptureExtension.class)
class LossLogTests {

	private long now = Long.MAX_VALUE - 1; // the clock may overflow

	private final LossLog log = new LossLog(() -> this.now);

	@Test
	void isToldAtOnceAndThenEveryTenMinutes(CapturedOutput output) {
		this.log.refused(1, 1);
		this.now += Duration.ofMinutes(9).toNanos();
		this.log.refused(2, 2);
		assertThat(output).contains("the report of panic 1;").doesNotContain("the report of panic 2;");
		this.now += Duration.ofMinutes(1).toNanos();
		this.log.refused(3, 30);
		assertThat(output).contains("the report of panic 3; panics of which it was not told so far: 30.");
	}

}
