package dev.pingora.demo.fault;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

import dev.pingora.event.Phase;
import org.jspecify.annotations.Nullable;

/**
 * A panic to order: {@code <phase>} or {@code <phase>:<class>}.
 *
 * @param phase the phase in which it happens
 * @param thrown makes what is thrown
 */
public record Fault(Phase phase, Supplier<Throwable> thrown) {

	private static final String MESSAGE = "ordered by X-Panic";

	private static final String DEFAULT = "IllegalStateException";

	// A client chooses among these: no class is looked up by name.
	private static final Map<String, Supplier<Throwable>> CLASSES = new TreeMap<>(
			Map.ofEntries(Map.entry(DEFAULT, () -> new IllegalStateException(MESSAGE)),
					Map.entry("RuntimeException", () -> new RuntimeException(MESSAGE)),
					Map.entry("IllegalArgumentException", () -> new IllegalArgumentException(MESSAGE)),
					Map.entry("NullPointerException", () -> new NullPointerException(MESSAGE)),
					Map.entry("ClassCastException", () -> new ClassCastException(MESSAGE)),
					Map.entry("IndexOutOfBoundsException", () -> new IndexOutOfBoundsException(MESSAGE)),
					Map.entry("UnsupportedOperationException", () -> new UnsupportedOperationException(MESSAGE)),
					Map.entry("Exception", () -> new Exception(MESSAGE)),
					Map.entry("InterruptedException", () -> new InterruptedException(MESSAGE)),
					Map.entry("java.io.IOException", () -> new IOException(MESSAGE)),
					Map.entry("Throwable", () -> new Throwable(MESSAGE)), Map.entry("Error", () -> new Error(MESSAGE)),
					Map.entry("AssertionError", () -> new AssertionError(MESSAGE)),
					Map.entry("LinkageError", () -> new LinkageError(MESSAGE)),
					Map.entry("NoClassDefFoundError", () -> new NoClassDefFoundError(MESSAGE)),
					Map.entry("ExceptionInInitializerError", () -> new ExceptionInInitializerError(MESSAGE)),
					Map.entry("StackOverflowError", () -> new StackOverflowError(MESSAGE)),
					Map.entry("OutOfMemoryError", () -> new OutOfMemoryError(MESSAGE)),
					Map.entry("InternalError", () -> new InternalError(MESSAGE))));

	/**
	 * Returns the classes that may be thrown.
	 * @return their names; those outside {@code java.lang} with their packages
	 */
	public static List<String> kinds() {
		return List.copyOf(CLASSES.keySet());
	}

	/**
	 * Reads an order.
	 * @param text the header's value
	 * @return the fault, or {@code null} if phase or class are unknown
	 */
	static @Nullable Fault parse(String text) {
		int colon = text.indexOf(':');
		String phaseName = ((colon >= 0) ? text.substring(0, colon) : text).strip();
		String className = (colon >= 0) ? text.substring(colon + 1).strip() : DEFAULT;
		Supplier<Throwable> thrown = CLASSES
			.get(className.startsWith("java.lang.") ? className.substring("java.lang.".length()) : className);
		for (Phase phase : Phase.values()) {
			if (phase.tag().equals(phaseName) && thrown != null) {
				return new Fault(phase, thrown);
			}
		}
		return null;
	}

	/**
	 * Says what may be ordered.
	 * @return a text for the client
	 */
	static String usage() {
		List<String> phases = Arrays.stream(Phase.values()).map(Phase::tag).toList();
		return "X-Panic: <phase> or <phase>:<class>\nphases: " + String.join(", ", phases) + "\nclasses: "
				+ String.join(", ", kinds()) + "\n";
	}

}
