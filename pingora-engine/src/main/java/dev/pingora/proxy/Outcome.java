package dev.pingora.proxy;

/**
 * What a request filter decided.
 */
public enum Outcome {

	/** The request goes on. */
	CONTINUE,

	/**
	 * The filter has answered by {@link Session#respond(int)}; the request goes no
	 * further.
	 */
	RESPONDED

}
