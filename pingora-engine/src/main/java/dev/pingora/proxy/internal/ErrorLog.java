package dev.pingora.proxy.internal;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ProxyException;
import dev.pingora.event.Phase;
import dev.pingora.proxy.RequestEnd;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the one final line of a failed request. A panic has a line of its own, with its
 * stack, from the isolation border.
 */
final class ErrorLog {

	private static final Logger logger = LoggerFactory.getLogger("dev.pingora.errors");

	private boolean suppressed;

	private @Nullable String summary;

	private ErrorLog() {
	}

	static void log(RequestTask task, RequestEnd end) {
		ProxyException error = end.error();
		if (error != null && end.panic() == null) {
			new ErrorLog().write(task, error);
		}
	}

	private void write(RequestTask task, ProxyException error) {
		boolean ours = error.source() != ErrorSource.DOWNSTREAM && error.status() >= 500;
		if (!(ours ? logger.isErrorEnabled() : logger.isInfoEnabled())) {
			return;
		}
		task.walk.callBack(Phase.SUPPRESS_ERROR_LOG,
				(filter) -> this.suppressed |= filter.suppressErrorLog(task.session, error));
		if (this.suppressed) {
			return;
		}
		task.walk.callBack(Phase.REQUEST_SUMMARY,
				(filter) -> this.summary = (this.summary != null) ? this.summary : filter.requestSummary(task.session));
		Object line = (this.summary != null) ? this.summary : task.session.summary();
		if (ours && !error.type().isNetwork()) {
			logger.error("{}; {}", error.getMessage(), line, error);
		}
		else if (ours) {
			logger.error("{}; {}", error.getMessage(), line);
		}
		else {
			logger.info("{}; {}", error.getMessage(), line);
		}
	}

}
