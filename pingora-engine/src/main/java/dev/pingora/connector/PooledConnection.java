package dev.pingora.connector;

import dev.pingora.protocol.h1.H1ClientConnection;
import org.jspecify.annotations.Nullable;

/**
 * A connection with its places in the pool: what becomes of it needs no look-up. Owned by
 * its event loop.
 */
final class PooledConnection implements H1ClientConnection.Owner {

	/** Its place among the idle ones of the loop. */
	final IdleList.Link inLoop = new IdleList.Link(this);

	/** Its place among the idle ones to the peer, or among those being closed. */
	final IdleList.Link inPeer = new IdleList.Link(this);

	private @Nullable LoopPeer peer;

	private @Nullable H1ClientConnection connection;

	private boolean idle;

	/**
	 * The connection has come about.
	 * @param peer whose it is
	 * @param connection the connection
	 */
	void added(LoopPeer peer, H1ClientConnection connection) {
		this.peer = peer;
		this.connection = connection;
	}

	LoopPeer peer() {
		LoopPeer peer = this.peer;
		if (peer == null) {
			throw new IllegalStateException("not added to a pool");
		}
		return peer;
	}

	H1ClientConnection connection() {
		H1ClientConnection connection = this.connection;
		if (connection == null) {
			throw new IllegalStateException("not added to a pool");
		}
		return connection;
	}

	boolean isIdle() {
		return this.idle;
	}

	void setIdle(boolean idle) {
		this.idle = idle;
	}

	@Override
	public void idle(H1ClientConnection connection) {
		LoopPeer peer = peer();
		peer.pool().idle(this, peer);
	}

	@Override
	public void closing(H1ClientConnection connection) {
		LoopPeer peer = this.peer;
		if (peer != null) {
			peer.pool().closing(this, peer);
		}
	}

	@Override
	public void closed(H1ClientConnection connection) {
		LoopPeer peer = this.peer;
		if (peer != null) { // else it came too late for its dial
			this.peer = null;
			peer.pool().closed(this, peer);
		}
	}

}
