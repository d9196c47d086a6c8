package dev.pingora.route;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Names and what makes things of them. Immutable.
 *
 * @param <T> the type of the things
 * @param what what the things are, for errors
 * @param factories the factories by name, sorted
 */
record Catalogue<T>(String what, SortedMap<String, Function<Definition, T>> factories) {

	static <T> Catalogue<T> of(String what, Map<String, Function<Definition, T>> factories) {
		return new Catalogue<>(what, Collections.unmodifiableSortedMap(new TreeMap<>(factories)));
	}

	Catalogue<T> with(String name, Function<Definition, T> factory) {
		if (name.isBlank() || name.indexOf('=') >= 0) {
			throw new IllegalArgumentException(this.what + " name: '" + name + "' (expected: not blank, without =)");
		}
		Map<String, Function<Definition, T>> more = new TreeMap<>(this.factories);
		more.put(name, factory);
		return of(this.what, more);
	}

	SortedSet<String> names() {
		return Collections.unmodifiableSortedSet(new TreeSet<>(this.factories.keySet()));
	}

	T make(Definition definition) {
		Function<Definition, T> factory = this.factories.get(definition.name());
		if (factory == null) {
			throw new IllegalArgumentException(this.what + ": '" + definition.name() + "' (expected: one of "
					+ String.join(", ", this.factories.keySet()) + ")");
		}
		return factory.apply(definition);
	}

}
