package dev.pingora.error;

import java.io.Serializable;
import java.util.Objects;

/**
 * What kind of failure a {@link ProxyException} is (Pingora's
 * {@code pingora-error/src/lib.rs}). The constants are the engine's own; user code makes
 * its own with {@link #custom(String)} and answers a status with
 * {@link #httpStatus(int)}. Two types are equal if name and status are.
 */
public final class ErrorType implements Serializable {

	private static final long serialVersionUID = 1L;

	/** No connection came about within the connect timeout. */
	public static final ErrorType CONNECT_TIMEDOUT = timeout("connect_timedout");

	/** The peer refused the connection. */
	public static final ErrorType CONNECT_REFUSED = network("connect_refused");

	/** There is no route to the peer. */
	public static final ErrorType CONNECT_NO_ROUTE = network("connect_no_route");

	/** Connecting failed in another way. */
	public static final ErrorType CONNECT_ERROR = network("connect_error");

	/** The peer's host name could not be resolved. */
	public static final ErrorType DNS_ERROR = network("dns_error");

	/** The peer has as many connections as it may have. */
	public static final ErrorType TOO_MANY_CONNECTIONS = new ErrorType("too_many_connections", 503, Kind.PLAIN);

	/** No backend is there to take the request. */
	public static final ErrorType NO_BACKEND = new ErrorType("no_backend", 503, Kind.PLAIN);

	/** No byte came within the read timeout. */
	public static final ErrorType READ_TIMEDOUT = timeout("read_timedout");

	/** A request body came too slowly. */
	public static final ErrorType READ_TOO_SLOW = timeout("read_too_slow");

	/** Reading failed. */
	public static final ErrorType READ_ERROR = network("read_error");

	/** No byte could be written within the write timeout. */
	public static final ErrorType WRITE_TIMEDOUT = timeout("write_timedout");

	/** The client took the response too slowly. */
	public static final ErrorType WRITE_TOO_SLOW = timeout("write_too_slow");

	/** Writing failed. */
	public static final ErrorType WRITE_ERROR = network("write_error");

	/** The other side closed the connection before the message was complete. */
	public static final ErrorType CONNECTION_CLOSED = network("connection_closed");

	/** A message head breaks RFC 9112 or RFC 9110. */
	public static final ErrorType INVALID_HTTP_HEADER = new ErrorType("invalid_http_header", 0, Kind.NETWORK);

	/** A request's target, or its host, is not one that a request may have. */
	public static final ErrorType INVALID_TARGET = new ErrorType("invalid_target", 0, Kind.NETWORK);

	/** A message's length is told in a way that can be read in two ways. */
	public static final ErrorType INVALID_FRAMING = new ErrorType("invalid_framing", 0, Kind.NETWORK);

	/** A message body has a transfer coding other than {@code chunked}. */
	public static final ErrorType UNSUPPORTED_CODING = new ErrorType("unsupported_coding", 0, Kind.NETWORK);

	/** A request line is longer than a whole head may be. */
	public static final ErrorType URI_TOO_LONG = new ErrorType("uri_too_long", 0, Kind.NETWORK);

	/** A message head is larger, or has more fields, than is allowed. */
	public static final ErrorType HEADER_TOO_LARGE = new ErrorType("header_too_large", 0, Kind.NETWORK);

	/** A message body breaks its framing. */
	public static final ErrorType INVALID_BODY = new ErrorType("invalid_body", 0, Kind.NETWORK);

	/** A request body is larger than is allowed. */
	public static final ErrorType BODY_TOO_LARGE = new ErrorType("body_too_large", 0, Kind.NETWORK);

	/** The HTTP version is not spoken here. */
	public static final ErrorType UNSUPPORTED_VERSION = new ErrorType("unsupported_version", 0, Kind.NETWORK);

	/** The request's method is one that is not forwarded. */
	public static final ErrorType METHOD_NOT_ALLOWED = new ErrorType("method_not_allowed", 405, Kind.NETWORK);

