package dev.pingora.proxy;

import dev.pingora.error.ProxyException;
import dev.pingora.http.BodyChunk;
import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.upstream.HttpPeer;

/**
 * A whole proxy of one's own, as in Pingora: {@link #newContext()} and
 * {@link #upstreamPeer} are all that must be written. One instance serves all requests at
 * once; what belongs to one request lives in its context.
 * <p>
 * Rules for throwing and blocking are those of {@link ProxyFilter}, and so are the
 * phases. Only the methods that a class overrides are called.
 *
 * @param <C> the user's own per-request object
 */
public interface ProxyHttp<C> {

	/**
	 * Makes the per-request object. It is used by one thread at a time.
	 * @return the context
	 */
	C newContext();

	/**
	 * Runs before {@link #requestFilter}.
	 * @param session the request
	 * @param context the request's context
	 * @throws ProxyException to fail the request
	 */
	default void earlyRequestFilter(Session session, C context) throws ProxyException {
	}

	/**
	 * Checks or answers the request.
	 * @param session the request
	 * @param context the request's context
	 * @return {@link Outcome#CONTINUE}, or what {@link Session#respond(int)} returned
	 * @throws ProxyException to fail the request
	 */
	default Outcome requestFilter(Session session, C context) throws ProxyException {
		return Outcome.CONTINUE;
	}

	/**
	 * Decides whether an upstream is called at all.
	 * @param session the request
	 * @param context the request's context
	 * @return {@link Outcome#CONTINUE}, or what {@link Session#respond(int)} returned
	 * @throws ProxyException to fail the request
	 */
	default Outcome proxyUpstreamFilter(Session session, C context) throws ProxyException {
		return Outcome.CONTINUE;
	}

	/**
	 * Chooses the peer. Called once for each attempt.
	 * @param session the request
	 * @param context the request's context
	 * @return whom to call and how
	 * @throws ProxyException to fail the request
	 */
	HttpPeer upstreamPeer(Session session, C context) throws ProxyException;

	/**
	 * A connection to the peer is there, new or from the pool.
	 * @param session the request
	 * @param peer the peer
	 * @param reused whether the connection had been used before
	 * @param context the request's context
	 * @throws ProxyException to fail the attempt
	 */
	default void connectedToUpstream(Session session, HttpPeer peer, boolean reused, C context) throws ProxyException {
	}

	/**
	 * No connection to the peer came about.
	 * @param session the request
	 * @param peer the peer
	 * @param context the request's context
	 * @param error why
	 * @return the failure to go on with; made {@linkplain ProxyException#retryable()
	 * retryable}, another attempt is made
	 */
	default ProxyException failToConnect(Session session, HttpPeer peer, C context, ProxyException error) {
		return error;
	}

	/**
	 * Edits the head that goes upstream. The session's own request stays as it is.
	 * @param session the request
	 * @param upstreamRequest the head to edit
	 * @param context the request's context
	 * @throws ProxyException to fail the request
	 */
	default void upstreamRequestFilter(Session session, RequestHeader upstreamRequest, C context)
			throws ProxyException {
	}

	/**
	 * Sees and edits a piece of the request body.
	 * @param session the request
	 * @param chunk the piece
	 * @param context the request's context
	 * @throws ProxyException to fail the request
	 */
	default void requestBodyFilter(Session session, BodyChunk chunk, C context) throws ProxyException {
	}

	/**
	 * Sees and edits the response's head as it came from upstream.
	 * @param session the request
	 * @param response the head
	 * @param context the request's context
	 * @throws ProxyException to fail the request
	 */
	default void upstreamResponseFilter(Session session, ResponseHeader response, C context) throws ProxyException {
	}

	/**
	 * Sees and edits a piece of the response body as it came from upstream.
	 * @param session the request
	 * @param chunk the piece
	 * @param context the request's context
	 * @throws ProxyException to abort the response
	 */
	default void upstreamResponseBodyFilter(Session session, BodyChunk chunk, C context) throws ProxyException {
	}

	/**
	 * Sees and edits the response's trailers as they came from upstream.
	 * @param session the request
	 * @param trailers the trailers
	 * @param context the request's context
	 * @throws ProxyException to abort the response
	 */
	default void upstreamResponseTrailerFilter(Session session, Headers trailers, C context) throws ProxyException {
	}

	/**
	 * Edits the response's head before it goes to the client.
	 * @param session the request
	 * @param response the head
	 * @param context the request's context
	 * @throws ProxyException to fail the request
	 */
	default void responseFilter(Session session, ResponseHeader response, C context) throws ProxyException {
	}

	/**
	 * Edits a piece of the response body before it goes to the client.
	 * @param session the request
	 * @param chunk the piece
	 * @param context the request's context
	 * @throws ProxyException to abort the response
	 */
	default void responseBodyFilter(Session session, BodyChunk chunk, C context) throws ProxyException {
	}

	/**
	 * Edits the response's trailers before they go to the client.
	 * @param session the request
	 * @param trailers the trailers
	 * @param context the request's context
	 * @throws ProxyException to abort the response
	 */
	default void responseTrailerFilter(Session session, Headers trailers, C context) throws ProxyException {
	}

	/**
	 * Something failed after the connection to the peer had come about.
	 * @param session the request
	 * @param failure the attempt that failed
	 * @param context the request's context
	 * @return the failure to go on with; see {@link ProxyFilter#errorWhileProxy}
	 */
	default ProxyException errorWhileProxy(Session session, FailedAttempt failure, C context) {
		return failure.error();
	}

	/**
	 * The request has failed for good, and nothing went to the client yet.
	 * @param session the request
	 * @param error what failed
	 * @param status the status that is to be answered, 0 if there is nobody to answer
	 * @param context the request's context
	 * @return the status to answer, 400 to 599, or 0 to drop the connection
	 */
	default int failToProxy(Session session, ProxyException error, int status, C context) {
		return status;
	}

	/**
	 * The request has ended, however it ended.
	 * @param session the request
	 * @param end how it ended
	 * @param context the request's context
	 */
	default void logging(Session session, RequestEnd end, C context) {
	}

	/**
	 * Returns the request in one line, for the error log.
	 * @param session the request
	 * @param context the request's context
	 * @return one line without secrets
	 */
	default String requestSummary(Session session, C context) {
		return session.request().toString();
	}

	/**
	 * Returns whether the error log keeps silent about a failure.
	 * @param session the request
	 * @param error what failed
	 * @param context the request's context
	 * @return whether to keep silent
	 */
	default boolean suppressErrorLog(Session session, ProxyException error, C context) {
		return false;
	}

}
