package dev.pingora.connector;

import java.util.concurrent.atomic.LongAdder;

/**
 * What has become of the connections to one peer. Used by all loops.
 */
final class PeerCounters {

	private final LongAdder idle = new LongAdder();

	private final LongAdder connects = new LongAdder();

	private final LongAdder reuses = new LongAdder();

	void connected() {
		this.connects.increment();
	}

	void becameIdle() {
		this.idle.increment();
	}

	void reused() {
		this.reuses.increment();
		this.idle.decrement();
	}

	void closedIdle() {
		this.idle.decrement();
	}

	/**
	 * Returns the status.
	 * @param peer the peer's name
	 * @param connections how many connections there are: in use, idle or being made
	 * @return the status; the counters are read one after the other
	 */
	PoolStatus status(String peer, int connections) {
		int idle = Math.max(0, this.idle.intValue());
		return new PoolStatus(peer, Math.max(0, connections - idle), idle, this.connects.sum(), this.reuses.sum());
	}

}
