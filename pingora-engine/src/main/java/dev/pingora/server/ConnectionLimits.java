package dev.pingora.server;

import java.util.List;

import dev.pingora.limits.AddressRange;

/**
 * How many connections one client may have at a listener. Immutable.
 *
 * @param maxPerAddress how many connections there may be at once from an address, or from
 * a network of 64 bits of IPv6; further ones are reset. 0 for any number
 * @param unlimited the addresses to which this does not apply
 */
public record ConnectionLimits(int maxPerAddress, List<AddressRange> unlimited) {

	private static final ConnectionLimits DEFAULTS = new ConnectionLimits(1024, List
		.of("127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
				"fc00::/7", "fe80::/10")
		.stream()
		.map(AddressRange::of)
		.toList());

	/**
	 * Checks the limits.
	 * @throws IllegalArgumentException if the number is negative
	 */
	public ConnectionLimits {
		if (maxPerAddress < 0) {
			throw new IllegalArgumentException(
					"maxPerAddress: " + maxPerAddress + " (expected: >= 1, or 0 for any number)");
		}
		unlimited = List.copyOf(unlimited);
	}

	/**
	 * Returns the defaults: 1024 connections from a public address, any number from
	 * loopback, private, shared (RFC 6598) and link-local ones, where one's own load
	 * balancers are: many clients come from one address there.
	 * @return the defaults
	 */
	public static ConnectionLimits defaults() {
		return DEFAULTS;
	}

	/**
	 * Returns these limits with another number.
	 * @param limit the most connections of an address, or 0 for any number
	 * @return the limits
	 * @throws IllegalArgumentException if it is negative
	 */
	public ConnectionLimits withMaxPerAddress(int limit) {
		return new ConnectionLimits(limit, this.unlimited);
	}

	/**
	 * Returns these limits with other exempt addresses.
	 * @param ranges the addresses that are not limited
	 * @return the limits
	 */
	public ConnectionLimits withUnlimited(List<AddressRange> ranges) {
		return new ConnectionLimits(this.maxPerAddress, ranges);
	}

}
