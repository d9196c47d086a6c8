package dev.pingora.route;

import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.function.BiFunction;
import java.util.function.Function;

import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.ProxyFilter;

/**
 * Makes filters of definitions. The built-in names, and their arguments, are Spring Cloud
 * Gateway's: StripPrefix (parts), PrefixPath (prefix), RewritePath (regexp, replacement),
 * AddRequestHeader, SetRequestHeader, AddResponseHeader and SetResponseHeader (name,
 * value), RemoveRequestHeader and RemoveResponseHeader (name), SetRequestHostHeader
 * (host) and SetStatus (status). In a shortcut the last argument takes the rest, commas
 * included. See {@link RouteFilters} for what they do. Immutable.
 */
public final class FilterCatalogue {

	private static final FilterCatalogue BUILT_IN = new FilterCatalogue(Catalogue.of("filter", builtInFactories()));

	private final Catalogue<ProxyFilter> catalogue;

	private FilterCatalogue(Catalogue<ProxyFilter> catalogue) {
		this.catalogue = catalogue;
	}

	/**
	 * Returns the catalogue of the built-in filters.
	 * @return the catalogue
	 */
	public static FilterCatalogue builtIn() {
		return BUILT_IN;
	}

	private static Map<String, Function<Definition, ProxyFilter>> builtInFactories() {
		Map<String, Function<Definition, ProxyFilter>> factories = new HashMap<>();
		factories.put("StripPrefix", (definition) -> new StripPrefix(definition.values("parts").number("parts")));
		factories.put("PrefixPath", one("prefix", RouteFilters::prefixPath));
		factories.put("RewritePath", two("regexp", "replacement", RouteFilters::rewritePath));
		factories.put("AddRequestHeader", two("name", "value", RouteFilters::addRequestHeader));
		factories.put("SetRequestHeader", two("name", "value", RouteFilters::setRequestHeader));
		factories.put("RemoveRequestHeader", one("name", RouteFilters::removeRequestHeader));
		factories.put("SetRequestHostHeader", one("host", RouteFilters::setRequestHostHeader));
		factories.put("AddResponseHeader", two("name", "value", RouteFilters::addResponseHeader));
		factories.put("SetResponseHeader", two("name", "value", RouteFilters::setResponseHeader));
		factories.put("RemoveResponseHeader", one("name", RouteFilters::removeResponseHeader));
		factories.put("SetStatus", (definition) -> new SetStatus(definition.values("status").number("status")));
		return factories;
	}

	private static Function<Definition, ProxyFilter> one(String name, Function<String, NamedFilter> filter) {
		return (definition) -> filter.apply(definition.values(name).text(name)).filter();
	}

	private static Function<Definition, ProxyFilter> two(String first, String last,
			BiFunction<String, String, NamedFilter> filter) {
		return (definition) -> {
			Definition.Values values = definition.values(first, last);
			return filter.apply(values.text(first), values.text(last)).filter();
		};
	}

	/**
	 * Returns a copy that knows one more filter, or another one under a known name.
	 * @param name the name
	 * @param factory makes the filter; throws {@code IllegalArgumentException} for
	 * arguments that it does not understand
	 * @return the copy
	 * @throws IllegalArgumentException if the name is blank or has an equals sign
	 */
	public FilterCatalogue with(String name, Function<Definition, ProxyFilter> factory) {
		return new FilterCatalogue(this.catalogue.with(name, factory));
	}

	/**
	 * Returns the known names.
	 * @return the names, sorted
	 */
	public SortedSet<String> names() {
		return this.catalogue.names();
	}

	/**
	 * Makes a filter. On a route it is best called by its definition's name:
	 * {@code NamedFilter.of(definition.name(), filter)}.
	 * @param definition its name and arguments
	 * @return the filter
	 * @throws IllegalArgumentException if the name is unknown or an argument malformed
	 */
	public ProxyFilter filter(Definition definition) {
		return this.catalogue.make(definition);
	}

}
