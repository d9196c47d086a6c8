package dev.pingora.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Header fields or trailers as they came over the wire: in order, repetitions kept, names
 * compared without regard to case.
 *
 * @param entries the names, as they were spelled, and values
 */
public record Fields(List<Map.Entry<String, String>> entries) {

	/** No fields. */
	public static final Fields NONE = new Fields(List.of());

	/**
	 * Makes fields.
	 * @param entries the names and values
	 */
	public Fields(List<Map.Entry<String, String>> entries) {
		this.entries = List.copyOf(entries);
	}

	/**
	 * Parses field lines.
	 * @param lines the lines, without line ends
	 * @return the fields
	 * @throws AssertionError if a line has no colon
	 */
	static Fields parse(List<String> lines) {
		List<Map.Entry<String, String>> entries = new ArrayList<>();
		for (String line : lines) {
			int colon = line.indexOf(':');
			if (colon < 1) {
				throw new AssertionError("Not a field line: \"" + line + "\" (expected: name: value)");
			}
			entries.add(Map.entry(line.substring(0, colon), line.substring(colon + 1).strip()));
		}
		return new Fields(entries);
	}

	/**
	 * Returns a field's first value.
	 * @param name the name, in any case
	 * @return the value, or {@code null}
	 */
	public @Nullable String first(String name) {
		List<String> values = all(name);
		return values.isEmpty() ? null : values.get(0);
	}

	/**
	 * Returns a field's values in order.
	 * @param name the name, in any case
	 * @return the values, perhaps none
	 */
	public List<String> all(String name) {
		return this.entries.stream()
			.filter((entry) -> entry.getKey().equalsIgnoreCase(name))
			.map(Map.Entry::getValue)
			.toList();
	}

	/**
	 * Returns whether a field is there.
	 * @param name the name, in any case
	 * @return whether it is
	 */
	public boolean has(String name) {
		return !all(name).isEmpty();
	}

	/**
	 * Returns whether a field's comma-separated list has an element.
	 * @param name the name, in any case
	 * @param element the element, in any case
	 * @return whether it is listed
	 */
	public boolean lists(String name, String element) {
		return all(name).stream()
			.flatMap((value) -> List.of(value.split(",")).stream())
			.anyMatch((listed) -> listed.strip().equalsIgnoreCase(element));
	}

}
