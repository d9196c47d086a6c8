package dev.pingora.server;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import dev.pingora.protocol.h1.H1ServerConnection;

/**
 * The clients' connections of a server. Used by all threads.
 */
final class Connections {

	private final Set<H1ServerConnection> open = ConcurrentHashMap.newKeySet();

	private final Object emptied = new Object();

	void add(H1ServerConnection connection) {
		this.open.add(connection);
	}

	void remove(H1ServerConnection connection) {
		this.open.remove(connection);
		if (this.open.isEmpty()) {
			synchronized (this.emptied) {
				this.emptied.notifyAll();
			}
		}
	}

	void drain() {
		this.open.forEach(H1ServerConnection::drain);
	}

	void abort() {
		this.open.forEach(H1ServerConnection::abort);
	}

	/**
	 * Waits until there are no connections.
	 * @param nanos how long at most
	 * @return whether there are none
	 */
	boolean awaitEmpty(long nanos) {
		long deadline = System.nanoTime() + nanos;
		synchronized (this.emptied) {
			try {
				while (!this.open.isEmpty()) {
					long left = deadline - System.nanoTime();
					if (left <= 0) {
						return false;
					}
					TimeUnit.NANOSECONDS.timedWait(this.emptied, Math.max(left, 1_000_000));
				}
				return true;
			}
			catch (InterruptedException interrupted) {
				Thread.currentThread().interrupt();
				return false;
			}
		}
	}

}
