package dev.pingora.upstream;

/**
 * One upstream to connect to, and how. Immutable: make one per backend and share it.
 *
 * @param key who the peer is
 * @param options how to call it
 */
public record HttpPeer(PeerKey key, PeerOptions options) {

	/**
	 * A peer with the default options.
	 * @param host its host name, or its address; an IPv6 address without brackets
	 * @param port its port, 1 to 65535
	 * @return the peer
	 * @throws IllegalArgumentException if the host is blank or the port out of range
	 */
	public static HttpPeer of(String host, int port) {
		return of(host, port, PeerOptions.defaults());
	}

	/**
	 * A peer.
	 * @param host its host name, or its address; an IPv6 address without brackets
	 * @param port its port, 1 to 65535
	 * @param options how to call it
	 * @return the peer
	 * @throws IllegalArgumentException if the host is blank or the port out of range
	 */
	public static HttpPeer of(String host, int port, PeerOptions options) {
		if (host.isBlank()) {
			throw new IllegalArgumentException("host: '" + host + "' (expected: a host name or an address)");
		}
		if (port < 1 || port > 65535) {
			throw new IllegalArgumentException("port: " + port + " (expected: 1..65535)");
		}
		return new HttpPeer(new PeerKey(host, port), options);
	}

	@Override
	public String toString() {
		return this.key.toString();
	}

}
