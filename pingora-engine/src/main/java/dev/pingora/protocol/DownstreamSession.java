package dev.pingora.protocol;

import java.net.SocketAddress;

import dev.pingora.forwarding.ClientFacts;
import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * One request as a protocol offers it to the engine's core: read the request, write the
 * response, end.
 * <p>
 * <b>Threading.</b> All methods are called on {@link #loop()}. No method calls the
 * {@link DownstreamHandler} before it returns: what it causes is told later, on the loop.
 * <p>
 * <b>Reading.</b> The head is there at once. Body and trailers come as far as
 * {@link #credit credited}, and not before.
 * <p>
 * <b>Writing.</b> {@code writeInformational* writeHeader writeBody* writeTrailers?};
 * exactly one of them carries the end; or {@code writeInformational* acceptUpgrade
 * writeBody*}. Nothing is sent before {@link #flush()} or {@link #end}. After a failure
 * writes are dropped (their buffers released) and the handler learns of it.
 * <p>
 * <b>End.</b> {@link #end} is called exactly once and last, whatever happened.
 */
public interface DownstreamSession {

	/**
	 * Returns the request's head. It lives until {@link #end}.
	 * @return the head
	 */
	RequestHeader request();

	/**
	 * Returns whether the request has a body (or may have one).
	 * @return {@code false} if the head was all of it; then nothing more is delivered
	 */
	boolean hasBody();

	/**
	 * Returns the protocol to which the client asks to upgrade, if it is allowed to.
	 * @return such as {@code websocket}, or {@code null} for none; then the request has
	 * no body
	 */
	@Nullable String upgrade();

	/**
	 * Returns the protocol's name.
	 * @return such as {@code HTTP/1.1}
	 */
	String protocol();

	/**
	 * Returns where the session lives.
	 * @return the event loop
	 */
	EventLoop loop();

	/**
	 * Returns who is connected: the client, or a proxy in front of this one.
	 * @return the address of the connection's other end: an {@code InetSocketAddress}, or
	 * a {@code UnixDomainSocketAddress}, which is empty if the client has no name
	 */
	SocketAddress remoteAddress();

	/**
	 * Returns the address at which the client was accepted.
	 * @return the address of the connection's own end
	 */
	SocketAddress localAddress();

	/**
	 * Returns what is known of the client's connection as a whole.
	 * @return the same object for all sessions of a connection
	 */
	ClientFacts client();

	/**
	 * Allows more of the body to be delivered: while there is credit, whatever comes next
	 * (octets, trailers, the end) is delivered, and each piece uses up its
	 * {@link PieceCost}. A delivery may exceed the credit by one read of the network.
	 * @param credit how much more is welcome, positive: at first a window, then the cost
	 * of what was delivered and dealt with
	 */
	void credit(int credit);

	/**
	 * Says, when a head has gone to a peer, whether the client's {@code Expect:
	 * 100-continue} went with it (RFC 9110 section 10.1.1). If it did, a client that has
	 * sent nothing of the body may wait until it is told 100, and its read timeout and
	 * rate don't run; they do as soon as it is told, or begins anyway.
	 * @param passedOn whether the peer knows that it has to say so
	 * @return whether the client is now waiting for the peer
	 */
	boolean awaitContinue(boolean passedOn);

	/**
	 * Returns whether more should be written now; if not, the handler is told when it is
	 * so again.
	 * @return whether what waits to be sent is below the high water mark
	 */
	boolean isWritable();

	/**
	 * Says, before the response's head is written, that the connection ends after it, so
	 * that the head can tell the client (RFC 9112 section 9.6).
	 */
	void endAfterResponse();

	/**
	 * Writes an interim response (1xx except 101).
	 * @param header its head
	 */
	void writeInformational(ResponseHeader header);

	/**
	 * Writes the response's head.
	 * @param header the head; hop-by-hop fields and framing are the protocol's business
	 * @param end whether there is no body
	 */
	void writeHeader(ResponseHeader header, boolean end);

	/**
	 * Writes the head that agrees to the {@link #upgrade()}, in place of
	 * {@link #writeHeader}. From now on both directions are raw octets, and each has an
	 * end of its own: what the client sends comes as a body, as far as it is
	 * {@link #credit credited}, and {@link #writeBody} writes; then {@link End#CLOSE} or
	 * {@link End#RESET} is the session's end.
	 * @param header the head, whose status is 101
	 * @param tunnel is told of everything from now on
	 */
	void acceptUpgrade(ResponseHeader header, DownstreamHandler tunnel);

	/**
	 * Writes a piece of the response body.
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
	 * Returns whether a write was refused, since the body is not as long as its head
	 * says. The handler is told of that failure later.
	 * @return whether the response can't become whole any more
	 */
	boolean hasFailed();

	/**
	 * Sends what was written.
	 */
	void flush();

	/**
	 * Ends the session.
	 * @param end how
	 */
	void end(End end);

	/**
	 * How a downstream session ends.
	 */
	enum End {

		/**
		 * The response is complete; the connection goes on if the protocol allows.
		 */
		REUSE,

		/**
		 * The connection is closed after what was written has been sent: the client sees
		 * a clean end.
		 */
		CLOSE,

		/**
		 * The client sees that something broke: a reset of the connection over HTTP/1,
		 * after the octets of earlier responses have been delivered (or a bounded wait),
		 * a reset of the stream over HTTP/2.
		 */
		RESET

	}

}
