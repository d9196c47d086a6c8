package dev.pingora.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import dev.pingora.autoconfigure.InvalidPingoraConfigurationException.Problem;
import dev.pingora.limits.Durations;
import org.jspecify.annotations.Nullable;

import org.springframework.util.unit.DataSize;

/**
 * Collects the mistakes in the properties, so that all of them can be told at once.
 */
final class Problems {

	private final List<Problem> problems = new ArrayList<>();

	void add(String property, @Nullable Object value, String expectation) {
		this.problems.add(new Problem(property, (value != null) ? value.toString() : null, expectation));
	}

	/**
	 * Refuses a feature that this release does not have.
	 * @param property the property
	 * @param value its value, or {@code null} if it is not set
	 */
	void unsupported(String property, @Nullable Object value) {
		if (value != null) {
			add(property, value, "not set: it is not supported yet");
		}
	}

	/**
	 * Refuses all values but the one that this release has.
	 * @param property the property
	 * @param value its value
	 * @param supported the only value that is supported
	 */
	void onlySupported(String property, Enum<?> value, Enum<?> supported) {
		if (value != supported) {
			add(property, text(value), text(supported) + ": anything else is not supported yet");
		}
	}

	private static String text(Enum<?> value) {
		return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

	int range(String property, int value, int least, int most) {
		if (value < least || value > most) {
			add(property, value, least + ".." + most);
			return least;
		}
		return value;
	}

	int atLeast(String property, int value, int least) {
		if (value < least) {
			add(property, value, ">= " + least);
			return least;
		}
		return value;
	}

	int octets(String property, DataSize value, int least, int most) {
		if (value.toBytes() < least || value.toBytes() > most) {
			add(property, Quantities.text(value),
					Quantities.text(DataSize.ofBytes(least)) + ".." + Quantities.text(DataSize.ofBytes(most)));
			return least;
		}
		return (int) value.toBytes();
	}

	Duration positive(String property, Duration value) {
		if (value.isNegative() || value.isZero()) {
			add(property, Quantities.text(value), "> 0, such as 10s");
			return Duration.ofSeconds(1);
		}
		return atMost(property, value);
	}

	Duration notNegative(String property, Duration value) {
		if (value.isNegative()) {
			add(property, Quantities.text(value), ">= 0, such as 10s");
			return Duration.ZERO;
		}
		return atMost(property, value);
	}

	private Duration atMost(String property, Duration value) {
		if (value.compareTo(Durations.MOST) > 0) {
			add(property, Quantities.text(value), "at most 365d");
			return Durations.MOST;
		}
		return value;
	}

	/**
	 * Checks a time that may be zero, which switches something off.
	 * @param property the property
	 * @param value its value
	 * @param least the least but zero
	 * @param most the most
	 * @return the value, or zero if it is wrong
	 */
	Duration rangeOrOff(String property, Duration value, Duration least, Duration most) {
		if (!value.isZero() && (value.compareTo(least) < 0 || value.compareTo(most) > 0)) {
			add(property, Quantities.text(value),
					Quantities.text(least) + ".." + Quantities.text(most) + ", or 0 for off");
			return Duration.ZERO;
		}
		return value;
	}

	/**
	 * Ends the collection.
	 * @throws InvalidPingoraConfigurationException if there are mistakes
	 */
	void throwIfAny() {
		if (!this.problems.isEmpty()) {
			throw new InvalidPingoraConfigurationException(this.problems);
		}
	}

}
