package dev.pingora.connector;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import dev.pingora.protocol.UpstreamSession;
import dev.pingora.protocol.h1.H1ClientConnection;
import dev.pingora.upstream.HttpPeer;
import dev.pingora.upstream.PeerKey;
import org.jspecify.annotations.Nullable;

/**
 * The upstream connections of one event loop: those in use, and the idle ones by peer,
 * the most recently used first, since it is the least likely to be stale. Owned by the
 * loop.
 */
final class LoopPool implements H1ClientConnection.Owner {

	private final PeerStatistics statistics;

	private final Map<PeerKey, Idle> idle = new HashMap<>();

	private final Set<H1ClientConnection> all = new HashSet<>();

	private boolean closed;

	/**
	 * The idle connections to one peer.
	 *
	 * @param connections the connections, the most recently used first
	 * @param counters the peer's counters
	 */
	private record Idle(Deque<H1ClientConnection> connections, PeerCounters counters) {
	}

	LoopPool(PeerStatistics statistics) {
		this.statistics = statistics;
	}

	@Nullable UpstreamSession reuse(HttpPeer peer) {
		Idle idle = this.idle.get(peer.key());
		H1ClientConnection connection = (idle != null) ? idle.connections().pollFirst() : null;
		if (idle == null || connection == null) {
			return null;
		}
		idle.counters().reused();
		return connection.open(peer);
	}

	void add(H1ClientConnection connection) {
		this.all.add(connection);
		this.statistics.of(connection.key()).connected();
		if (this.closed) {
			connection.close();
		}
	}

	@Override
	public void idle(H1ClientConnection connection) {
		if (this.closed) {
			connection.close();
			return;
		}
		Idle idle = this.idle.computeIfAbsent(connection.key(),
				(key) -> new Idle(new ArrayDeque<>(), this.statistics.of(key)));
		idle.connections().addFirst(connection);
		idle.counters().becameIdle();
	}

	@Override
	public void closed(H1ClientConnection connection) {
		this.all.remove(connection);
		Idle idle = this.idle.get(connection.key());
		if (idle == null) {
			return;
		}
		if (idle.connections().remove(connection)) {
			idle.counters().closedIdle();
		}
		if (idle.connections().isEmpty()) {
			this.idle.remove(connection.key());
		}
	}

	void close() {
		this.closed = true;
		Set.copyOf(this.all).forEach(H1ClientConnection::close);
	}

}
