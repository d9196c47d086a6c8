package dev.pingora.balancing;

import java.util.List;

/**
 * Makes the selection for a fixed list of backends. Called again when the list changes.
 */
@FunctionalInterface
public interface LoadBalancer {

	/**
	 * Prepares for these backends.
	 * @param backends the backends, at least one
	 * @return how one of them is chosen
	 */
	Selection prepare(List<Backend> backends);

	/**
	 * Weighted round-robin: backends take turns, each as often as its weight says, spread
	 * evenly.
	 * @return the balancer
	 */
	static LoadBalancer roundRobin() {
		return RoundRobinSelection::new;
	}

}
