package dev.pingora.autoconfigure;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.Router;
import dev.pingora.route.Definition;
import dev.pingora.route.FilterCatalogue;
import dev.pingora.route.PredicateCatalogue;
import dev.pingora.route.RequestPredicate;
import dev.pingora.route.RouteIndex;
import dev.pingora.route.RouteRule;
import dev.pingora.upstream.HttpPeer;
import dev.pingora.upstream.PeerOptions;
import org.jspecify.annotations.Nullable;

/**
 * Maps {@code pingora.routes}.
 */
final class RouteMapper {

	private static final String SHORTCUT = "Name=arguments, or name and args";

	private final PredicateCatalogue predicates = PredicateCatalogue.builtIn();

	private final FilterCatalogue filters = FilterCatalogue.builtIn();

	private final Problems problems;

	private final Map<String, Upstream> upstreams;

	private final PeerOptions defaults;

	private final FilterBeans beans;

	RouteMapper(Problems problems, Map<String, Upstream> upstreams, PeerOptions defaults, FilterBeans beans) {
		this.problems = problems;
		this.upstreams = upstreams;
		this.defaults = defaults;
		this.beans = beans;
	}

	@Nullable Router map(List<PingoraProperties.Route> routes) {
		if (routes.isEmpty()) {
			this.problems.add("pingora.routes", null,
					"at least one route, or a ProxyHttp or Router bean, or pingora.enabled=false");
			return null;
		}
		List<RouteRule> rules = new ArrayList<>();
		Set<String> ids = new HashSet<>();
		for (int i = 0; i < routes.size(); i++) {
			String property = "pingora.routes[" + i + "]";
			PingoraProperties.Route route = routes.get(i);
			String id = route.id();
			if (id == null || id.isBlank()) {
				this.problems.add(property + ".id", id, "a name that no other route has");
				id = property;
			}
			else if (!ids.add(id)) {
				this.problems.add(property + ".id", id, "a name that no other route has");
				id = property; // goes on without a second complaint
			}
			Route mapped = Route.of(id, filters(property, route.filters()), upstream(property, route));
			rules.add(new RouteRule(mapped, predicates(property, route.predicates())));
		}
		return RouteIndex.of(rules);
	}

	private @Nullable Upstream upstream(String property, PingoraProperties.Route route) {
		String name = route.upstream();
		String uri = route.uri();
		if (name != null && uri != null) {
			this.problems.add(property, "upstream " + name + " and uri " + uri, "either an upstream or a uri");
			return null;
		}
		if (name == null && uri == null) {
			this.problems.add(property, "neither upstream nor uri", "either an upstream or a uri");
			return null;
		}
		return (name != null) ? named(property, name) : single(property, (uri != null) ? uri : "");
	}

	private @Nullable Upstream named(String property, String name) {
		Upstream upstream = this.upstreams.get(name);
		if (upstream == null) {
			this.problems.add(property + ".upstream", name,
					"one of pingora.upstreams: " + new TreeSet<>(this.upstreams.keySet()));
		}
		return upstream;
	}

	private @Nullable Upstream single(String property, String uri) {
		Address address = Address.ofUri(uri);
		if (address == null) {
			this.problems.add(property + ".uri", uri, Address.URI);
			return null;
		}
		HttpPeer peer = address.peer(this.defaults);
		return Upstream.of(peer.toString(), List.of(Backend.of(peer)));
	}

	private List<RequestPredicate> predicates(String property, List<StepProperties> steps) {
		List<RequestPredicate> mapped = new ArrayList<>();
		for (int i = 0; i < steps.size(); i++) {
			String element = property + ".predicates[" + i + "]";
			Definition definition = definition(element, steps.get(i));
			if (definition == null) {
				continue;
			}
			if (!this.predicates.names().contains(definition.name())) {
				this.problems.add(element, definition.name(), "one of " + this.predicates.names());
				continue;
			}
			try {
				mapped.add(this.predicates.predicate(definition));
			}
			catch (IllegalArgumentException refused) {
				this.problems.add(element, definition.name(), String.valueOf(refused.getMessage()));
			}
		}
		return mapped;
	}

	private List<NamedFilter> filters(String property, List<StepProperties> steps) {
		List<NamedFilter> mapped = new ArrayList<>(this.beans.global());
		for (int i = 0; i < steps.size(); i++) {
			String element = property + ".filters[" + i + "]";
			Definition definition = definition(element, steps.get(i));
			NamedFilter filter = (definition != null) ? filter(element, definition) : null;
			if (filter != null) {
				mapped.add(filter);
			}
		}
		return mapped;
	}

	private @Nullable NamedFilter filter(String property, Definition definition) {
		NamedFilter bean = this.beans.byName().get(definition.name());
		if (bean != null) {
			if (!definition.arguments().isEmpty() || !definition.named().isEmpty()) {
				this.problems.add(property, definition.name(), "no arguments: it is a filter bean");
			}
			return bean;
		}
		if (!this.filters.names().contains(definition.name())) {
			this.problems.add(property, definition.name(), "one of " + this.filters.names() + " or a filter bean: "
					+ new TreeSet<>(this.beans.byName().keySet()));
			return null;
		}
		try {
			return NamedFilter.of(definition.name(), this.filters.filter(definition));
		}
		catch (IllegalArgumentException refused) {
			this.problems.add(property, definition.name(), String.valueOf(refused.getMessage()));
			return null;
		}
	}

	private @Nullable Definition definition(String property, StepProperties step) {
		String name = step.name();
		if (name == null) {
			this.problems.add(property, null, SHORTCUT);
			return null;
		}
		try {
			return step.args().isEmpty() ? Definition.parse(name) : Definition.of(name, step.args());
		}
		catch (IllegalArgumentException refused) {
			this.problems.add(property, name, SHORTCUT);
			return null;
		}
	}

}
