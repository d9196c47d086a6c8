package dev.pingora.protocol.h1;

import dev.pingora.upstream.PeerOptions;

/**
 * How large heads may be. Whoever reads them for one connection shares these limits.
 * Owned by the channel's event loop.
 */
final class HeadLimits {

	private int size;

	private int fields;

	/**
	 * Makes limits.
	 * @param size octets, the start line included
	 * @param fields number of fields
	 */
	HeadLimits(int size, int fields) {
		set(size, fields);
	}

	static HeadLimits of(PeerOptions options) {
		return new HeadLimits(options.maxHeaderSize(), options.maxHeaderCount());
	}

	/**
	 * Sets other limits, for the heads to come.
	 * @param size octets, the start line included
	 * @param fields number of fields
	 */
	void set(int size, int fields) {
		this.size = size;
		this.fields = fields;
	}

	int size() {
		return this.size;
	}

	int fields() {
		return this.fields;
	}

}
