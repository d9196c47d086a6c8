package dev.pingora.protocol;

import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;

/**
 * One attempt's use of a connection to a peer, as a protocol offers it to the engine's
 * core: write the request, read the response, end.
 * <p>
 * <b>Threading.</b> All methods are called on {@link #loop()}. No method calls the
 * {@link UpstreamHandler} before it returns: what it causes is told later, on the loop.
 * <p>
 * <b>Writing.</b> {@code writeHeader writeBody* writeTrailers?}; exactly one of them
 * carries the end. Nothing is sent before {@link #flush()}. After a failure writes are
 * dropped (their buffers released) and the handler learns of it.
 * <p>
 * <b>Reading.</b> The response's head comes by itself; body and trailers come as far as
 * {@link #credit credited}.
 * <p>
 * <b>End.</b> Either {@link #recycle()} or {@link #close()} is called exactly once and
 * last.
 */
public interface UpstreamSession {

	/**
	 * Says who is told of the response. Called first, and once more if a tunnel takes
	 * over.
	 * @param handler the handler
	 */
	void start(UpstreamHandler handler);

	/**
	 * Returns where the session lives.
	 * @return the event loop
	 */
	EventLoop loop();

	/**
	 * Returns whether the connection had been used before.
	 * @return whether it came from the pool
	 */
	boolean isReused();

	/**
	 * Writes the request's head.
	 * @param header the head; hop-by-hop fields and framing are the protocol's business
	 * @param end whether there is no body
	 */
	void writeHeader(RequestHeader header, boolean end);

	/**
	 * Writes the head of a request without a body that asks to upgrade, in place of
	 * {@link #writeHeader}. If the peer agrees, {@link UpstreamHandler#onUpgrade} is
	 * called, and from then on both directions are raw octets, each with an end of its
	 * own: {@link #writeBody} writes, and what the peer sends comes as a body.
	 * @param header the head
	 * @param protocol the protocol
	 */
	void writeUpgrade(RequestHeader header, String protocol);

	/**
	 * Writes a piece of the request body.
	 * @param data the octets; the session becomes their owner, whatever happens
	 * @param end whether it is the last one
	 */
	void writeBody(ByteBuf data, boolean end);

	/**
	 * Writes the trailers and the end.
	 * @param trailers the trailers
	 */
	void writeTrailers(Headers trailers);

	/**
	 * Says whether the request's body waits for the peer's 100 (Continue). As long as it
	 * does, the peer's read timeout runs as it does behind a whole request; it waits no
	 * more when 100 has come.
	 * @param waits whether the client sends nothing before it is asked to
	 */
	void awaitContinue(boolean waits);

	/**
	 * Sends what was written.
	 */
	void flush();

	/**
	 * Allows more of the response body to be delivered; see
	 * {@link DownstreamSession#credit(int)}.
	 * @param credit how much more is welcome, positive
	 */
	void credit(int credit);

	/**
	 * Returns whether more should be written now; if not, the handler is told when it is
	 * so again.
	 * @return whether what waits to be sent is below the high water mark
	 */
	boolean isWritable();

	/**
	 * Ends the session and gives the connection back for other requests, if both
	 * directions are complete and nothing went wrong; else closes it. The response's head
	 * can't be used any more.
	 */
	void recycle();

	/**
	 * Ends the session and closes the connection. The response's head can't be used any
	 * more. The peer of a tunnel sees a reset unless both directions have ended.
	 */
	void close();

}
