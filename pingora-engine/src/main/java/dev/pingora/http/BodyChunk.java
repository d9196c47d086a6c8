package dev.pingora.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * A piece of a message's body on its way through the body filters, the only API type that
 * holds a Netty buffer (Pingora's {@code &mut Option<Bytes>} with {@code end_of_stream}).
 * <p>
 * The content is borrowed: it is valid during the filter's call, and a filter that keeps
 * it must copy it. Used by the request's event loop alone.
 */
public final class BodyChunk {

	private ByteBuf content;

	private final boolean last;

	/**
	 * Makes a chunk.
	 * @param content its octets; the chunk becomes their owner
	 * @param last whether no other chunk follows
	 */
	public BodyChunk(ByteBuf content, boolean last) {
		this.content = content;
		this.last = last;
	}

	/**
	 * Returns the octets. They may be empty, usually in the last chunk.
	 * @return the borrowed buffer: neither release nor keep it
	 */
	public ByteBuf content() {
		return this.content;
	}

	/**
	 * Returns whether no other chunk follows. Each body that filters see has such a
	 * chunk, which may be empty; trailers come after it.
	 * @return whether this is the last one
	 */
	public boolean isLast() {
		return this.last;
	}

	/**
	 * Replaces the octets.
	 * @param replacement the new ones; the chunk becomes their owner
	 */
	public void replace(ByteBuf replacement) {
		if (replacement != this.content) {
			ByteBuf old = this.content;
			this.content = replacement;
			old.release();
		}
	}

	/**
	 * Replaces the octets.
	 * @param replacement the new ones
	 */
	public void replace(byte[] replacement) {
		replace(Unpooled.wrappedBuffer(replacement));
	}

	/**
	 * Drops the octets: nothing of this chunk is forwarded.
	 */
	public void clear() {
		replace(Unpooled.EMPTY_BUFFER);
	}

}
