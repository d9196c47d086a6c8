package dev.pingora.upstream;

import java.util.Objects;

import dev.pingora.transport.LocalAddress;
import dev.pingora.transport.UnixAddress;

/**
 * One upstream to connect to, and how. Immutable: make one per backend and share it.
 *
 * @param key who the peer is
 * @param options how to call it
 */
public record HttpPeer(PeerKey key, PeerOptions options) {

	/**
	 * Checks that key and options tell of the same local address.
	 * @throws IllegalArgumentException if they don't
	 */
	public HttpPeer {
		LocalAddress bindTo = key.isUnix() ? null : options.dial().bindTo();
		if (!Objects.equals(key.bindTo(), bindTo)) {
			throw new IllegalArgumentException("key.bindTo: " + key.bindTo() + " (expected: " + bindTo + ")");
		}
	}

	/**
	 * A peer with the default options.
	 * @param host its host name, or its address; an IPv6 address without brackets
	 * @param port its port, 1 to 65535
	 * @return the peer
	 * @throws IllegalArgumentException if the host is empty, the path of a Unix domain
	 * socket, or has characters that hosts don't have, or if the port is out of range
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
	 * @throws IllegalArgumentException if the host is empty, the path of a Unix domain
	 * socket, or has characters that hosts don't have, or if the port is out of range
	 */
	public static HttpPeer of(String host, int port, PeerOptions options) {
		if (host.isEmpty() || UnixAddress.is(host) || !host.chars().allMatch(HttpPeer::isHostChar)) {
			throw new IllegalArgumentException("host: '" + printable(host) + "' (expected: a host name or an address)");
		}
		if (port < 1 || port > 65535) {
			throw new IllegalArgumentException("port: " + port + " (expected: 1..65535)");
		}
		return new HttpPeer(new PeerKey(host, port, options.dial().bindTo()), options);
	}

	// A name (RFC 3986 section 3.2.2), or an IPv6 address, perhaps with a zone. A host
	// may
	// come from elsewhere, and goes into Host and into logs.
	private static boolean isHostChar(int c) {
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
				|| "-._~!$&'()*+;=%:".indexOf(c) >= 0;
	}

	private static String printable(String host) {
		return host.replaceAll("[^\\x20-\\x7e]", "?");
	}

	/**
	 * A peer at a Unix domain socket, with the default options.
	 * @param path the socket's absolute path
	 * @return the peer
	 * @throws IllegalArgumentException if the path is not absolute, too long, or has
	 * control characters
	 */
	public static HttpPeer unix(String path) {
		return unix(path, PeerOptions.defaults());
	}

	/**
	 * A peer at a Unix domain socket. Options that concern TCP mean nothing to it.
	 * @param path the socket's absolute path
	 * @param options how to call it
	 * @return the peer
	 * @throws IllegalArgumentException if the path is not absolute, too long, or has
	 * control characters
	 */
	public static HttpPeer unix(String path, PeerOptions options) {
		return new HttpPeer(new PeerKey(UnixAddress.PREFIX + UnixAddress.path(UnixAddress.PREFIX + path), 0), options);
	}

	@Override
	public String toString() {
		return this.key.toString();
	}

}
