package dev.pingora.transport;

import org.jspecify.annotations.Nullable;

/**
 * How a connecting socket is set up. Nothing of it concerns Unix domain sockets.
 * Immutable.
 * <p>
 * Follows Pingora's {@code BindTo} and {@code tcp_fast_open}
 * (pingora-core/src/connectors/l4.rs).
 *
 * @param bindTo where the connection comes from, or {@code null} for what the system
 * chooses
 * @param fastOpen whether the request may go out with the first packet (RFC 7413), once
 * the peer is known. What such a packet asks for may come twice, and a peer that refuses
 * it is noticed only afterwards, as one that breaks the connection
 */
public record DialOptions(@Nullable LocalAddress bindTo, boolean fastOpen) {

	private static final DialOptions DEFAULTS = new DialOptions(null, false);

	/**
	 * Returns the defaults: neither is set.
	 * @return the defaults
	 */
	public static DialOptions defaults() {
		return DEFAULTS;
	}

	/**
	 * Changes where connections come from.
	 * @param bindTo the address, or {@code null} for what the system chooses
	 * @return the changed options
	 */
	public DialOptions bindTo(@Nullable LocalAddress bindTo) {
		return new DialOptions(bindTo, this.fastOpen);
	}

	/**
	 * Changes whether requests may go out with the first packet.
	 * @param fastOpen whether they may
	 * @return the changed options
	 */
	public DialOptions fastOpen(boolean fastOpen) {
		return new DialOptions(this.bindTo, fastOpen);
	}

}
