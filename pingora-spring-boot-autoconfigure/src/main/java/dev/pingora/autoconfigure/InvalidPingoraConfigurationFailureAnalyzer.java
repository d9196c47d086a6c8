package dev.pingora.autoconfigure;

import java.util.stream.Collectors;

import dev.pingora.autoconfigure.InvalidPingoraConfigurationException.Problem;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Tells all mistakes in the properties at once.
 */
final class InvalidPingoraConfigurationFailureAnalyzer
		extends AbstractFailureAnalyzer<InvalidPingoraConfigurationException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidPingoraConfigurationException cause) {
		String description = cause.problems()
			.stream()
			.map(InvalidPingoraConfigurationFailureAnalyzer::describe)
			.collect(Collectors.joining(System.lineSeparator(), "The proxy server can't be made of these properties:"
					+ System.lineSeparator() + System.lineSeparator(), ""));
		String action = "Correct " + ((cause.problems().size() == 1) ? "this property" : "these properties")
				+ " in the application's configuration.";
		return new FailureAnalysis(description, action, cause);
	}

	private static String describe(Problem problem) {
		String line = System.lineSeparator() + "        ";
		return "    Property: " + problem.property() + line + "Value: "
				+ ((problem.value() != null) ? "\"" + problem.value() + "\"" : "missing") + line + "Expected: "
				+ problem.expectation();
	}

}
