package dev.pingora.protocol;

import dev.pingora.http.Headers;
import io.netty.buffer.ByteBuf;

/**
 * What the handlers of both seams, {@link DownstreamHandler} and {@link UpstreamHandler},
 * are told in the same words, and tests have no use for: bodies are released, the rest
 * leaves no trace. Failures and panics are for each test to hear of.
 */
public abstract class IgnoringHandler {

	/**
	 * Releases a piece of a body.
	 * @param data the piece
	 * @param end whether it is the last one
	 */
	public void onBody(ByteBuf data, boolean end) {
		data.release();
	}

	/**
	 * Ignores trailers.
	 * @param trailers the trailers
	 */
	public void onTrailers(Headers trailers) {
	}

	/**
	 * Ignores that there is room again.
	 */
	public void onWritable() {
	}

	/**
	 * Ignores the end of a turn.
	 */
	public void onReadComplete() {
	}

}
