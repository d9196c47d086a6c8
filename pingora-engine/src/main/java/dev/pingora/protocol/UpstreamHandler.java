package dev.pingora.protocol;

import dev.pingora.error.ProxyException;
import dev.pingora.http.Headers;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.Panic;
import io.netty.buffer.ByteBuf;

/**
 * The engine's core as an {@link UpstreamSession} sees it. All methods are called on the
 * session's event loop, none from within a method of the session, and none after the
 * session's end. None of them throws: each is an isolation border of its own. The session
 * may have been ended when a method returns.
 */
public interface UpstreamHandler {

	/**
	 * An interim response (1xx except 101).
	 * @param header its head; it lives during this call
	 */
	void onInformational(ResponseHeader header);

	/**
	 * The response's head.
	 * @param header the head; it lives until the session's end
	 * @param end whether there is no body
	 */
	void onHeader(ResponseHeader header, boolean end);

	/**
	 * The peer has agreed to the upgrade that was asked for: the head of its answer.
	 * @param header the head, whose status is 101; it lives until the session's end
	 */
	void onUpgrade(ResponseHeader header);

	/**
	 * A piece of the response body.
	 * @param data the octets, perhaps none; the handler becomes their owner
	 * @param end whether the response ends with it
	 */
	void onBody(ByteBuf data, boolean end);

	/**
	 * The response's trailers, and its end.
	 * @param trailers the trailers; they live until the session's end
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
	 * The session has failed. Nothing else is delivered; the handler ends the session.
	 * @param error what happened; its retry verdict is {@code IF_REUSED} as long as no
	 * octet of a response has come
	 */
	void onFailure(ProxyException error);

	/**
	 * The codec has panicked while it worked for this session. The panic is counted
	 * already. Nothing else is delivered; the handler ends the session.
	 * @param panic what happened
	 */
	void onPanic(Panic panic);

}
