package dev.pingora.protocol;

/**
 * How far the server's end has come, as its clients' connections see it. The stages
 * follow each other in this order; some may be left out.
 */
public enum ShutdownStage {

	/** Nothing ends. */
	SERVING,

	/**
	 * Each response is announced as the last one of its connection. Connections that wait
	 * for a request go on waiting: a client may be sending one just now.
	 */
	QUIESCED,

	/**
	 * There are no new connections, and those that wait for a request are closed.
	 */
	DRAINING,

	/**
	 * The grace period is over: requests fail with {@code ErrorType.SHUTDOWN}.
	 */
	EXPIRED,

	/**
	 * What is still left is reset.
	 */
	ABORTED

}
