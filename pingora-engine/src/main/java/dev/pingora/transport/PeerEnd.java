package dev.pingora.transport;

import java.io.IOException;
import java.nio.ByteBuffer;

import io.netty.channel.Channel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.internal.PlatformDependent;

/**
 * Whether the other side has closed a connection, as the kernel knows it: an event loop
 * learns of it only when it polls again.
 */
public final class PeerEnd {

	// <linux/tcp.h>: getsockopt(IPPROTO_TCP, TCP_INFO) begins with the state.

	private static final int IPPROTO_TCP = 6;

	private static final int TCP_INFO = 11;

	private static final int ESTABLISHED = 1;

	private static final int SIZE = 8;

	private PeerEnd() {
	}

	/**
	 * Looks at a channel, which costs a system call. To be called on its event loop.
	 * @param channel the channel
	 * @return whether it is not open in both directions any more; {@code false} if the
	 * transport can't tell
	 */
	public static boolean hasCome(Channel channel) {
		if (!PlatformDependent.normalizedOs().equals("linux")
				|| !(channel instanceof UnixChannel unix && unix.fd() instanceof Socket socket)) {
			return false;
		}
		ByteBuffer info = ByteBuffer.allocate(SIZE);
		try {
			socket.getRawOpt(IPPROTO_TCP, TCP_INFO, info);
		}
		catch (IOException noTcp) {
			return !channel.isActive();
		}
		return info.get(0) != ESTABLISHED;
	}

}
