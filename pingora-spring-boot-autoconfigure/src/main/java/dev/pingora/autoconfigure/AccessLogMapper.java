package dev.pingora.autoconfigure;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.pingora.accesslog.AccessLogFormat;
import dev.pingora.accesslog.AccessLogOptions;
import org.jspecify.annotations.Nullable;

/**
 * Maps the access log's properties. They are checked even while it is disabled, so that
 * enabling it holds no surprise.
 */
final class AccessLogMapper {

	static final String PREFIX = PingoraProperties.PREFIX + ".access-log";

	private static final Pattern REFUSAL = Pattern.compile("(?:format: .*|variable: (.*?)) \\(expected: (.*)\\)",
			Pattern.DOTALL);

	private final Problems problems;

	AccessLogMapper(Problems problems) {
		this.problems = problems;
	}

	AccessLogOptions map(AccessLogProperties properties) {
		int capacity = this.problems.range(PREFIX + ".queue-capacity", properties.queueCapacity(),
				AccessLogOptions.MIN_QUEUE_CAPACITY, AccessLogOptions.MAX_QUEUE_CAPACITY);
		return AccessLogOptions.defaults()
			.withFormat(format(properties.format()))
			.withPath(path(properties.path()))
			.withQuery(properties.query())
			.withQueueCapacity(capacity);
	}

	private AccessLogFormat format(String format) {
		try {
			return AccessLogFormat.of(format);
		}
		catch (IllegalArgumentException refused) {
			this.problems.add(PREFIX + ".format", format, expectation(String.valueOf(refused.getMessage())));
			return AccessLogFormat.combined();
		}
	}

	// The value is told anyway; of a whole pattern, the variable that is wrong is named.
	private static String expectation(String message) {
		Matcher matcher = REFUSAL.matcher(message);
		if (!matcher.matches()) {
			return message;
		}
		String expected = matcher.group(2);
		return (matcher.group(1) != null) ? "instead of " + matcher.group(1) + " one of " + expected : expected;
	}

	private @Nullable Path path(String path) {
		if (path.equals(AccessLogProperties.STDOUT)) {
			return null;
		}
		try {
			if (!path.isBlank()) {
				return Path.of(path);
			}
		}
		catch (InvalidPathException refused) {
			// told below
		}
		this.problems.add(PREFIX + ".path", path, "a file, or stdout");
		return null;
	}

}
