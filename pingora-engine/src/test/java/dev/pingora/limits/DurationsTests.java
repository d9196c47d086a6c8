package dev.pingora.limits;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.protocol.UpgradeOptions;
import dev.pingora.upstream.PeerOptions;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Tests for {@link Durations}, and of options that could not be counted in nanoseconds.
 */
class DurationsTests {

	private static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

	@Test
	void aYearIsTheMost() {
		assertThatNoException().isThrownBy(() -> Durations.requirePositive("t", Duration.ofDays(365)));
		assertThatNoException().isThrownBy(() -> Durations.requireNotNegative("t", Duration.ZERO));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Durations.requirePositive("t", Duration.ofDays(365).plusNanos(1)))
			.withMessage("t: PT8760H0.000000001S (expected: > 0, at most 365 days)");
		assertThatIllegalArgumentException().isThrownBy(() -> Durations.requirePositive("t", Duration.ZERO));
		assertThatIllegalArgumentException().isThrownBy(() -> Durations.requireNotNegative("t", Duration.ofNanos(-1)))
			.withMessage("t: PT-0.000000001S (expected: >= 0, at most 365 days)");
	}

	@Test
	void optionsTakeNoTimeoutThatNeverEnds() {
		assertThatIllegalArgumentException().isThrownBy(() -> PeerOptions.builder().connectTimeout(FOREVER).build());
		assertThatIllegalArgumentException().isThrownBy(() -> PeerOptions.builder().idleTimeout(FOREVER).build());
		assertThatIllegalArgumentException().isThrownBy(() -> DownstreamOptions.builder().idleTimeout(FOREVER).build());
		assertThatIllegalArgumentException().isThrownBy(
				() -> DownstreamOptions.builder().upgrade(UpgradeOptions.defaults().withIdleTimeout(FOREVER)).build());
	}

}
