package dev.pingora.protocol;

import java.util.Locale;

/**
 * A limit that closes a client's connection without a request that fails by it, so that
 * no {@link dev.pingora.event.ProxyListener} hears of it.
 */
public enum ClosingLimit {

	/** Within the time of a head, nothing of one has come on a new connection. */
	NEVER_SPOKE,

	/** No other request has begun in time. */
	IDLE_TIMEOUT,

	/** The connection has served as many requests as it may. */
	MAX_KEEPALIVE_REQUESTS,

	/** All requests have ended, but the client does not read the rest of a response. */
	WRITE_TIMEDOUT,

	/**
	 * All requests have ended, but the client reads the rest of a response too slowly.
	 */
	WRITE_TOO_SLOW;

	/**
	 * Returns the limit's name in logs and meters.
	 * @return such as {@code idle_timeout}
	 */
	public String tag() {
		return name().toLowerCase(Locale.ROOT);
	}

}
