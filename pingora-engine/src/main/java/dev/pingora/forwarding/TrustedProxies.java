package dev.pingora.forwarding;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;

import dev.pingora.http.Ascii;
import dev.pingora.limits.AddressRange;
import org.jspecify.annotations.Nullable;

/**
 * The proxies in front of this one whose word is taken: networks in CIDR notation (RFC
 * 4632, RFC 4291 section 2.3), single addresses, and {@code unix} for everybody who comes
 * through a Unix domain socket. An IPv4 address matches also where it came as an
 * IPv4-mapped IPv6 address. Immutable.
 */
public final class TrustedProxies {

	/** What an entry must be. */
	public static final String EXPECTATION = "an address, a network such as 10.0.0.0/8 or fd00::/8, or unix";

	private static final String UNIX = "unix";

	private static final TrustedProxies NONE = new TrustedProxies(List.of());

	private final List<String> entries;

	private final List<AddressRange> networks = new ArrayList<>();

	private boolean unix;

	private TrustedProxies(List<String> entries) {
		this.entries = List.copyOf(entries);
		for (int i = 0; i < entries.size(); i++) {
			String entry = entries.get(i);
			AddressRange network = network(entry);
			if (network != null) {
				this.networks.add(network);
			}
			else if (entry.equals(UNIX)) {
				this.unix = true;
			}
			else {
				throw new IllegalArgumentException(
						"trustedProxies[" + i + "]: '" + Ascii.printable(entry) + "' (expected: " + EXPECTATION + ")");
			}
		}
	}

	/**
	 * Trusts nobody.
	 * @return no proxies
	 */
	public static TrustedProxies none() {
		return NONE;
	}

	/**
	 * Trusts these proxies.
	 * @param entries addresses, networks, or {@code unix}; no names, which would have to
	 * be looked up
	 * @return the proxies
	 * @throws IllegalArgumentException if one is none of these
	 */
	public static TrustedProxies of(List<String> entries) {
		return entries.isEmpty() ? NONE : new TrustedProxies(entries);
	}

	/**
	 * Returns whether an entry is one that {@link #of} takes.
	 * @param entry the entry
	 * @return whether it is valid
	 */
	public static boolean isValid(String entry) {
		return entry.equals(UNIX) || network(entry) != null;
	}

	// Brackets and leading zeros, too, are refused in the address.
	private static @Nullable AddressRange network(String entry) {
		int slash = entry.indexOf('/');
		boolean isAddress = Node.address((slash >= 0) ? entry.substring(0, slash) : entry) != null;
		return isAddress ? AddressRange.parse(entry) : null;
	}

	/**
	 * Returns whether somebody is trusted.
	 * @param address the address, or {@code null} if it is not known
	 * @return whether it is that of a trusted proxy
	 */
	public boolean contains(@Nullable SocketAddress address) {
		if (address instanceof InetSocketAddress inet && !inet.isUnresolved()) {
			InetAddress plain = Node.unmapped(inet).getAddress();
			for (AddressRange network : this.networks) {
				if (network.contains(plain)) {
					return true;
				}
			}
			return false;
		}
		return this.unix && address instanceof UnixDomainSocketAddress;
	}

	/**
	 * Returns what was given.
	 * @return the entries
	 */
	public List<String> entries() {
		return this.entries;
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof TrustedProxies that && this.entries.equals(that.entries);
	}

	@Override
	public int hashCode() {
		return this.entries.hashCode();
	}

	@Override
	public String toString() {
		return this.entries.toString();
	}

}
