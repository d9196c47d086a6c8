package dev.pingora.testkit;

/**
 * How a connection ended, as its peer sees it.
 */
public enum End {

	/** By a TCP reset: the read failed with "Connection reset". */
	RESET,

	/** Orderly: the read returned the end of the stream. */
	FIN,

	/** It did not end within the time. */
	OPEN

}
