package dev.pingora.error;

/**
 * Whether the attempt that failed may be made again (Pingora's {@code RetryType}).
 * Pingora's third state, "not decided yet", can't be reached here: an exception is born
 * with its verdict.
 */
public enum Retry {

	/** The failure is final. */
	NEVER,

	/** Another attempt may be made. */
	ALWAYS,

	/**
	 * Another attempt may be made if the connection had been used before: a server may
	 * close an idle connection at the very moment at which it is taken from the pool.
	 */
	IF_REUSED;

	/**
	 * Decides for one attempt.
	 * @param reused whether the attempt ran on a connection that had been used before
	 * @return whether another attempt may be made
	 */
	public boolean shouldRetry(boolean reused) {
		return this == ALWAYS || (this == IF_REUSED && reused);
	}

}
