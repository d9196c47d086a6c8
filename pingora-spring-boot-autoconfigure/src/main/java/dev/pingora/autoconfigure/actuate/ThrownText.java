package dev.pingora.autoconfigure.actuate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

import dev.pingora.autoconfigure.actuate.PanicDescriptor.ExceptionDescriptor;
import dev.pingora.panic.PanicIsolation;

import org.springframework.boot.logging.StackTracePrinter;
import org.springframework.boot.logging.StandardStackTracePrinter;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * What was thrown, as text. The methods of exceptions are anybody's code, and a
 * remembered panic is asked for again and again: one whose methods panic, or whose
 * message is no proper text, must not break the endpoint.
 */
final class ThrownText {

	private static final int MAX_CAUSES = 10;

	private static final int MAX_MESSAGE = 1000;

	private static final int MAX_LINES = 10_000;

	private static final String UNTOLD = "(the message can't be told)";

	private static final StackTracePrinter PRINTER = StandardStackTracePrinter.rootLast();

	private ThrownText() {
	}

	static ExceptionDescriptor describe(Throwable thrown) {
		return new ExceptionDescriptor(thrown.getClass().getName(), message(thrown).orElse(null));
	}

	/**
	 * Returns what was thrown in one line.
	 * @param thrown what was thrown
	 * @return its class, and its message if it has one
	 */
	static String line(Throwable thrown) {
		return thrown.getClass().getName() + message(thrown).map((message) -> ": " + message).orElse("");
	}

	private static Optional<String> message(Throwable thrown) {
		return safely(() -> Optional.ofNullable(thrown.getMessage()), Optional.of(UNTOLD)).map(ThrownText::shorten);
	}

	private static String shorten(String message) {
		return proper((message.length() > MAX_MESSAGE) ? message.substring(0, MAX_MESSAGE) + "…" : message);
	}

	// Half of a surrogate pair can't be written as JSON.
	private static String proper(String text) {
		return new String(text.getBytes(UTF_8), UTF_8);
	}

	/**
	 * Returns the causes, each once: they may go in a circle.
	 * @param thrown what was thrown
	 * @return its causes, the nearest first
	 */
	static List<ExceptionDescriptor> causes(Throwable thrown) {
		Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
		seen.add(thrown);
		List<ExceptionDescriptor> causes = new ArrayList<>();
		Optional<Throwable> cause = cause(thrown);
		while (cause.isPresent() && causes.size() < MAX_CAUSES && seen.add(cause.get())) {
			causes.add(describe(cause.get()));
			cause = cause(cause.get());
		}
		return causes;
	}

	private static Optional<Throwable> cause(Throwable thrown) {
		return safely(() -> Optional.ofNullable(thrown.getCause()), Optional.empty());
	}

	static StackTraceElement[] stack(Throwable thrown) {
		return safely(thrown::getStackTrace, new StackTraceElement[0]);
	}

	static List<String> frames(StackTraceElement[] stack, int most) {
		return Arrays.stream(stack).limit(most).map(StackTraceElement::toString).toList();
	}

	/**
	 * Returns the whole stack trace, as Java prints it.
	 * @param thrown what was thrown
	 * @return its lines, causes included, 10,000 at most
	 */
	static List<String> lines(Throwable thrown) {
		return safely(() -> proper(PRINTER.printStackTraceToString(thrown)).lines().limit(MAX_LINES).toList(),
				List.of(thrown.getClass().getName()));
	}

	private static <T> T safely(Supplier<T> text, T otherwise) {
		List<T> result = new ArrayList<>(1);
		Throwable second = PanicIsolation.capture(() -> result.add(text.get()));
		return (second == null) ? result.get(0) : otherwise;
	}

}
