package dev.pingora.route;

import java.util.Map;
import java.util.SortedSet;
import java.util.function.Function;

/**
 * Makes predicates of definitions. The built-in names, and their arguments, are Spring
 * Cloud Gateway's: Path (patterns), Host (patterns), Method (methods), Header (header,
 * regexp), Query (param, regexp); each regexp may be left out, and takes the rest of a
 * shortcut. See {@link RequestPredicates} for what they mean. Immutable.
 */
public final class PredicateCatalogue {

	private static final PredicateCatalogue BUILT_IN = new PredicateCatalogue(Catalogue.of("predicate",
			Map.of("Path", (definition) -> new PathPredicate(definition.list("patterns")), "Host",
					(definition) -> new HostPredicate(definition.list("patterns")), "Method",
					(definition) -> new MethodPredicate(definition.list("methods")), "Header",
					PredicateCatalogue::header, "Query", PredicateCatalogue::query)));

	private final Catalogue<RequestPredicate> catalogue;

	private PredicateCatalogue(Catalogue<RequestPredicate> catalogue) {
		this.catalogue = catalogue;
	}

	/**
	 * Returns the catalogue of the built-in predicates.
	 * @return the catalogue
	 */
	public static PredicateCatalogue builtIn() {
		return BUILT_IN;
	}

	/**
	 * Returns a copy that knows one more predicate, or another one under a known name.
	 * @param name the name
	 * @param factory makes the predicate; throws {@code IllegalArgumentException} for
	 * arguments that it does not understand
	 * @return the copy
	 * @throws IllegalArgumentException if the name is blank or has an equals sign
	 */
	public PredicateCatalogue with(String name, Function<Definition, RequestPredicate> factory) {
		return new PredicateCatalogue(this.catalogue.with(name, factory));
	}

	/**
	 * Returns the known names.
	 * @return the names, sorted
	 */
	public SortedSet<String> names() {
		return this.catalogue.names();
	}

	/**
	 * Makes a predicate.
	 * @param definition its name and arguments
	 * @return the predicate
	 * @throws IllegalArgumentException if the name is unknown or an argument malformed
	 */
	public RequestPredicate predicate(Definition definition) {
		return this.catalogue.make(definition);
	}

	private static RequestPredicate header(Definition definition) {
		Definition.Values values = definition.values("header", "regexp");
		return new HeaderPredicate(values.text("header"), values.has("regexp") ? values.text("regexp") : null);
	}

	private static RequestPredicate query(Definition definition) {
		Definition.Values values = definition.values("param", "regexp");
		return new QueryPredicate(values.text("param"), values.has("regexp") ? values.text("regexp") : null);
	}

}
