package dev.pingora.event;

import dev.pingora.error.ProxyException;

/**
 * Observes requests. Each method is called on the event loop of the request, must return
 * at once and must not throw: a panic in a listener is counted and logged, and harms
 * neither the request nor the other listeners.
 *
 * <pre>
 * requestStarted
 *   retried*
 * requestFinished      once for each requestStarted
 * </pre>
 */
public interface ProxyListener {

	/**
	 * A request's head has been read.
	 * @param requestId the request's number, unique in this process
	 */
	default void requestStarted(long requestId) {
	}

	/**
	 * An attempt has failed and another one is made.
	 * @param requestId the request's number
	 * @param error the failure of the attempt
	 */
	default void retried(long requestId, ProxyException error) {
	}

	/**
	 * A request has ended, however it ended.
	 * @param summary what there is to tell
	 */
	default void requestFinished(RequestSummary summary) {
	}

}
