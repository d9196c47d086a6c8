package dev.pingora.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * A service that panics are reported to, as far as health, endpoints and meters look at
 * it. Used by many threads.
 */
public interface PanicReporter {

	/**
	 * Returns the service's name.
	 * @return such as {@code sentry}
	 */
	String name();

	/**
	 * Returns how many reports were handed to the service.
	 * @return the number since the start
	 */
	long sent();

	/**
	 * Returns how many panics were not reported by themselves, since they were like one
	 * that was, or too many at once; a later report tells their number.
	 * @return the number since the start
	 */
	long folded();

	/**
	 * Returns how many panics were lost to the service: no report tells of them.
	 * @return the number since the start
	 */
	long dropped();

	/**
	 * Returns the report of a panic.
	 * @param panicId the panic's number
	 * @return the report's id at the service, or {@code null} if there is none, or it is
	 * forgotten
	 */
	@Nullable String reportId(long panicId);

}
