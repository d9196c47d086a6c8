package dev.pingora.balancing;

import java.util.List;

/**
 * Weighted round-robin. Has no state: each group has a selection of its own.
 */
final class RoundRobin implements LoadBalancer {

	static final RoundRobin INSTANCE = new RoundRobin();

	private RoundRobin() {
	}

	@Override
	public Selection prepare(List<Backend> backends) {
		return new RoundRobinSelection(backends);
	}

	@Override
	public String name() {
		return "round-robin";
	}

}
