package dev.pingora.autoconfigure.metrics;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The values that tags of bounded cardinality may have. A value is first turned into an
 * index, which costs nothing, and into a text when its meter is registered.
 */
final class MeterTags {

	/** Stands for a value that is absent. */
	static final String NONE = "none";

	/** Stands for all values that have no meter of their own. */
	static final String OTHER = "other";

	/** Stands for all methods but the known ones. */
	static final String OTHER_METHOD = "OTHER";

	// RFC 9110 section 9.3, RFC 5789. The switch below has the same order.
	private static final List<String> METHODS = List.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS",
			"TRACE", "PATCH", OTHER_METHOD);

	/** How many indexes of methods there are. */
	static final int METHOD_COUNT = METHODS.size();

	private static final int LOWEST_STATUS = 100;

	private static final int HIGHEST_STATUS = 599;

	private static final int OTHER_STATUS = HIGHEST_STATUS - LOWEST_STATUS + 2;

	/** How many indexes of statuses there are. */
	static final int STATUS_COUNT = OTHER_STATUS + 1;

	private MeterTags() {
	}

	static String orNone(@Nullable String value) {
		return (value != null) ? value : NONE;
	}

	static int methodIndex(String method) {
		return switch (method) {
			case "GET" -> 0;
			case "HEAD" -> 1;
			case "POST" -> 2;
			case "PUT" -> 3;
			case "DELETE" -> 4;
			case "CONNECT" -> 5;
			case "OPTIONS" -> 6;
			case "TRACE" -> 7;
			case "PATCH" -> 8;
			default -> METHOD_COUNT - 1;
		};
	}

	static String method(int index) {
		return METHODS.get(index);
	}

	static int statusIndex(int status) {
		if (status == 0) {
			return 0;
		}
		return (status >= LOWEST_STATUS && status <= HIGHEST_STATUS) ? status - LOWEST_STATUS + 1 : OTHER_STATUS;
	}

	static String status(int index) {
		if (index == 0) {
			return NONE;
		}
		return (index < OTHER_STATUS) ? Integer.toString(index + LOWEST_STATUS - 1) : OTHER;
	}

}
