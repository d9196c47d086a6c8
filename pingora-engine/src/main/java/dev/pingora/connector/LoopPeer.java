package dev.pingora.connector;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * One event loop's connections to one peer. Owned by the loop; the number of idle ones is
 * read by others, too.
 */
final class LoopPeer {

	private final LoopPool pool;

	private final PeerState state;

	private final LoopCounters counters;

	private final IdleQuota.Allowance allowance;

	private final IdleList connections = new IdleList();

	private final IdleList closing = new IdleList();

	private int open;

	private final AtomicInteger idle = new AtomicInteger();

	LoopPeer(LoopPool pool, PeerState state) {
		this.pool = pool;
		this.state = state;
		this.counters = state.counters().of(pool.index());
		this.allowance = state.idleQuota().allowance();
	}

	LoopPool pool() {
		return this.pool;
	}

	PeerState state() {
		return this.state;
	}

	LoopCounters counters() {
		return this.counters;
	}

	IdleQuota.Allowance allowance() {
		return this.allowance;
	}

	IdleList connections() {
		return this.connections;
	}

	/**
	 * Returns the connections that are being closed and for whose end nobody waits yet.
	 * @return the connections
	 */
	IdleList closing() {
		return this.closing;
	}

	int idle() {
		return this.idle.get();
	}

	// There is one writer, and nobody waits for it.
	void countIdle(int change) {
		this.idle.lazySet(this.idle.getPlain() + change);
	}

	void opened() {
		this.open++;
	}

	/**
	 * A connection is closed.
	 * @return whether there is no other
	 */
	boolean closed() {
		return --this.open == 0;
	}

}
