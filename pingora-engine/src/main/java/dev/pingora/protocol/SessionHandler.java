package dev.pingora.protocol;

import dev.pingora.event.RejectedRequest;
import io.netty.channel.EventLoop;

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

	/**
	 * A request was refused before it could begin.
	 * @param loop the event loop of its connection, on which this is called
	 * @param request what is known of it
	 */
	default void rejected(EventLoop loop, RejectedRequest request) {
	}

}
