package dev.pingora.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.internal.SystemPropertyUtil;

/**
 * Where network buffers come from.
 */
public final class Buffers {

	/** The most that is read at once, unless a socket's options say otherwise. */
	static final int MAX_READ_SIZE = 256 * 1024;

	/** From here on the other side is read again, unless a socket's options differ. */
	static final int WRITE_BUFFER_LOW = 256 * 1024;

	/** From here on the other side isn't read, unless a socket's options differ. */
	static final int WRITE_BUFFER_HIGH = 512 * 1024;

	/** What a connection's first read is at most. */
	static final int FIRST_READ_SIZE = 2048;

	private Buffers() {
	}

	/**
	 * Returns the allocator of all channels: Netty's pooled one, unless
	 * {@code io.netty.allocator.type} names another. Netty's default, the adaptive one,
	 * gives direct memory back to the system under a load of large bodies, which stops
	 * all threads for each piece on Java 25.
	 * @return the allocator
	 */
	public static ByteBufAllocator allocator() {
		return SystemPropertyUtil.contains("io.netty.allocator.type") ? ByteBufAllocator.DEFAULT
				: PooledByteBufAllocator.DEFAULT;
	}

	/**
	 * Returns octets in direct memory, as channels write them. Netty would copy others
	 * itself, and tell nobody of a void promise if there is no memory for it.
	 * @param channel who is to write them
	 * @param data the octets, of which this method becomes the owner
	 * @return these octets or a copy, owned by the caller
	 */
	public static ByteBuf direct(Channel channel, ByteBuf data) {
		if (data.isDirect() || !data.isReadable()) {
			return data;
		}
		try {
			return channel.alloc().directBuffer(data.readableBytes()).writeBytes(data);
		}
		finally {
			data.release();
		}
	}

	/**
	 * Returns what decides how much a channel reads at once: as much as lately came.
	 * @param most the most
	 * @param waits whether a read takes its buffer before there is anything to be read
	 * @return the allocator, which keeps the books of each channel apart
	 */
	static RecvByteBufAllocator reads(int most, boolean waits) {
		RecvByteBufAllocator sizes = new AdaptiveRecvByteBufAllocator(Math.min(64, most),
				Math.min(FIRST_READ_SIZE, most), most);
		return (most >= LoopBuffer.READ_CAPACITY && !waits) ? new LoopReads(sizes) : sizes;
	}

}
