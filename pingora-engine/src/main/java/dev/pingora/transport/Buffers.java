package dev.pingora.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.internal.SystemPropertyUtil;

/**
 * Where network buffers come from.
 */
public final class Buffers {

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

}
