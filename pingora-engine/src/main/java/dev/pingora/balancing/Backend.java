package dev.pingora.balancing;

import dev.pingora.upstream.HttpPeer;

/**
 * One server of an upstream group.
 *
 * @param peer whom to call and how
 * @param weight its share of the requests, relative to the others', 1 to 256
 */
public record Backend(HttpPeer peer, int weight) {

	/**
	 * Checks the backend.
	 * @throws IllegalArgumentException if the weight is out of range
	 */
	public Backend {
		if (weight < 1 || weight > 256) {
			throw new IllegalArgumentException("weight: " + weight + " (expected: 1..256)");
		}
	}

	/**
	 * A backend of weight 1.
	 * @param peer whom to call and how
	 * @return the backend
	 */
	public static Backend of(HttpPeer peer) {
		return new Backend(peer, 1);
	}

}
