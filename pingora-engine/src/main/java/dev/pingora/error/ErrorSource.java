package dev.pingora.error;

/**
 * The side on which an anticipated failure came into being. It decides the default status
 * of the answer: see {@link ProxyException#status()}.
 */
public enum ErrorSource {

	/** The server's side: connecting to it, writing to it, what it answered. */
	UPSTREAM,

	/** The client's side: what it sent, or that it went away. */
	DOWNSTREAM,

	/** The proxy itself: a limit reached, a filter that refused. */
	INTERNAL;

	/**
	 * Returns the source as it stands in log lines and meter tags.
	 * @return the lower-case name
	 */
	public String tag() {
		return switch (this) {
			case UPSTREAM -> "upstream";
			case DOWNSTREAM -> "downstream";
			case INTERNAL -> "internal";
		};
	}

}
