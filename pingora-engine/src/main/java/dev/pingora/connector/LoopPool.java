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

	private final Map<PeerKey, Deque<H1ClientConnection>> idle = new HashMap<>();

	private final Set<H1ClientConnection> all = new HashSet<>();

	private boolean closed;

	@Nullable UpstreamSession reuse(HttpPeer peer) {
		Deque<H1ClientConnection> connections = this.idle.get(peer.key());
		H1ClientConnection connection = (connections != null) ? connections.pollFirst() : null;
		return (connection != null) ? connection.open(peer) : null;
	}

	void add(H1ClientConnection connection) {
		this.all.add(connection);
		if (this.closed) {
			connection.close();
		}
	}

	@Override
	public void idle(H1ClientConnection connection) {
		if (this.closed) {
			connection.close();
		}
		else {
			this.idle.computeIfAbsent(connection.key(), (key) -> new ArrayDeque<>()).addFirst(connection);
		}
	}

	@Override
	public void closed(H1ClientConnection connection) {
		this.all.remove(connection);
		Deque<H1ClientConnection> connections = this.idle.get(connection.key());
		if (connections != null) {
			connections.remove(connection);
			if (connections.isEmpty()) {
				this.idle.remove(connection.key());
			}
		}
	}

	void close() {
		this.closed = true;
		Set.copyOf(this.all).forEach(H1ClientConnection::close);
	}

}
