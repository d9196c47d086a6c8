package dev.pingora.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.internal.PlatformDependent;

/**
 * Whether the other side has received all that was sent: a reset would discard what the
 * kernel still holds.
 */
public final class SendQueue {

	// <linux/tcp.h>: getsockopt(IPPROTO_TCP, TCP_INFO) fills struct tcp_info.

	private static final int IPPROTO_TCP = 6;

	private static final int TCP_INFO = 11;

	private static final int UNACKED = 24;

	private static final int NOTSENT_BYTES = 144;

	private static final int INFO_SIZE = 152;

	private static final boolean LINUX = PlatformDependent.normalizedOs().equals("linux");

	private SendQueue() {
	}

	/**
	 * What is known of a send queue.
	 */
	public enum State {

		/** All that was flushed has been acknowledged. */
		EMPTY,

		/** Something has not. */
		PENDING,

		/** The transport can't tell. */
		UNKNOWN

	}

	/**
	 * Looks at a channel. To be called on its event loop.
	 * @param channel the channel
	 * @return what is known
	 */
	public static State of(Channel channel) {
		ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
		if (!channel.isActive() || buffer == null) {
			return State.EMPTY;
		}
		if (!buffer.isEmpty()) {
			return State.PENDING;
		}
		if (UnixAddress.isUnix(channel)) {
			// It is with the other side already, and closing discards nothing.
			return State.EMPTY;
		}
		return (isLinuxTcp(channel) && channel instanceof UnixChannel unix) ? ofKernel((Socket) unix.fd())
				: State.UNKNOWN;
	}

	/**
	 * Returns whether the system tells what a channel's other side has received.
	 * @param channel the channel
	 * @return whether {@link #of} ever knows
	 */
	public static boolean isKnown(Channel channel) {
		return UnixAddress.isUnix(channel) || isLinuxTcp(channel);
	}

	private static boolean isLinuxTcp(Channel channel) {
		return LINUX && channel instanceof UnixChannel unix && unix.fd() instanceof Socket;
	}

	private static State ofKernel(Socket socket) {
		ByteBuffer info = ByteBuffer.allocate(INFO_SIZE).order(ByteOrder.nativeOrder());
		try {
			socket.getRawOpt(IPPROTO_TCP, TCP_INFO, info);
		}
		catch (IOException closed) {
			return State.EMPTY;
		}
		boolean empty = info.getInt(UNACKED) == 0 && info.getInt(NOTSENT_BYTES) == 0;
		return empty ? State.EMPTY : State.PENDING;
	}

}
