package dev.pingora.limits;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

import dev.pingora.accesslog.AccessLogOptions;
import dev.pingora.connector.DnsOptions;
import dev.pingora.connector.PoolOptions;
import dev.pingora.protocol.ClientLimits;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.protocol.UpgradeOptions;
import dev.pingora.server.RetryOptions;
import dev.pingora.transport.KeepAlive;
import dev.pingora.transport.SocketOptions;
import dev.pingora.upstream.PeerOptions;
import dev.pingora.watchdog.WatchdogOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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

	@ParameterizedTest
	@MethodSource("options")
	void optionsTakeNoTimeThatNeverEnds(String name, Consumer<Duration> options) {
		assertThatIllegalArgumentException().isThrownBy(() -> options.accept(FOREVER))
			.withMessageStartingWith(name + ": " + FOREVER + " (expected: ");
	}

	static Stream<Arguments> options() {
		return Stream.of(times("headerTimeout", (time) -> DownstreamOptions.builder().headerTimeout(time).build()),
				times("readTimeout", (time) -> DownstreamOptions.builder().readTimeout(time).build()),
				times("writeTimeout", (time) -> DownstreamOptions.builder().writeTimeout(time).build()),
				times("idleTimeout", (time) -> DownstreamOptions.builder().idleTimeout(time).build()),
				times("resetTimeout", (time) -> DownstreamOptions.builder().resetTimeout(time).build()),
				times("rateGrace", (time) -> ClientLimits.defaults().withRateGrace(time)),
				times("idleTimeout", (time) -> UpgradeOptions.defaults().withIdleTimeout(time)),
				times("halfCloseTimeout", (time) -> UpgradeOptions.defaults().withHalfCloseTimeout(time)),
				times("maxLifetime", (time) -> UpgradeOptions.defaults().withMaxLifetime(time)),
				times("connectTimeout", (time) -> PeerOptions.builder().connectTimeout(time).build()),
				times("readTimeout", (time) -> PeerOptions.builder().readTimeout(time).build()),
				times("writeTimeout", (time) -> PeerOptions.builder().writeTimeout(time).build()),
				times("idleTimeout", (time) -> PeerOptions.builder().idleTimeout(time).build()),
				times("retries budget", (time) -> new RetryOptions(1, time, 0)),
				times("borrowTimeout", (time) -> new PoolOptions(1, true, time)),
				times("queryTimeout", (time) -> DnsOptions.builder().queryTimeout(time).build()),
				times("maxTtl", (time) -> DnsOptions.builder().ttl(Duration.ZERO, time).build()),
				times("negativeTtl", (time) -> DnsOptions.builder().negativeTtl(time).build()),
				times("loopBudget", WatchdogOptions::new),
				times("closeTimeout", (time) -> AccessLogOptions.defaults().withCloseTimeout(time)),
				times("userTimeout", (time) -> SocketOptions.downstream().toBuilder().userTimeout(time).build()),
				times("idle", (time) -> KeepAlive.of(time, Duration.ZERO, 0)),
				times("interval", (time) -> KeepAlive.of(Duration.ZERO, time, 0)));
	}

	private static Arguments times(String name, Consumer<Duration> options) {
		return Arguments.of(name, options);
	}

}
