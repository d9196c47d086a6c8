package dev.pingora.protocol;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

import dev.pingora.limits.Durations;
import dev.pingora.http.Ascii;

/**
 * To which protocols clients may upgrade a connection (RFC 9110 section 7.8), and how
 * long the tunnel lives that comes of it. Immutable.
 *
 * @param protocols the protocols that may be asked for, such as {@code websocket}, each a
 * name or {@code name/version}, compared in any case; none if the list is empty
 * @param idleTimeout how long both sides may be silent
 * @param halfCloseTimeout how long a side may be silent after the other has ended its
 * direction
 * @param maxLifetime how long a tunnel may live at most, or zero for any time
 */
public record UpgradeOptions(List<String> protocols, Duration idleTimeout, Duration halfCloseTimeout,
		Duration maxLifetime) {

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if one is out of range
	 */
	public UpgradeOptions {
		protocols = List.copyOf(protocols);
		protocols.forEach(UpgradeOptions::check);
		Durations.requirePositive("idleTimeout", idleTimeout);
		Durations.requirePositive("halfCloseTimeout", halfCloseTimeout);
		Durations.requireNotNegative("maxLifetime", maxLifetime);
	}

	/**
	 * Checks a protocol.
	 * @param protocol the protocol
	 * @throws IllegalArgumentException if it is none, or HTTP or TLS, within which
	 * requests would pass all routes and filters by
	 */
	private static void check(String protocol) {
		String[] parts = protocol.split("/", -1);
		boolean valid = parts.length <= 2;
		for (String part : parts) {
			valid &= !part.isEmpty() && part.chars().allMatch(Ascii::isTokenChar);
		}
		if (!valid) {
			throw new IllegalArgumentException("protocol: " + Ascii.printable(protocol)
					+ " (expected: a name of RFC 9110, or name/version, such as websocket)");
		}
		switch (parts[0].toLowerCase(Locale.ROOT)) {
			case "h2c", "http", "tls" -> throw new IllegalArgumentException(
					"protocol: " + protocol + " (expected: one in which no requests pass the routes by)");
			default -> {
			}
		}
	}

	/**
	 * Returns the defaults: {@code websocket}, 10 minutes of silence, 30 s after one side
	 * has ended, any lifetime.
	 * @return the defaults
	 */
	public static UpgradeOptions defaults() {
		return new UpgradeOptions(List.of("websocket"), Duration.ofMinutes(10), Duration.ofSeconds(30), Duration.ZERO);
	}

	/**
	 * Returns options with other protocols.
	 * @param protocols the protocols, perhaps none
	 * @return the options
	 * @throws IllegalArgumentException if one is none, or HTTP or TLS
	 */
	public UpgradeOptions withProtocols(String... protocols) {
		return new UpgradeOptions(List.of(protocols), this.idleTimeout, this.halfCloseTimeout, this.maxLifetime);
	}

	/**
	 * Returns options with another idle timeout.
	 * @param timeout the timeout, positive
	 * @return the options
	 */
	public UpgradeOptions withIdleTimeout(Duration timeout) {
		return new UpgradeOptions(this.protocols, timeout, this.halfCloseTimeout, this.maxLifetime);
	}

	/**
	 * Returns options with another half-close timeout.
	 * @param timeout the timeout, positive
	 * @return the options
	 */
	public UpgradeOptions withHalfCloseTimeout(Duration timeout) {
		return new UpgradeOptions(this.protocols, this.idleTimeout, timeout, this.maxLifetime);
	}

	/**
	 * Returns options with another lifetime.
	 * @param lifetime the lifetime, or zero for any
	 * @return the options
	 */
	public UpgradeOptions withMaxLifetime(Duration lifetime) {
		return new UpgradeOptions(this.protocols, this.idleTimeout, this.halfCloseTimeout, lifetime);
	}

}
