package dev.pingora.event;

/**
 * How a request ended.
 */
public enum RequestOutcome {

	/** The response came from upstream and went to the client whole. */
	PROXIED("proxied"),

	/** A filter answered. */
	RESPONDED("responded"),

	/** It failed in an anticipated way; the client may have got an error answer. */
	ERROR("error"),

	/** The client went away before the response was complete. */
	ABORTED("aborted"),

	/** It panicked. */
	PANIC("panic");

	private final String tag;

	RequestOutcome(String tag) {
		this.tag = tag;
	}

	/**
	 * Returns the outcome as it stands in log lines and meter tags.
	 * @return the lower-case name
	 */
	public String tag() {
		return this.tag;
	}

}
