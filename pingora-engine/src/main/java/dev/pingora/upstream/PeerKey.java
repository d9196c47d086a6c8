package dev.pingora.upstream;

/**
 * Who a connection goes to: connections are shared between peers whose keys are equal,
 * and between no others. Pingora trusts a 64-bit hash here; a collision would hand one
 * peer's connection to another.
 *
 * @param host the host name or address
 * @param port the port
 */
public record PeerKey(String host, int port) {

	@Override
	public String toString() {
		return this.host + ":" + this.port;
	}

}
