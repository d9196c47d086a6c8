package dev.pingora.autoconfigure;

import java.time.Duration;

import org.springframework.util.unit.DataSize;
import org.springframework.util.unit.DataUnit;

/**
 * Writes times and sizes as one would in a properties file: a whole number with the
 * largest unit that fits.
 */
final class Quantities {

	private static final Duration MOST_MILLIS = Duration.ofMillis(Long.MAX_VALUE);

	private Quantities() {
	}

	static String text(Duration value) {
		if (value.compareTo(MOST_MILLIS) > 0 || value.compareTo(MOST_MILLIS.negated()) < 0) {
			return value.toString();
		}
		long millis = value.toMillis();
		if (millis % 1000 != 0) {
			return millis + "ms";
		}
		long seconds = value.toSeconds();
		if (seconds == 0 || seconds % 60 != 0) {
			return seconds + "s";
		}
		return (seconds % 3600 != 0) ? seconds / 60 + "m" : seconds / 3600 + "h";
	}

	static String text(DataSize value) {
		long octets = value.toBytes();
		if (octets == 0 || octets % DataSize.of(1, DataUnit.KILOBYTES).toBytes() != 0) {
			return octets + "B";
		}
		return (octets % DataSize.of(1, DataUnit.MEGABYTES).toBytes() != 0) ? value.toKilobytes() + "KB"
				: value.toMegabytes() + "MB";
	}

}
