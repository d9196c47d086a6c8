package dev.pingora.upstream;

import dev.pingora.transport.LocalAddress;
import dev.pingora.transport.UnixAddress;
import org.jspecify.annotations.Nullable;

/**
 * Who a connection goes to, and where it comes from: connections are shared between peers
 * whose keys are equal, and between no others. Pingora trusts a 64-bit hash here; a
 * collision would hand one peer's connection to another.
 *
 * @param host the host name or address, or {@code unix:} and the path of a Unix domain
 * socket
 * @param port the port, or 0 of a Unix domain socket
 * @param bindTo the local address, or {@code null} if the system chooses
 */
public record PeerKey(String host, int port, @Nullable LocalAddress bindTo) {

	/**
	 * The key of a peer to whom the system chooses the way.
	 * @param host the host name or address, or {@code unix:} and the path of a Unix
	 * domain socket
	 * @param port the port, or 0 of a Unix domain socket
	 */
	public PeerKey(String host, int port) {
		this(host, port, null);
	}

	/**
	 * Returns whether the peer listens at a Unix domain socket.
	 * @return whether it does
	 */
	public boolean isUnix() {
		return UnixAddress.is(this.host);
	}

	/**
	 * Returns what {@code Host} says to the peer if nobody says anything else.
	 * @return host and port (RFC 9110 section 7.2), or {@code localhost}
	 */
	public String authority() {
		if (isUnix()) {
			return "localhost";
		}
		return ((this.host.indexOf(':') >= 0) ? "[" + this.host + "]" : this.host) + ":" + this.port;
	}

	@Override
	public String toString() {
		String peer = isUnix() ? this.host : this.host + ":" + this.port;
		return (this.bindTo != null) ? peer + " from " + this.bindTo : peer;
	}

}
