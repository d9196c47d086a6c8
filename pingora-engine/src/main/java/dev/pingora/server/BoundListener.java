package dev.pingora.server;

import java.util.Map;

import dev.pingora.protocol.ClosingLimit;

/**
 * A listener that accepts clients.
 *
 * @param name its name
 * @param address the address that it is bound to, or {@code unix:} and the path of a Unix
 * domain socket
 * @param port the port that it is bound to, or 0 for a Unix domain socket
 * @param connections how many connections there are now
 * @param maxConnections how many there may be at once
 * @param pauses how often accepting has paused since there were so many
 * @param rejected how many connections were reset at once since their client had enough
 * @param closed how many connections each limit has closed, without a request that failed
 * by it; all limits are there
 */
public record BoundListener(String name, String address, int port, int connections, int maxConnections, long pauses,
		long rejected, Map<ClosingLimit, Long> closed) {

	@Override
	public String toString() {
		return (this.port != 0) ? this.address + ":" + this.port : this.address;
	}

}
