package dev.pingora.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;

/**
 * When a channel learns that the other side sends no more. Told so, Netty reads all that
 * the system holds, though reading was stopped: whoever sends much and ends at once would
 * pass every limit.
 */
final class InputEnd {

	private InputEnd() {
	}

	/**
	 * Returns whether the end is found by reading, behind everything else. A client that
	 * goes is noticed at once instead, unless its other side may stay open.
	 * @param channel the channel
	 * @return whether it is to be told nothing before
	 */
	static boolean isReadInTurn(Channel channel) {
		return channel.parent() == null
				|| Boolean.TRUE.equals(channel.config().getOption(ChannelOption.ALLOW_HALF_CLOSURE));
	}

}
