package dev.pingora.connector;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.pingora.upstream.HttpPeer;
import dev.pingora.upstream.PeerKey;

/**
 * How many connections there are to each peer, over all event loops: those being made, in
 * use and idle. Used by all loops.
 */
final class ConnectionCounts {

	private final Map<PeerKey, Integer> counts = new ConcurrentHashMap<>();

	/**
	 * Takes a permit for another connection.
	 * @param peer the peer
	 * @return whether the peer's limit allows it
	 */
	boolean tryAcquire(HttpPeer peer) {
		int limit = peer.options().maxConnections();
		boolean[] acquired = new boolean[1];
		this.counts.compute(peer.key(), (key, count) -> {
			int present = (count != null) ? count : 0;
			acquired[0] = present < limit;
			return acquired[0] ? Integer.valueOf(present + 1) : count;
		});
		return acquired[0];
	}

	void release(PeerKey key) {
		this.counts.compute(key, (same, count) -> (count == null || count <= 1) ? null : count - 1);
	}

	int total() {
		return this.counts.values().stream().mapToInt(Integer::intValue).sum();
	}

}
