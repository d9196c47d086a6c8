package dev.pingora.event;

import dev.pingora.error.ProxyException;
import dev.pingora.http.RequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * Observes requests. Each method is called on the event loop of the request, must return
 * at once and must not throw: a panic in a listener is counted and logged, and harms
 * neither the request nor the other listeners.
 *
 * <pre>
 * requestStarted
 *   retried*
 * requestFinished      once for each requestStarted
 *
 * requestRejected      a request that never began
 * loopHeld             not on an event loop: see there
 * </pre>
 */
public interface ProxyListener {

	/**
	 * A request's head has been read.
	 * @param requestId the request's number, unique in this process
	 * @param request its head; valid until {@code requestFinished}
	 * @return who observes this request further, or {@code null}
	 */
	default @Nullable RequestObserver requestStarted(long requestId, RequestHeader request) {
		return null;
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
	 * @param request what there is to tell: a view, valid during this call
	 */
	default void requestFinished(FinishedRequest request) {
	}

	/**
	 * A request was refused before it could begin; {@code requestStarted} is not called
	 * for it.
	 * @param request what is known of it
	 */
	default void requestRejected(RejectedRequest request) {
	}

	/**
	 * A call has held an event loop for too long and still does. Called on the watchdog's
	 * thread, once when the call has used up its budget and again, ever more seldom,
	 * while it goes on.
	 * @param held the call
	 */
	default void loopHeld(HeldLoop held) {
	}

}
