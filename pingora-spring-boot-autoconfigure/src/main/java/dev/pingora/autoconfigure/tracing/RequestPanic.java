package dev.pingora.autoconfigure.tracing;

/**
 * Marks the span of a request that has panicked. It has no stack: what was thrown is
 * reported elsewhere, under the panic's number.
 */
final class RequestPanic extends RuntimeException {

	private static final long serialVersionUID = 1L;

	RequestPanic(long id) {
		super("panic " + id, null, false, false);
	}

}
