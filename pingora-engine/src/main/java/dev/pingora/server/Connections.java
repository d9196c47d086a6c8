package dev.pingora.server;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import dev.pingora.protocol.ShutdownStage;
import dev.pingora.protocol.h1.H1ServerConnection;

/**
 * The clients' connections of a server. Used by all threads.
 */
final class Connections {

	private final Set<H1ServerConnection> open = ConcurrentHashMap.newKeySet();

	private final Object emptied = new Object();

	private volatile ShutdownStage stage = ShutdownStage.SERVING;

	/**
	 * Adds a connection.
	 * @param connection the connection, whose handler is in its pipeline
	 */
	void add(H1ServerConnection connection) {
		this.open.add(connection);
		ShutdownStage stage = this.stage;
		if (stage != ShutdownStage.SERVING) { // it came too late for shutDown
			connection.shutDown(stage);
		}
	}

	void remove(H1ServerConnection connection) {
		this.open.remove(connection);
		if (this.open.isEmpty()) {
			synchronized (this.emptied) {
				this.emptied.notifyAll();
			}
		}
	}

	/**
	 * Tells the connections, and those to come, how far the server's end has come.
	 * @param stage the stage that was reached
	 */
	void shutDown(ShutdownStage stage) {
		this.stage = stage;
		this.open.forEach((connection) -> connection.shutDown(stage));
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
