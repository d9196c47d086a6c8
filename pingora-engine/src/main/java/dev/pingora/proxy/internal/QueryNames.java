package dev.pingora.proxy.internal;

import java.util.Arrays;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * A query without its values, which may be secrets. So may a parameter be that has no
 * name: it is left out as well.
 */
final class QueryNames {

	private QueryNames() {
	}

	/**
	 * Leaves the values out.
	 * @param query the raw query, or {@code null}
	 * @return such as {@code a=&b=} for {@code a=1&b=2}; {@code null} for {@code null}
	 */
	static @Nullable String of(@Nullable String query) {
		if (query == null) {
			return null;
		}
		return Arrays.stream(query.split("&", -1))
			.map((parameter) -> parameter.substring(0, parameter.indexOf('=') + 1))
			.collect(Collectors.joining("&"));
	}

}
