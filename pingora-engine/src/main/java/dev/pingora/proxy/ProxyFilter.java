package dev.pingora.proxy;

import dev.pingora.error.ProxyException;
import dev.pingora.http.BodyChunk;
import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;

/**
 * A piece of logic on a route: implements some of a request's phases, for all routes or
 * for those that name it. One instance serves all requests at once.
 * <p>
 * Filters run in the order of their route up to the upstream, and in reverse order from
 * {@code upstreamResponseFilter} on. What a filter anticipates it throws as
 * {@link ProxyException}: the request fails with an answer. Anything else that it throws
 * is a panic: the request ends with a reset, and nothing else is touched. Every phase
 * runs on the request's event loop and must not block, unless it is marked
 * {@link Blocking}.
 * <p>
 * The methods are those of Pingora's {@code proxy_trait.rs}, in order of
 * {@link dev.pingora.event.Phase}. Only the methods that a class overrides are called.
 */
public interface ProxyFilter {

	/**
	 * Prepares what the filter keeps for the request, as attributes of the session.
	 * @param session the request
	 */
	default void newContext(Session session) {
	}

	/**
	 * Runs before any {@link #requestFilter}.
	 * @param session the request
	 * @throws ProxyException to fail the request
	 */
	default void earlyRequestFilter(Session session) throws ProxyException {
	}

	/**
	 * Checks or answers the request.
	 * @param session the request
	 * @return {@link Outcome#CONTINUE}, or what {@link Session#respond(int)} returned
	 * @throws ProxyException to fail the request
	 */
	default Outcome requestFilter(Session session) throws ProxyException {
		return Outcome.CONTINUE;
	}

	/**
	 * Decides whether an upstream is called at all.
	 * @param session the request
	 * @return {@link Outcome#CONTINUE}, or what {@link Session#respond(int)} returned
	 * @throws ProxyException to fail the request
	 */
	default Outcome proxyUpstreamFilter(Session session) throws ProxyException {
		return Outcome.CONTINUE;
	}

	/**
	 * Chooses the peer of the next attempt. The first filter that names one decides;
	 * where none does, the route's upstream chooses.
	 * @param session the request
	 * @return whom to call and how, or {@code null} to leave the choice to others
	 * @throws ProxyException to fail the request
	 */
	default @Nullable HttpPeer upstreamPeer(Session session) throws ProxyException {
		return null;
	}

	/**
	 * A connection to the peer is there, new or from the pool.
	 * @param session the request
	 * @param peer the peer
	 * @param reused whether the connection had been used before
	 * @throws ProxyException to fail the attempt
	 */
	default void connectedToUpstream(Session session, HttpPeer peer, boolean reused) throws ProxyException {
	}

	/**
	 * No connection to the peer came about.
	 * @param session the request
	 * @param peer the peer
	 * @param error why
	 * @return the failure to go on with; made {@linkplain ProxyException#retryable()
	 * retryable}, another attempt is made
	 */
	default ProxyException failToConnect(Session session, HttpPeer peer, ProxyException error) {
		return error;
	}

	/**
	 * Edits the head that goes upstream. The session's own request stays as it is.
	 * @param session the request
	 * @param upstreamRequest the head to edit
	 * @throws ProxyException to fail the request
	 */
	default void upstreamRequestFilter(Session session, RequestHeader upstreamRequest) throws ProxyException {
	}

	/**
	 * Sees and edits a piece of the request body. Where the length changes, remove
	 * {@code Content-Length} in {@link #upstreamRequestFilter}.
	 * @param session the request
	 * @param chunk the piece
	 * @throws ProxyException to fail the request
	 */
	default void requestBodyFilter(Session session, BodyChunk chunk) throws ProxyException {
	}

	/**
	 * Sees and edits the response's head as it came from upstream.
	 * @param session the request
	 * @param response the head
	 * @throws ProxyException to fail the request
	 */
	default void upstreamResponseFilter(Session session, ResponseHeader response) throws ProxyException {
	}

	/**
	 * Sees and edits a piece of the response body as it came from upstream.
	 * @param session the request
	 * @param chunk the piece
	 * @throws ProxyException to abort the response
	 */
	default void upstreamResponseBodyFilter(Session session, BodyChunk chunk) throws ProxyException {
	}

	/**
	 * Sees and edits the response's trailers as they came from upstream.
	 * @param session the request
	 * @param trailers the trailers
	 * @throws ProxyException to abort the response
	 */
	default void upstreamResponseTrailerFilter(Session session, Headers trailers) throws ProxyException {
	}

	/**
	 * Edits the response's head before it goes to the client.
	 * @param session the request
	 * @param response the head
	 * @throws ProxyException to fail the request
	 */
	default void responseFilter(Session session, ResponseHeader response) throws ProxyException {
	}

	/**
	 * Edits a piece of the response body before it goes to the client. Where the length
	 * changes, remove {@code Content-Length} in {@link #responseFilter}.
	 * @param session the request
	 * @param chunk the piece
	 * @throws ProxyException to abort the response
	 */
	default void responseBodyFilter(Session session, BodyChunk chunk) throws ProxyException {
	}

	/**
	 * Edits the response's trailers before they go to the client.
	 * @param session the request
	 * @param trailers the trailers
	 * @throws ProxyException to abort the response
	 */
	default void responseTrailerFilter(Session session, Headers trailers) throws ProxyException {
	}

	/**
	 * Something failed after the connection to the peer had come about.
	 * @param session the request
	 * @param failure the attempt that failed
	 * @return the failure to go on with; made {@linkplain ProxyException#retryable()
	 * retryable}, another attempt is made if nothing went to the client yet and the
	 * request body can be sent again
	 */
	default ProxyException errorWhileProxy(Session session, FailedAttempt failure) {
		return failure.error();
	}

	/**
	 * The request has failed for good, and nothing went to the client yet.
	 * @param session the request
	 * @param error what failed
	 * @param status the status that is to be answered, 0 if there is nobody to answer
	 * @return the status to answer, 400 to 599, or 0 to drop the connection
	 */
	default int failToProxy(Session session, ProxyException error, int status) {
		return status;
	}

	/**
	 * The request has ended, however it ended.
	 * @param session the request
	 * @param end how it ended
	 */
	default void logging(Session session, RequestEnd end) {
	}

	/**
	 * Returns the request in one line, for the error log. The first filter that names one
	 * decides.
	 * @param session the request
	 * @return one line without secrets, or {@code null} to leave it to others
	 */
	default @Nullable String requestSummary(Session session) {
		return null;
	}

	/**
	 * Returns whether the error log keeps silent about a failure.
	 * @param session the request
	 * @param error what failed
	 * @return whether to keep silent
	 */
	default boolean suppressErrorLog(Session session, ProxyException error) {
		return false;
	}

}
