package dev.pingora.connector;

/**
 * The connections to one peer, over all event loops, at one moment.
 *
 * @param peer the peer's host and port, or {@link #OTHER}
 * @param active how many are in use or being made
 * @param idle how many wait for a request
 * @param connects how many came about since the start
 * @param reuses how often a request took one that was idle, since the start
 * @param borrows how many of these reuses took one of another event loop
 */
public record PoolStatus(String peer, int active, int idle, long connects, long reuses, long borrows) {

	/** Stands for all peers that came after a thousand others. */
	public static final String OTHER = "other";

}
