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
	 * Returns what operators see of it.
	 * @return its name; the class's unless it has one
	 */
	default String name() {
		return getClass().getName();
	}

	/**
	 * Weighted round-robin: backends take turns, each as often as its weight says, spread
	 * evenly.
	 * @return the balancer
	 */
	static LoadBalancer roundRobin() {
		return RoundRobin.INSTANCE;
	}

}
