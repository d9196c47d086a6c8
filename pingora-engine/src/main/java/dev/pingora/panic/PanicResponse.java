package dev.pingora.panic;

/**
 * What a client sees of a panic before the response's head has gone out. Afterwards it is
 * a reset always.
 */
public enum PanicResponse {

	/** The connection (over HTTP/2: the stream) is reset. */
	RESET,

	/** A plain 500, and the connection is closed. */
	ERROR_PAGE

}