	/** The client expects something of which nothing is known here. */
	public static final ErrorType EXPECTATION_FAILED = new ErrorType("expectation_failed", 417, Kind.NETWORK);

	/** The request's target is not served on a connection like this one. */
	public static final ErrorType MISDIRECTED_REQUEST = new ErrorType("misdirected_request", 421, Kind.NETWORK);

	/** No route takes the request. */
	public static final ErrorType NO_ROUTE = new ErrorType("no_route", 404, Kind.PLAIN);

	/** The request has been here before, as its {@code Via} says. */
	public static final ErrorType LOOP_DETECTED = new ErrorType("loop_detected", 508, Kind.NETWORK);

	/** The executor for blocking calls is full. */
	public static final ErrorType EXECUTOR_FULL = new ErrorType("executor_full", 503, Kind.PLAIN);

	/** No direct memory is left for buffers. */
	public static final ErrorType OUT_OF_DIRECT_MEMORY = new ErrorType("out_of_direct_memory", 503, Kind.NETWORK);

	/** The server shuts down and its grace period is over. */
	public static final ErrorType SHUTDOWN = new ErrorType("shutdown", 503, Kind.NETWORK);

	/** Something inside the proxy failed in an anticipated way. */
	public static final ErrorType INTERNAL_ERROR = new ErrorType("internal_error", 500, Kind.PLAIN);

	private enum Kind {

		PLAIN, NETWORK, TIMEOUT

	}

	private final String name;

	private final int status;

	private final Kind kind;

	private ErrorType(String name, int status, Kind kind) {
		this.name = name;
		this.status = status;
		this.kind = kind;
	}

	private static ErrorType timeout(String name) {
		return new ErrorType(name, 0, Kind.TIMEOUT);
	}

	private static ErrorType network(String name) {
		return new ErrorType(name, 0, Kind.NETWORK);
	}

	/**
	 * A failure that is answered with the given status (Pingora's {@code HTTPStatus(n)}).
	 * @param status the status, 400 to 599
	 * @return the type
	 * @throws IllegalArgumentException if the status is out of range
	 */
	public static ErrorType httpStatus(int status) {
		if (status < 400 || status > 599) {
			throw new IllegalArgumentException("status: " + status + " (expected: 400..599)");
		}
		return new ErrorType("http_status", status, Kind.PLAIN);
	}

	/**
	 * A failure of the user's own kind (Pingora's {@code Custom}). The name becomes a
	 * meter's tag: take it from a small, fixed set.
	 * @param name the name, not blank
	 * @return the type
	 * @throws IllegalArgumentException if the name is blank
	 */
	public static ErrorType custom(String name) {
		if (name.isBlank()) {
			throw new IllegalArgumentException("name: '" + name + "' (expected: not blank)");
		}
		return new ErrorType(name, 0, Kind.PLAIN);
	}

	/**
	 * Returns the name, as it stands in log lines and meter tags.
	 * @return the lower-case name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * Returns the status with which this type is always answered.
	 * @return the status, or 0 if the error's source decides
	 */
	public int status() {
		return this.status;
	}

	/**
	 * Returns whether time ran out.
	 * @return whether this is a timeout
	 */
	public boolean isTimeout() {
		return this.kind == Kind.TIMEOUT;
	}

	/**
	 * Returns whether this failure belongs to the daily life of a network. Such a failure
	 * carries no stack trace: it would cost much and say nothing.
	 * @return whether the network or the other side's bytes are the cause
	 */
	public boolean isNetwork() {
		return this.kind != Kind.PLAIN;
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof ErrorType that && this.name.equals(that.name) && this.status == that.status;
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.name, this.status);
	}

	@Override
	public String toString() {
		return "http_status".equals(this.name) ? this.name + "(" + this.status + ")" : this.name;
	}

}
