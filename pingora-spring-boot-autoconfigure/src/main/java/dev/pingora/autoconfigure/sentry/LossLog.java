package dev.pingora.autoconfigure.sentry;

import java.time.Duration;
import java.util.function.LongSupplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log that Sentry does not take reports: at once, and then every ten minutes
 * at most, since the counters tell the rest. Used by one thread.
 */
final class LossLog {

	private static final Logger logger = LoggerFactory.getLogger(LossLog.class);

	private static final long PAUSE = Duration.ofMinutes(10).toNanos();

	private final LongSupplier clock;

	private boolean told;

	private long toldAt;

	LossLog(LongSupplier clock) {
		this.clock = clock;
	}

	/**
	 * Sentry did not take a report.
	 * @param panicId the panic's number
	 * @param dropped how many panics no report tells of so far
	 */
	void refused(long panicId, long dropped) {
		long now = this.clock.getAsLong();
		if (this.told && now - this.toldAt < PAUSE) {
			return;
		}
		this.told = true;
		this.toldAt = now;
		logger.warn(
				"Sentry has not taken the report of panic {}; panics of which it was not told so far: {}. "
						+ "Check sentry.dsn, and whether Sentry can be reached; sentry.debug=true tells more",
				panicId, dropped);
	}

}
