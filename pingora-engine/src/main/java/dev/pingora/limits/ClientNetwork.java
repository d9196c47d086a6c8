package dev.pingora.limits;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * What counts as one client: an address of IPv4, or a network of 64 bits of IPv6, which
 * is the least that anybody is given (RFC 6177 section 2), so that its addresses are one
 * client's.
 */
public final class ClientNetwork {

	private ClientNetwork() {
	}

	/**
	 * Returns the client's key.
	 * @param address an address of the client's
	 * @return a number that no other client has: that of the address, or the first half
	 * of one of IPv6, where 32 leading zeros are reserved (RFC 4291 section 2.4)
	 */
	public static Long of(InetAddress address) {
		ByteBuffer octets = ByteBuffer.wrap(address.getAddress());
		return (octets.remaining() == 4) ? Integer.toUnsignedLong(octets.getInt()) : octets.getLong();
	}

	/**
	 * Returns a key as text.
	 * @param client the key
	 * @return the address, or the network such as {@code 2001:db8:0:1::/64}
	 */
	public static String text(Long client) {
		long bits = client;
		if (bits >>> 32 == 0) {
			return (bits >>> 24) + "." + (bits >>> 16 & 0xFF) + "." + (bits >>> 8 & 0xFF) + "." + (bits & 0xFF);
		}
		return Long.toHexString(bits >>> 48) + ":" + Long.toHexString(bits >>> 32 & 0xFFFF) + ":"
				+ Long.toHexString(bits >>> 16 & 0xFFFF) + ":" + Long.toHexString(bits & 0xFFFF) + "::/64";
	}

}
