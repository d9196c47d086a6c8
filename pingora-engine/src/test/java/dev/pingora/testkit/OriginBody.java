package dev.pingora.testkit;

/**
 * A request's body at the origin. Written by the connection's thread, read by all.
 */
public final class OriginBody {

	private volatile byte[] octets = new byte[0];

	private volatile Fields trailers = Fields.NONE;

	private volatile boolean complete;

	OriginBody() {
	}

	void complete(byte[] octets, Fields trailers) {
		this.octets = octets;
		this.trailers = trailers;
		this.complete = true;
	}

	/**
	 * Returns whether the body has been received to its end.
	 * @return whether it has
	 */
	public boolean isComplete() {
		return this.complete;
	}

	/**
	 * Returns the octets, without waiting.
	 * @return the octets, none before the end
	 */
	public byte[] octets() {
		return this.octets;
	}

	/**
	 * Returns the trailers, without waiting.
	 * @return the trailers, none before the end
	 */
	public Fields trailers() {
		return this.trailers;
	}

}
