package dev.pingora.route;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A predicate or filter as configuration names it. It is either in the shortcut syntax,
 * {@code AddRequestHeader=X-Gateway, pingora}, or in the expanded one, with named
 * arguments. Its {@code toString} is the name alone: arguments may be secrets.
 *
 * @param name the name in a catalogue
 * @param arguments the shortcut's arguments as they stood between its commas, blanks
 * included; factories read them through {@link #values} and {@link #list}, which strip
 * them
 * @param named the named arguments
 */
public record Definition(String name, List<String> arguments, Map<String, String> named) {

	/**
	 * Copies the arguments.
	 * @throws IllegalArgumentException if the name is blank, or there are arguments of
	 * both kinds
	 */
	public Definition {
		if (name.isBlank()) {
			throw new IllegalArgumentException("name: '" + name + "' (expected: not blank)");
		}
		if (!arguments.isEmpty() && !named.isEmpty()) {
			throw new IllegalArgumentException(
					name + ": shortcut and named arguments (expected: only one of the two kinds)");
		}
		arguments = List.copyOf(arguments);
		named = Map.copyOf(named);
	}

	/**
	 * Reads the shortcut syntax: a name, then, behind the first equals sign, arguments
	 * that commas separate.
	 * @param text such as {@code Path=/orders/**}, or a name alone
	 * @return the definition
	 * @throws IllegalArgumentException if the name is blank
	 */
	public static Definition parse(String text) {
		int equals = text.indexOf('=');
		String name = ((equals >= 0) ? text.substring(0, equals) : text).strip();
		if (name.isEmpty()) {
			throw new IllegalArgumentException("definition: '" + text + "' (expected: Name=argument, argument)");
		}
		String rest = (equals >= 0) ? text.substring(equals + 1) : "";
		return new Definition(name, rest.isBlank() ? List.of() : List.of(rest.split(",", -1)), Map.of());
	}

	/**
	 * A definition in the expanded syntax.
	 * @param name the name in a catalogue
	 * @param named the named arguments
	 * @return the definition
	 * @throws IllegalArgumentException if the name is blank
	 */
	public static Definition of(String name, Map<String, String> named) {
		return new Definition(name, List.of(), named);
	}

	/**
	 * Binds the arguments to names. Shortcut arguments take the names in order, and the
	 * last name takes all the rest, commas and blanks between them included: the value of
	 * {@code AddRequestHeader=X-A, a, b} is {@code a, b}. Only the last argument may hold
	 * commas; the expanded syntax has no such limit. Every value is stripped.
	 * @param names the names, in the shortcut's order
	 * @return the values that are there
	 * @throws IllegalArgumentException if there is an argument of another name, or there
	 * are arguments and no names
	 */
	public Values values(String... names) {
		Map<String, String> values = new LinkedHashMap<>();
		this.named.forEach((key, value) -> {
			if (!List.of(names).contains(key)) {
				throw unknown(key, names);
			}
			values.put(key, value.strip());
		});
		if (names.length == 0 && !this.arguments.isEmpty()) {
			throw new IllegalArgumentException(this.name + ": arguments (expected: none)");
		}
		for (int i = 0; i < Math.min(names.length, this.arguments.size()); i++) {
			int end = (i == names.length - 1) ? this.arguments.size() : i + 1;
			values.put(names[i], String.join(",", this.arguments.subList(i, end)).strip());
		}
		return new Values(this.name, List.of(names), values);
	}

	/**
	 * Binds all arguments to one list. The expanded syntax gives the elements separated
	 * by commas, or one by one under {@code name[0]} or {@code name.0} and so on.
	 * @param listName the name of the list
	 * @return the elements, stripped; at least one
	 * @throws IllegalArgumentException if there is none, or an argument of another name
	 */
	public List<String> list(String listName) {
		List<String> elements = this.arguments;
		if (!this.named.isEmpty()) {
			String text = this.named.get(listName);
			elements = (text != null) ? List.of(text.split(",", -1)) : elements(listName);
			int used = (text != null) ? 1 : elements.size();
			if (used != this.named.size()) {
				throw unknown(strangers(listName), listName);
			}
		}
		if (elements.isEmpty()) {
			throw new IllegalArgumentException(this.name + ": no " + listName + " (expected: at least one)");
		}
		return elements.stream().map(String::strip).toList();
	}

	private List<String> elements(String listName) {
		List<String> elements = new ArrayList<>();
		for (int i = 0; i < this.named.size(); i++) {
			String element = this.named.getOrDefault(listName + "[" + i + "]", this.named.get(listName + "." + i));
			if (element == null) {
				break;
			}
			elements.add(element);
		}
		return elements;
	}

	private String strangers(String listName) {
		return String.join(", ", this.named.keySet().stream().filter((key) -> !key.equals(listName)).sorted().toList());
	}

	private IllegalArgumentException unknown(String key, String... names) {
		return new IllegalArgumentException(
				this.name + ": argument '" + key + "' (expected: " + String.join(", ", names) + ")");
	}

	@Override
	public String toString() {
		return this.name;
	}

	/**
	 * The arguments of a definition, bound to names.
	 */
	public static final class Values {

		private final String definition;

		private final List<String> names;

		private final Map<String, String> values;

		private Values(String definition, List<String> names, Map<String, String> values) {
			this.definition = definition;
			this.names = names;
			this.values = values;
		}

		/**
		 * Returns whether an argument is there.
		 * @param name its name
		 * @return whether it is
		 */
		public boolean has(String name) {
			return this.values.containsKey(name);
		}

		/**
		 * Returns an argument.
		 * @param name its name
		 * @return its value
		 * @throws IllegalArgumentException if it is missing
		 */
		public String text(String name) {
			String value = this.values.get(name);
			if (value == null) {
				throw new IllegalArgumentException(
						this.definition + ": no " + name + " (expected: " + String.join(", ", this.names) + ")");
			}
			return value;
		}

		/**
		 * Returns an argument that is a number.
		 * @param name its name
		 * @return its value
		 * @throws IllegalArgumentException if it is missing or no whole number
		 */
		public int number(String name) {
			String text = text(name);
			try {
				return Integer.parseInt(text);
			}
			catch (NumberFormatException ex) {
				throw new IllegalArgumentException(
						this.definition + ": " + name + ": '" + text + "' (expected: a whole number)", ex);
			}
		}

	}

}
