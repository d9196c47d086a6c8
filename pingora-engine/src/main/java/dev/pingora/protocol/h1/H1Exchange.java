package dev.pingora.protocol.h1;

import dev.pingora.http.Headers;
import dev.pingora.http.ResponseHeader;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A request that a peer is answering, as {@link H1ResponseReader} sees it. Its methods
 * may end it.
 */
interface H1Exchange {

	/**
	 * Returns whether an answer may come.
	 * @return whether the head has been written
	 */
	boolean isHeadWritten();

	/**
	 * Returns whether the method was HEAD.
	 * @return whether the answer has no body
	 */
	boolean isToHead();

	/**
	 * Returns how long the peer may be silent.
	 * @return the time in nanoseconds
	 */
	long readTimeoutNanos();

	/**
	 * Returns for which protocol the request has asked.
	 * @return the protocol, or {@code null} for none
	 */
	@Nullable String upgrade();

	/**
	 * The peer has agreed to it: what follows the head is handed out as a body without
	 * framing.
	 * @param header the head
	 */
	void upgraded(ResponseHeader header);

	void informational(ResponseHeader header);

	void head(ResponseHeader header, boolean end);

	void body(ByteBuf octets, boolean end);

	void trailers(Headers trailers);

}
