package dev.pingora.event;

import dev.pingora.error.ProxyException;
import dev.pingora.http.RequestHeader;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;

/**
 * Observes one request: what a tracer needs. Called on the request's event loop, must
 * return at once and must not throw, as a {@link ProxyListener}.
 *
 * <pre>
 * (attemptStarted upstreamRequest? attemptFinished)*
 * blockingStarted*
 * finished             once
 * </pre>
 */
public interface RequestObserver {

	/**
	 * Returns the id of the request's trace, for logs and reports.
	 * @return the id, or {@code null}
	 */
	default @Nullable String traceId() {
		return null;
	}

	/**
	 * An attempt to call a peer begins: a connection is obtained next.
	 * @param peer the peer
	 * @param attempt 1 for the first attempt
	 */
	default void attemptStarted(HttpPeer peer, int attempt) {
	}

	/**
	 * The request is about to be sent. Last chance to add fields, such as the trace's
	 * context.
	 * @param request the head as it goes upstream
	 */
	default void upstreamRequest(RequestHeader request) {
	}

	/**
	 * The attempt has ended.
	 * @param status the status that came from upstream, or 0 if none came
	 * @param error why it failed, or {@code null} if it did not
	 */
	default void attemptFinished(int status, @Nullable ProxyException error) {
	}

	/**
	 * A blocking phase of a filter goes to the executor.
	 * @param phase the phase
	 * @param filter the filter's name
	 * @return who observes the call on the executor's thread, or {@code null}
	 */
	default @Nullable BlockingObserver blockingStarted(Phase phase, String filter) {
		return null;
	}

	/**
	 * The request has ended.
	 * @param request a view, valid during this call
	 */
	default void finished(FinishedRequest request) {
	}

	/**
	 * Observes one call on the executor. If the call is never begun, neither method is
	 * called.
	 */
	interface BlockingObserver {

		/**
		 * The call begins, on this thread.
		 */
		void begin();

		/**
		 * The call has ended, on the same thread.
		 * @param thrown what it threw, or {@code null}
		 */
		void end(@Nullable Throwable thrown);

	}

}
