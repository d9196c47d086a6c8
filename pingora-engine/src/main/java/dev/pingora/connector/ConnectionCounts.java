package dev.pingora.connector;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import dev.pingora.upstream.HttpPeer;
import dev.pingora.upstream.PeerKey;
import org.jspecify.annotations.Nullable;

/**
 * The peers to which there are connections, and how many over all event loops: those
 * being made, in use and idle. Used by all loops.
 */
final class ConnectionCounts {

	private final PeerStatistics statistics;

	private final int loops;

	private final Map<PeerKey, PeerState> states = new ConcurrentHashMap<>();

	private final Object emptied = new Object();

	ConnectionCounts(PeerStatistics statistics, int loops) {
		this.statistics = statistics;
		this.loops = loops;
	}

	/**
	 * Takes a permit for another connection.
	 * @param peer the peer
	 * @return the peer's state, or {@code null} if the peer's limit does not allow it
	 */
	@Nullable PeerState acquire(HttpPeer peer) {
		int limit = peer.options().maxConnections();
		boolean[] acquired = new boolean[1];
		PeerState state = this.states.compute(peer.key(), (key, present) -> {
			PeerState known = (present != null) ? present
					: new PeerState(key, this.statistics.of(key), peer.options().maxIdleConnections(), this.loops);
			acquired[0] = known.connections() < limit;
			known.count(acquired[0] ? 1 : 0);
			return known;
		});
		return acquired[0] ? state : null;
	}

	void release(PeerState state) {
		this.states.computeIfPresent(state.key(), (key, present) -> {
			present.count(-1);
			return (present.connections() > 0) ? present : null;
		});
		if (this.states.isEmpty()) {
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
						&& !this.states.isEmpty(); left = deadline - System.nanoTime()) {
					TimeUnit.NANOSECONDS.timedWait(this.emptied, Math.max(left, 1_000_000));
				}
			}
			catch (InterruptedException interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	@Nullable PeerState find(PeerKey key) {
		return this.states.get(key);
	}

	int total() {
		return this.states.values().stream().mapToInt(PeerState::connections).sum();
	}

	int totalIdle() {
		return this.states.values().stream().mapToInt(PeerState::idle).sum();
	}

}
