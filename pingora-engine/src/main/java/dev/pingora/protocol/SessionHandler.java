package dev.pingora.protocol;

/**
 * Is told of each new request by the protocols.
 */
@FunctionalInterface
public interface SessionHandler {

	/**
	 * A request's head has been read. User code doesn't run before
	 * {@link DownstreamHandler#onRequest()}.
	 * @param session the request
	 * @return who handles it
	 */
	DownstreamHandler open(DownstreamSession session);

}
