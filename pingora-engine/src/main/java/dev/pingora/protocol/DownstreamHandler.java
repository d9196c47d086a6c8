package dev.pingora.protocol;

import dev.pingora.error.ProxyException;
import dev.pingora.http.Headers;
import dev.pingora.panic.Panic;
import io.netty.buffer.ByteBuf;

/**
 * The engine's core as a {@link DownstreamSession} sees it. All methods are called on the
 * session's event loop, none from within a method of the session, and none after
 * {@link DownstreamSession#end}. None of them throws: each is an isolation border of its
 * own. The session may have been ended when a method returns.
 */
public interface DownstreamHandler {

	/**
	 * The request may begin. Called once, first.
	 */
	void onRequest();

	/**
	 * A piece of the request body.
	 * @param data the octets, perhaps none; the handler becomes their owner
	 * @param end whether the request ends with it
	 */
	void onBody(ByteBuf data, boolean end);

	/**
	 * The request's trailers, and its end.
	 * @param trailers the trailers; they live until {@link DownstreamSession#end}
	 */
	void onTrailers(Headers trailers);

	/**
	 * The session is writable again.
	 */
	void onWritable();

	/**
	 * A burst of deliveries is over: a good moment to flush the other side.
	 */
	void onReadComplete();

	/**
	 * The session has failed: the client is gone, broke the protocol or was too slow.
	 * Nothing else is delivered; the handler ends the session.
	 * @param error what happened; its {@code status()} is 0 if nobody can be answered
	 */
	void onFailure(ProxyException error);

	/**
	 * The codec has panicked while it worked for this session. The panic is counted
	 * already. Nothing else is delivered; the handler ends the session.
	 * @param panic what happened
	 */
	void onPanic(Panic panic);

}
