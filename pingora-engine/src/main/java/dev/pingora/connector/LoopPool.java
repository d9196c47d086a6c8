package dev.pingora.connector;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import dev.pingora.protocol.UpstreamSession;
import dev.pingora.protocol.h1.H1ClientConnection;
import dev.pingora.upstream.HttpPeer;
import dev.pingora.upstream.PeerKey;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * The upstream connections of one event loop: those in use, and the idle ones. Of a
 * peer's idle ones the most recently used is taken, since it is the least likely to be
 * stale; if there are too many, the one that was not used for the longest time is closed.
 * Owned by the loop.
 */
final class LoopPool {

	private final EventLoop loop;

	private final int index;

	private final PeerSockets sockets;

	private final Map<PeerKey, LoopPeer> peers = new HashMap<>();

	private final Set<PooledConnection> all = new HashSet<>();

	private final IdleList idle = new IdleList();

	private final IdleQuota.Allowance allowance;

	private int idleCount;

	private int turn;

	private @Nullable LoopPool lastLender;

	private boolean closed;

	/**
	 * Makes a pool.
	 * @param loop the loop
	 * @param index which of the loops it is
	 * @param sockets sets sockets up on the loop
	 * @param quota how many connections may be idle, over all loops
	 */
	LoopPool(EventLoop loop, int index, PeerSockets sockets, IdleQuota quota) {
		this.loop = loop;
		this.index = index;
		this.sockets = sockets;
		this.allowance = quota.allowance();
	}

	// Constant: for anybody.

	EventLoop loop() {
		return this.loop;
	}

	int index() {
		return this.index;
	}

	PeerSockets sockets() {
		return this.sockets;
	}

	// For the loop.

	/**
	 * Takes the idle connection to a peer that was used last, if it is still good.
	 * @param peer whom to call
	 * @return a session on it, or {@code null} if there is none
	 */
	@Nullable UpstreamSession reuse(HttpPeer peer) {
		LoopPeer ours = this.peers.get(peer.key());
		if (ours == null) {
			return null;
		}
		PooledConnection pooled = ours.connections().newest();
		while (pooled != null) {
			take(pooled, ours);
			if (pooled.connection().isFit()) {
				ours.counters().reused();
				return open(pooled.connection(), peer);
			}
			pooled.connection().close();
			pooled = ours.connections().newest();
		}
		return null;
	}

	private static UpstreamSession open(H1ClientConnection connection, HttpPeer peer) {
		boolean opened = false;
		try {
			UpstreamSession session = connection.open(peer);
			opened = true;
			return session;
		}
		finally {
			if (!opened) { // nobody else knows of it
				connection.close();
			}
		}
	}

	/**
	 * As {@link #reuse}, for another loop.
	 * @param peer whom to call
	 * @return a session, or {@code null} if there is none
	 */
	@Nullable UpstreamSession lend(HttpPeer peer) {
		UpstreamSession session = reuse(peer);
		LoopPeer ours = this.peers.get(peer.key());
		if (session != null && ours != null) {
			ours.counters().lent();
		}
		return session;
	}

	/**
	 * Finds a connection that is being closed, so that another one may be made when it is
	 * closed. It makes room for one: nobody else is told of it.
	 * @param key whose
	 * @return the connection, or {@code null} if there is none
	 */
	@Nullable H1ClientConnection takeClosing(PeerKey key) {
		LoopPeer ours = this.peers.get(key);
		PooledConnection closing = (ours != null) ? ours.closing().oldest() : null;
		if (closing == null) {
			return null;
		}
		closing.inPeer.remove();
		return closing.connection();
	}

	/**
	 * The same, and if there is none, closes an idle connection.
	 * @param key whose
	 * @return the connection, or {@code null} if there was none
	 */
	@Nullable H1ClientConnection makeRoom(PeerKey key) {
		H1ClientConnection closing = takeClosing(key);
		LoopPeer ours = this.peers.get(key);
		PooledConnection oldest = (closing == null && ours != null) ? ours.connections().oldest() : null;
		if (oldest == null) {
			return closing;
		}
		close(oldest);
		oldest.inPeer.remove(); // of those being closed
		return oldest.connection();
	}

	void rememberLender(LoopPool lender) {
		this.lastLender = lender;
	}

	@Nullable LoopPool lastLender() {
		return this.lastLender;
	}

	int nextTurn() {
		return this.turn++;
	}

	void add(PooledConnection pooled, PeerState state, H1ClientConnection connection) {
		LoopPeer ours = this.peers.get(state.key());
		if (ours == null || ours.state() != state) {
			ours = new LoopPeer(this, state);
			this.peers.put(state.key(), ours);
			state.set(this.index, ours);
		}
		ours.opened();
		ours.counters().connected();
		pooled.added(ours, connection);
		this.all.add(pooled);
		if (this.closed) {
			connection.close();
		}
	}

	void idle(PooledConnection pooled, LoopPeer ours) {
		if (this.closed || !makeRoom(ours)) {
			pooled.connection().close();
			return;
		}
		pooled.setIdle(true);
		ours.connections().addNewest(pooled.inPeer);
		this.idle.addNewest(pooled.inLoop);
		ours.countIdle(1);
		this.idleCount++;
	}

	private boolean makeRoom(LoopPeer ours) {
		while (!ours.allowance().covers(ours.idle() + 1)) {
			if (!closeOldest(ours.connections())) {
				return false;
			}
		}
		while (!this.allowance.covers(this.idleCount + 1)) {
			if (!closeOldest(this.idle)) {
				return false;
			}
		}
		return true;
	}

	private boolean closeOldest(IdleList list) {
		PooledConnection oldest = list.oldest();
		if (oldest != null) {
			close(oldest);
		}
		return oldest != null;
	}

	private void close(PooledConnection pooled) {
		take(pooled, pooled.peer()); // at once: io_uring closes it later
		pooled.connection().close();
	}

	private void take(PooledConnection pooled, LoopPeer ours) {
		pooled.setIdle(false);
		pooled.inPeer.remove();
		pooled.inLoop.remove();
		ours.countIdle(-1);
		this.idleCount--;
	}

	void closing(PooledConnection pooled, LoopPeer ours) {
		if (pooled.isIdle()) {
			take(pooled, ours);
		}
		ours.closing().addNewest(pooled.inPeer);
	}

	void closed(PooledConnection pooled, LoopPeer ours) {
		this.all.remove(pooled);
		if (pooled.isIdle()) {
			take(pooled, ours);
		}
		pooled.inPeer.remove();
		this.allowance.shrink(this.idleCount);
		ours.allowance().shrink(ours.idle());
		if (ours.closed()) {
			this.peers.remove(ours.state().key(), ours);
			ours.state().set(this.index, null);
		}
	}

	void close() {
		this.closed = true;
		Set.copyOf(this.all).forEach((pooled) -> pooled.connection().close());
	}

}
