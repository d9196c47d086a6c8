package dev.pingora.connector;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import dev.pingora.upstream.HttpPeer;
import dev.pingora.upstream.PeerKey;

/**
 * How many connections there are to each peer, over all event loops: those being made, in
 * use and idle. Used by all loops.
 */
final class ConnectionCounts {

	private final Map<PeerKey, Integer> counts = new ConcurrentHashMap<>();

	private final Object emptied = new Object();

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
		if (this.counts.isEmpty()) {
			synchronized (this.emptied) {
				this.emptied.notifyAll();
			}
		}
	}

	/**
	 * Waits until there are no connections.
	 * @param timeout how long at most
	 */
	void awaitNone(Duration timeout) {
		long deadline = System.nanoTime() + timeout.toNanos();
		synchronized (this.emptied) {
			try {
				for (long left = timeout.toNanos(); left > 0
						&& !this.counts.isEmpty(); left = deadline - System.nanoTime()) {
					TimeUnit.NANOSECONDS.timedWait(this.emptied, Math.max(left, 1_000_000));
				}
			}
			catch (InterruptedException interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	int of(PeerKey key) {
		return this.counts.getOrDefault(key, 0);
	}

	int total() {
		return this.counts.values().stream().mapToInt(Integer::intValue).sum();
	}

}
