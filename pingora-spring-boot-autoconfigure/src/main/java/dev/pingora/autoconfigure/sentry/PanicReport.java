package dev.pingora.autoconfigure.sentry;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import dev.pingora.panic.Panic;
import org.jspecify.annotations.Nullable;

/**
 * A panic that is to be reported, and what the report tells of others.
 *
 * @param panic the panic
 * @param fingerprint what makes panics alike
 * @param folded how many panics of this fingerprint came since its last report
 * @param heldBack how many panics of other fingerprints were too many to be reported
 * @param eventId takes the event's id when Sentry has it
 */
record PanicReport(Panic panic, List<String> fingerprint, long folded, long heldBack,
		AtomicReference<@Nullable String> eventId) {

	/**
	 * Returns how many panics the report tells of.
	 * @return the number, at least 1
	 */
	long panics() {
		return 1 + this.folded + this.heldBack;
	}

}
