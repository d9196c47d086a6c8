package dev.pingora.error;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * An anticipated failure: Rust's {@code Err} in Pingora (its
 * {@code pingora-error/src/lib.rs}). It is checked, so that the compiler tells user code
 * to prefer results over panics. Everything else that is thrown is a panic and ends the
 * request without an answer.
 * <p>
 * An instance is immutable and may be handed between threads. Failures of the network
 * carry no stack trace.
 */
public final class ProxyException extends Exception {

	private static final long serialVersionUID = 1L;

	private final ErrorType type;

	private final ErrorSource source;

	private final Retry retry;

	private ProxyException(ErrorType type, ErrorSource source, Retry retry, String context, @Nullable Throwable cause) {
		super(context, cause, true, !type.isNetwork());
		this.type = Objects.requireNonNull(type, "type");
		this.source = Objects.requireNonNull(source, "source");
		this.retry = retry;
	}

	/**
	 * A failure on the server's side.
	 * @param type what failed
	 * @param context what was being done, for the log
	 * @return the exception, not retryable
	 */
	public static ProxyException upstream(ErrorType type, String context) {
		return new ProxyException(type, ErrorSource.UPSTREAM, Retry.NEVER, context, null);
	}

	/**
	 * A failure on the client's side.
	 * @param type what failed
	 * @param context what was being done, for the log
	 * @return the exception, not retryable
	 */
	public static ProxyException downstream(ErrorType type, String context) {
		return new ProxyException(type, ErrorSource.DOWNSTREAM, Retry.NEVER, context, null);
	}

	/**
	 * A failure inside the proxy.
	 * @param type what failed
	 * @param context what was being done, for the log
	 * @return the exception, not retryable
	 */
	public static ProxyException internal(ErrorType type, String context) {
		return new ProxyException(type, ErrorSource.INTERNAL, Retry.NEVER, context, null);
	}

	/**
	 * A refusal with a status, the usual way for a filter to end a request with an error.
	 * @param status the status of the answer, 400 to 599
	 * @param context why, for the log; it is not shown to the client
	 * @return the exception, not retryable
	 * @throws IllegalArgumentException if the status is out of range
	 */
	public static ProxyException httpStatus(int status, String context) {
		return internal(ErrorType.httpStatus(status), context);
	}

	/**
	 * Returns a copy that has a cause.
	 * @param cause what led to this failure
	 * @return the copy
	 */
	public ProxyException causedBy(Throwable cause) {
		return copy(this.retry, context(), cause);
	}

	/**
	 * Returns a copy with more context before the present one.
	 * @param context what was being done
	 * @return the copy
	 */
	public ProxyException withContext(String context) {
		return copy(this.retry, context + ": " + context(), getCause());
	}

	/**
	 * Returns a copy with another retry verdict.
	 * @param retry the verdict
	 * @return the copy
	 */
	public ProxyException withRetry(Retry retry) {
		return copy(Objects.requireNonNull(retry, "retry"), context(), getCause());
	}

	/**
	 * Returns a copy that may be retried always.
	 * @return the copy
	 */
	public ProxyException retryable() {
		return withRetry(Retry.ALWAYS);
	}

	private ProxyException copy(Retry retry, String context, @Nullable Throwable cause) {
		ProxyException copy = new ProxyException(this.type, this.source, retry, context, cause);
		copy.setStackTrace(getStackTrace());
		return copy;
	}

	/**
	 * Returns what kind of failure this is.
	 * @return the type
	 */
	public ErrorType type() {
		return this.type;
	}

	/**
	 * Returns on which side it came into being.
	 * @return the source
	 */
	public ErrorSource source() {
		return this.source;
	}

	/**
	 * Returns whether the attempt may be made again.
	 * @return the verdict
	 */
	public Retry retry() {
		return this.retry;
	}

	/**
	 * Returns what was being done.
	 * @return the context
	 */
	public String context() {
		return Objects.requireNonNull(super.getMessage());
	}

	/**
	 * Returns the status with which the proxy answers this failure unless
	 * {@code failToProxy} says otherwise: {@code httpStatus(n)} is n; upstream 502, its
	 * timeouts 504; downstream 400, or 0 where the client is gone; internal 500.
	 * @return the status, or 0 for "there is nobody to answer"
	 */
	public int status() {
		if (this.type.status() != 0) {
			return this.type.status();
		}
		return switch (this.source) {
			case UPSTREAM -> this.type.isTimeout() ? 504 : 502;
			case DOWNSTREAM -> downstreamStatus();
			case INTERNAL -> 500;
		};
	}

	private int downstreamStatus() {
		return switch (this.type.name()) {
			case "header_too_large" -> 431; // RFC 6585 section 5
			case "uri_too_long" -> 414; // RFC 9110 section 15.5.15
			case "body_too_large" -> 413; // RFC 9110 section 15.5.14
			case "unsupported_coding" -> 501; // RFC 9112 section 6.1
			case "unsupported_version" -> 505; // RFC 9110 section 15.6.6
			case "read_timedout", "read_too_slow" -> 408; // RFC 9110 section 15.5.9
			case "connection_closed", "read_error", "write_error", "write_timedout", "write_too_slow" -> 0;
			default -> 400;
		};
	}

	@Override
	public String getMessage() {
		return this.source.tag() + " " + this.type + ": " + context();
	}

}
