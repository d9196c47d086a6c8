package dev.pingora.connector;

import org.jspecify.annotations.Nullable;

/**
 * A list of idle connections, the most recently used first. Its links are part of the
 * connections, so that putting one in and taking one out, from wherever it is, allocates
 * and searches nothing. Owned by an event loop.
 */
final class IdleList {

	private final Link head = new Link(null);

	/**
	 * A connection's place in a list.
	 */
	static final class Link {

		private final @Nullable PooledConnection connection;

		private Link newer = this;

		private Link older = this;

		Link(@Nullable PooledConnection connection) {
			this.connection = connection;
		}

		void remove() {
			this.newer.older = this.older;
			this.older.newer = this.newer;
			this.newer = this;
			this.older = this;
		}

	}

	void addNewest(Link link) {
		link.newer = this.head;
		link.older = this.head.older;
		link.older.newer = link;
		this.head.older = link;
	}

	@Nullable PooledConnection newest() {
		return this.head.older.connection;
	}

	@Nullable PooledConnection oldest() {
		return this.head.newer.connection;
	}

}
