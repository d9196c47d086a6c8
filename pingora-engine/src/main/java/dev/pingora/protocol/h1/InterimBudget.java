package dev.pingora.protocol.h1;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;

/**
 * How many interim responses may come before the final one, and how large they may be
 * together: a server may send as many as it likes (RFC 9110 section 15.2), but it must
 * end. Owned by the channel's event loop.
 */
final class InterimBudget {

	private static final int MOST = 32;

	private final HeadLimits limits;

	private int responses;

	private int spent;

	/**
	 * Makes a budget.
	 * @param limits how many octets the heads may have together: as many as one
	 */
	InterimBudget(HeadLimits limits) {
		this.limits = limits;
	}

	/**
	 * A request begins.
	 */
	void start() {
		this.responses = 0;
		this.spent = 0;
	}

	/**
	 * An interim response has come.
	 * @param octets the size of its head
	 * @throws ProxyException if there are too many
	 */
	void spend(int octets) throws ProxyException {
		if (++this.responses > MOST) {
			throw ProxyException.upstream(ErrorType.INVALID_HTTP_HEADER,
					"response: more than " + MOST + " interim responses");
		}
		this.spent += octets;
		if (this.spent > this.limits.size()) {
			throw ProxyException.upstream(ErrorType.HEADER_TOO_LARGE,
					"response: interim responses of more than " + this.limits.size() + " octets");
		}
	}

}
