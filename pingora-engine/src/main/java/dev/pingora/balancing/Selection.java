package dev.pingora.balancing;

/**
 * Chooses a backend. Called by many threads at once.
 */
@FunctionalInterface
public interface Selection {

	/**
	 * Chooses.
	 * @param hash what the choice may depend on; opaque, 0 if nothing
	 * @param attempt 0 for a request's first attempt, then 1, 2, …
	 * @return the backend
	 */
	Backend select(long hash, int attempt);

}
