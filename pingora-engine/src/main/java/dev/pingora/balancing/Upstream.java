package dev.pingora.balancing;

import java.util.Collection;
import java.util.List;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;

/**
 * A named group of backends that do the same work. Used by many threads at once.
 */
public final class Upstream {

	private final String name;

	private final List<Backend> backends;

	private final LoadBalancer balancer;

	private final @Nullable Selection selection;

	private Upstream(String name, List<Backend> backends, LoadBalancer balancer) {
		this.name = name;
		this.backends = List.copyOf(backends);
		this.balancer = balancer;
		this.selection = this.backends.isEmpty() ? null : balancer.prepare(this.backends);
	}

	/**
	 * A group with weighted round-robin.
	 * @param name the group's name, for logs and meters
	 * @param backends its backends; where there are none, requests fail with 503
	 * @return the group
	 */
	public static Upstream of(String name, List<Backend> backends) {
		return of(name, backends, LoadBalancer.roundRobin());
	}

	/**
	 * A group.
	 * @param name the group's name, for logs and meters
	 * @param backends its backends; where there are none, requests fail with 503
	 * @param balancer how one of them is chosen
	 * @return the group
	 */
	public static Upstream of(String name, List<Backend> backends, LoadBalancer balancer) {
		return new Upstream(name, backends, balancer);
	}

	/**
	 * Returns the group's name.
	 * @return the name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * Returns the backends, in the order in which they were given.
	 * @return the backends
	 */
	public List<Backend> backends() {
		return this.backends;
	}

	/**
	 * Returns how a backend is chosen.
	 * @return the balancer
	 */
	public LoadBalancer balancer() {
		return this.balancer;
	}

	/**
	 * Chooses a backend's peer.
	 * @param hash what the choice may depend on; opaque, 0 if nothing
	 * @param attempt 0 for a request's first attempt, then 1, 2, …
	 * @return the peer
	 * @throws ProxyException if there is no backend
	 */
	public HttpPeer select(long hash, int attempt) throws ProxyException {
		if (this.selection == null) {
			throw ProxyException.internal(ErrorType.NO_BACKEND, "upstream " + this.name + " has no backends");
		}
		return this.selection.select(hash, attempt).peer();
	}

	/**
	 * Chooses a backend's peer for another attempt: one that was not tried before, as
	 * long as there is one.
	 * @param hash what the choice may depend on; opaque, 0 if nothing
	 * @param attempt 1 for a request's second attempt, then 2, 3, …
	 * @param tried the peers of the attempts before
	 * @return the peer
	 * @throws ProxyException if there is no backend
	 */
	public HttpPeer selectOther(long hash, int attempt, Collection<HttpPeer> tried) throws ProxyException {
		HttpPeer chosen = select(hash, attempt);
		if (!tried.contains(chosen)) {
			return chosen;
		}
		// Whoever follows in the list: the failed one's load goes to where it stands.
		int size = this.backends.size();
		int start = 0;
		while (start < size && !this.backends.get(start).peer().equals(chosen)) {
			start++;
		}
		for (int i = 1; i < size; i++) {
			HttpPeer other = this.backends.get((start + i) % size).peer();
			if (!tried.contains(other)) {
				return other;
			}
		}
		return chosen;
	}

}
