package dev.pingora.connector;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

import dev.pingora.upstream.PeerKey;
import org.jspecify.annotations.Nullable;

/**
 * What all event loops together know of a peer to which there are connections. Used by
 * all loops.
 */
final class PeerState {

	private final PeerKey key;

	private final PeerCounters counters;

	private final IdleQuota idleQuota;

	private final AtomicReferenceArray<@Nullable LoopPeer> loops;

	private final AtomicInteger connections = new AtomicInteger();

	PeerState(PeerKey key, PeerCounters counters, int maxIdle, int loops) {
		this.key = key;
		this.counters = counters;
		this.idleQuota = new IdleQuota(maxIdle, loops);
		this.loops = new AtomicReferenceArray<>(loops);
	}

	PeerKey key() {
		return this.key;
	}

	PeerCounters counters() {
		return this.counters;
	}

	IdleQuota idleQuota() {
		return this.idleQuota;
	}

	int connections() {
		return this.connections.get();
	}

	void count(int change) {
		this.connections.addAndGet(change);
	}

	void set(int loop, @Nullable LoopPeer peer) {
		this.loops.set(loop, peer);
	}

	int idle() {
		int idle = 0;
		for (int i = 0; i < this.loops.length(); i++) {
			LoopPeer peer = this.loops.get(i);
			idle += (peer != null) ? peer.idle() : 0;
		}
		return idle;
	}

	/**
	 * Looks for another loop's idle connection. By the time the other loop is asked, it
	 * may be in use.
	 * @param own the index of the caller's loop
	 * @return the other loop's pool, or {@code null} if none has one
	 */
	@Nullable LoopPool lender(int own) {
		int count = this.loops.length();
		for (int i = 1; i < count; i++) {
			LoopPeer peer = this.loops.get((own + i) % count);
			if (peer != null && peer.idle() > 0) {
				return peer.pool();
			}
		}
		return null;
	}

}
