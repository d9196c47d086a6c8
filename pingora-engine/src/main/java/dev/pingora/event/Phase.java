package dev.pingora.event;

/**
 * The steps of a request's life at which user code may run, in order (Pingora's
 * {@code proxy_trait.rs}). This is the one list; {@code docs/phases.md} is held to it by
 * a test.
 */
public enum Phase {

	/** Makes the user's own per-request object. */
	NEW_CONTEXT("newContext", false),

	/** Before anything else, for what must come even before other filters. */
	EARLY_REQUEST_FILTER("earlyRequestFilter", true),

	/** Checks or answers the request. */
	REQUEST_FILTER("requestFilter", true),

	/** Decides whether an upstream is called at all. */
	PROXY_UPSTREAM_FILTER("proxyUpstreamFilter", true),

	/** Chooses the peer. */
	UPSTREAM_PEER("upstreamPeer", true),

	/** A connection to the peer is there. */
	CONNECTED_TO_UPSTREAM("connectedToUpstream", true),

	/** No connection to the peer came about. */
	FAIL_TO_CONNECT("failToConnect", true),

	/** Edits the head that is sent upstream. */
	UPSTREAM_REQUEST_FILTER("upstreamRequestFilter", true),

	/** Sees and edits each piece of the request body. */
	REQUEST_BODY_FILTER("requestBodyFilter", false),

	/** Sees the response head as it came from upstream. */
	UPSTREAM_RESPONSE_FILTER("upstreamResponseFilter", true),

	/** Sees each piece of the response body as it came from upstream. */
	UPSTREAM_RESPONSE_BODY_FILTER("upstreamResponseBodyFilter", false),

	/** Sees the response trailers as they came from upstream. */
	UPSTREAM_RESPONSE_TRAILER_FILTER("upstreamResponseTrailerFilter", false),

	/** Edits the response head before it goes to the client. */
	RESPONSE_FILTER("responseFilter", true),

	/** Edits each piece of the response body before it goes to the client. */
	RESPONSE_BODY_FILTER("responseBodyFilter", false),

	/** Edits the response trailers before they go to the client. */
	RESPONSE_TRAILER_FILTER("responseTrailerFilter", false),

	/** Something failed after the connection to the peer had come about. */
	ERROR_WHILE_PROXY("errorWhileProxy", true),

	/** The request has failed for good; decides on the answer. */
	FAIL_TO_PROXY("failToProxy", true),

	/** The request has ended, however it ended. */
	LOGGING("logging", true),

	/** Callback: the request in one line, for the error log. */
	REQUEST_SUMMARY("requestSummary", false),

	/** Callback: whether the error log keeps silent about this failure. */
	SUPPRESS_ERROR_LOG("suppressErrorLog", false);

	private final String tag;

	private final boolean mayBlock;

	Phase(String tag, boolean mayBlock) {
		this.tag = tag;
		this.mayBlock = mayBlock;
	}

	/**
	 * Returns the phase's name, which is that of the method in the user's interfaces.
	 * @return the name
	 */
	public String tag() {
		return this.tag;
	}

	/**
	 * Returns whether the phase may be marked as blocking, to run on the executor.
	 * Bodies, trailers and callbacks stay on the event loop.
	 * @return whether it may block
	 */
	public boolean mayBlock() {
		return this.mayBlock;
	}

}
