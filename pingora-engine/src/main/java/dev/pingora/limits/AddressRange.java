package dev.pingora.limits;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

/**
 * A range of IP addresses in CIDR notation (RFC 4632 section 3.1, RFC 4291 section 2.3):
 * {@code 10.0.0.0/8}, {@code fc00::/7}, or a single address. Immutable.
 */
public final class AddressRange {

	private final String text;

	private final byte[] network;

	private final int prefix;

	private AddressRange(String text, byte[] network, int prefix) {
		this.text = text;
		this.network = network;
		this.prefix = prefix;
	}

	/**
	 * Reads a range.
	 * @param text an IP address, or one with the length of the prefix; the bits behind
	 * the prefix are ignored
	 * @return the range
	 * @throws IllegalArgumentException if it is neither
	 */
	public static AddressRange of(String text) {
		AddressRange range = parse(text);
		if (range == null) {
			throw new IllegalArgumentException(
					"range: '" + text + "' (expected: an IP address or a range such as 10.0.0.0/8 or fc00::/7)");
		}
		return range;
	}

	/**
	 * Reads a range as {@link #of} does.
	 * @param text an IP address, or one with the length of the prefix
	 * @return the range, or {@code null} if it is neither
	 */
	public static @Nullable AddressRange parse(String text) {
		int slash = text.indexOf('/');
		byte[] network = literal((slash < 0) ? text : text.substring(0, slash));
		if (network == null) {
			return null;
		}
		int bits = network.length * 8;
		if (slash < 0) {
			return new AddressRange(text, network, bits);
		}
		String length = text.substring(slash + 1);
		int prefix = length.matches("[0-9]{1,3}") ? Integer.parseInt(length) : -1;
		return (prefix >= 0 && prefix <= bits) ? new AddressRange(text, network, prefix) : null;
	}

	// No name is ever looked up.
	private static byte @Nullable [] literal(String address) {
		byte[] octets = (address.indexOf('%') < 0) ? NetUtil.createByteArrayFromIpAddressString(address) : null;
		if (octets == null) {
			return null;
		}
		try {
			return InetAddress.getByAddress(octets).getAddress(); // unmaps
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException("address of " + octets.length + " octets", ex);
		}
	}

	/**
	 * Returns whether an address is in this range.
	 * @param address the address; one of IPv4 is never in a range of IPv6
	 * @return whether it is
	 */
	public boolean contains(InetAddress address) {
		byte[] octets = address.getAddress();
		if (octets.length != this.network.length) {
			return false;
		}
		int whole = this.prefix / 8;
		for (int i = 0; i < whole; i++) {
			if (octets[i] != this.network[i]) {
				return false;
			}
		}
		int rest = this.prefix % 8;
		return rest == 0 || ((octets[whole] ^ this.network[whole]) & (0xFF << (8 - rest)) & 0xFF) == 0;
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof AddressRange that && this.prefix == that.prefix
				&& Arrays.equals(this.network, that.network);
	}

	@Override
	public int hashCode() {
		return Arrays.hashCode(this.network) * 31 + this.prefix;
	}

	@Override
	public String toString() {
		return this.text;
	}

}
