package dev.pingora.autoconfigure.actuate;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Compares JSON with an example of it: the same names in the same order, and the same
 * values but for those that differ from run to run, which must have the same type.
 */
final class JsonLikeness {

	/** Values that differ from run to run, or from machine to machine. */
	private static final Set<String> VOLATILE = Set.of("time", "thread", "port", "client", "peer", "address",
			"durationMs", "atMs", "frames", "omittedFrames", "threads", "limit", "connections", "active", "idle");

	private static final JsonMapper MAPPER = new JsonMapper();

	private final List<String> differences = new ArrayList<>();

	private JsonLikeness() {
	}

	static JsonNode parse(String json) {
		return MAPPER.readTree(json);
	}

	/**
	 * Returns how JSON differs from an example.
	 * @param actual the JSON
	 * @param example the example
	 * @return the differences; empty if there are none
	 */
	static List<String> differences(JsonNode actual, JsonNode example) {
		JsonLikeness likeness = new JsonLikeness();
		likeness.compare("$", "", actual, example);
		return likeness.differences;
	}

	private void compare(String path, String name, JsonNode actual, JsonNode example) {
		if (actual.getNodeType() != example.getNodeType()) {
			this.differences.add(path + ": " + actual.getNodeType() + " (expected: " + example.getNodeType() + ")");
		}
		else if (example.isObject()) {
			compareObjects(path, actual, example);
		}
		else if (example.isArray() && !VOLATILE.contains(name)) {
			if (actual.size() != example.size()) {
				this.differences.add(path + ": " + actual.size() + " elements (expected: " + example.size() + ")");
			}
			for (int i = 0; i < Math.min(actual.size(), example.size()); i++) {
				compare(path + "[" + i + "]", "", actual.get(i), example.get(i));
			}
		}
		else if (!VOLATILE.contains(name) && !actual.equals(example)) {
			this.differences.add(path + ": " + actual + " (expected: " + example + ")");
		}
	}

	private void compareObjects(String path, JsonNode actual, JsonNode example) {
		List<String> names = List.copyOf(actual.propertyNames());
		if (path.equals("$.settings")) { // the example shows some of them
			names = names.stream().filter(example::has).toList();
		}
		if (!names.equals(List.copyOf(example.propertyNames()))) {
			this.differences.add(path + ": " + names + " (expected: " + example.propertyNames() + ")");
			return;
		}
		names.forEach((name) -> compare(path + "." + name, name, actual.get(name), example.get(name)));
	}

}
