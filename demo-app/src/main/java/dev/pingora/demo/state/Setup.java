package dev.pingora.demo.state;

import java.util.Arrays;
import java.util.List;

import dev.pingora.balancing.Upstream;
import dev.pingora.demo.fault.Fault;
import dev.pingora.demo.fault.FaultTarget;
import dev.pingora.event.Phase;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.Router;
import dev.pingora.route.RouteIndex;
import dev.pingora.route.RouteRule;
import dev.pingora.server.ProxyServer;
import org.jspecify.annotations.Nullable;

/**
 * What stays as it is while the gateway runs.
 *
 * @param transport the transport in use
 * @param java the Java version
 * @param phases the phases in which a panic can be ordered
 * @param kinds the classes that can be thrown
 * @param routes the routes, in order
 */
record Setup(String transport, String java, List<PhaseEntry> phases, List<String> kinds, List<RouteEntry> routes) {

	static Setup of(ProxyServer server, Router router) {
		List<PhaseEntry> phases = Arrays.stream(Phase.values())
			.map((phase) -> new PhaseEntry(phase.tag(), FaultTarget.of(phase).toString()))
			.toList();
		List<RouteRule> rules = (router instanceof RouteIndex index) ? index.rules() : List.of();
		return new Setup(server.transport(), Runtime.version().toString(), phases, Fault.kinds(),
				rules.stream().map(RouteEntry::of).toList());
	}

	/**
	 * A phase.
	 *
	 * @param name its name
	 * @param request the request in which it comes to pass
	 */
	record PhaseEntry(String name, String request) {
	}

	/**
	 * A route.
	 *
	 * @param id its id
	 * @param predicates its predicates
	 * @param filters the names of its filters
	 * @param upstream the name of its upstream, or {@code null} if it has none
	 * @param backends the peers behind it
	 */
	record RouteEntry(String id, List<String> predicates, List<String> filters, @Nullable String upstream,
			List<String> backends) {

		static RouteEntry of(RouteRule rule) {
			Upstream upstream = rule.route().upstream();
			List<String> backends = (upstream != null)
					? upstream.backends().stream().map((backend) -> backend.peer().toString()).toList() : List.of();
			return new RouteEntry(rule.route().id(), rule.predicateTexts(),
					rule.route().filters().stream().map(NamedFilter::name).toList(),
					(upstream != null) ? upstream.name() : null, backends);
		}

	}

}
