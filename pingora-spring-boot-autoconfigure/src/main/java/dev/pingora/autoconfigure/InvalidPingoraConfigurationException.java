package dev.pingora.autoconfigure;

import java.io.Serial;
import java.io.Serializable;
import java.util.List;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * The {@code pingora.*} properties can't be used. Tells all mistakes at once.
 */
public final class InvalidPingoraConfigurationException extends RuntimeException {

	@Serial
	private static final long serialVersionUID = 1L;

	private final transient List<Problem> problems;

	InvalidPingoraConfigurationException(List<Problem> problems) {
		super(problems.stream().map(Problem::toString).collect(Collectors.joining("; ")));
		this.problems = List.copyOf(problems);
	}

	/**
	 * Returns the mistakes.
	 * @return the mistakes, in order of the properties
	 */
	public List<Problem> problems() {
		return this.problems;
	}

	/**
	 * One mistake.
	 *
	 * @param property the property's name
	 * @param value its value, or {@code null} if it is missing
	 * @param expectation what is allowed
	 */
	public record Problem(String property, @Nullable String value, String expectation) implements Serializable {

		@Override
		public String toString() {
			return this.property + ": " + ((this.value != null) ? "'" + this.value + "'" : "missing") + " (expected: "
					+ this.expectation + ")";
		}

	}

}
