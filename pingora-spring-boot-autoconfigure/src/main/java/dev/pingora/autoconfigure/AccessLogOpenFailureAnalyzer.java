package dev.pingora.autoconfigure;

import java.nio.file.AccessDeniedException;

import dev.pingora.accesslog.AccessLogOpenException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says which property names a file that can't be opened.
 */
final class AccessLogOpenFailureAnalyzer extends AbstractFailureAnalyzer<AccessLogOpenException> {

	private static final String PROPERTY = AccessLogMapper.PREFIX + ".path";

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, AccessLogOpenException cause) {
		String description = "The access log could not be opened at " + cause.path() + " (" + PROPERTY + "): "
				+ cause.getCause() + ".";
		String action = (cause.getCause() instanceof AccessDeniedException)
				? "Allow the process to write there, or set " + PROPERTY + " to another file, or to stdout."
				: "Set " + PROPERTY + " to a file that can be made and written, or to stdout.";
		return new FailureAnalysis(description, action, cause);
	}

}
