package dev.pingora.demo.page;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.pingora.demo.fault.Fault;
import dev.pingora.event.Phase;
import org.jspecify.annotations.Nullable;

/**
 * What the button is asked for:
 * {@code phase=requestFilter&kind=StackOverflowError&count=3}.
 *
 * @param phases the phases, taken by turns
 * @param kinds the classes to throw, taken by turns
 * @param count how many panics
 */
record Aim(List<Phase> phases, List<String> kinds, int count) {

	/** In place of a phase or a kind: all of them by turns, in any order. */
	static final String ANY = "any";

	static final int MAX_COUNT = 100;

	// These take the health down for a minute, which one may want, but not by chance.
	private static final Set<String> GRAVE = Set.of("OutOfMemoryError", "InternalError");

	/**
	 * Reads a query.
	 * @param query the query, or {@code null} if there is none
	 * @return what is asked for
	 * @throws IllegalArgumentException if that is not understood; the message is for the
	 * client
	 */
	static Aim parse(@Nullable String query) {
		Map<String, String> parameters = new HashMap<>();
		for (String parameter : (query != null) ? query.split("&") : new String[0]) {
			String[] parts = parameter.split("=", 2);
			String value = (parts.length > 1) ? parts[1] : "";
			parameters.put(parts[0], URLDecoder.decode(value, StandardCharsets.UTF_8));
		}
		return new Aim(phases(parameters.get("phase")), kinds(parameters.get("kind")),
				count(parameters.getOrDefault("count", "1")));
	}

	private static List<Phase> phases(@Nullable String name) {
		List<Phase> phases = new ArrayList<>(List.of(Phase.values()));
		Collections.shuffle(phases);
		if (!ANY.equals(name)) {
			phases.removeIf((phase) -> !phase.tag().equals(name));
		}
		if (phases.isEmpty()) {
			throw new IllegalArgumentException("phase: " + name + " (expected: " + ANY + " or one of "
					+ Arrays.stream(Phase.values()).map(Phase::tag).toList() + ")");
		}
		return phases;
	}

	private static List<String> kinds(@Nullable String name) {
		if (ANY.equals(name)) {
			List<String> kinds = new ArrayList<>(Fault.kinds());
			kinds.removeAll(GRAVE);
			Collections.shuffle(kinds);
			return kinds;
		}
		if (name == null || !Fault.kinds().contains(name)) {
			throw new IllegalArgumentException(
					"kind: " + name + " (expected: " + ANY + " or one of " + Fault.kinds() + ")");
		}
		return List.of(name);
	}

	private static int count(String text) {
		int count = text.matches("\\d{1,3}") ? Integer.parseInt(text) : 0;
		if (count < 1 || count > MAX_COUNT) {
			throw new IllegalArgumentException("count: " + text + " (expected: 1.." + MAX_COUNT + ")");
		}
		return count;
	}

	Phase phase(int turn) {
		return this.phases.get(turn % this.phases.size());
	}

	String kind(int turn) {
		return this.kinds.get(turn % this.kinds.size());
	}

}
