package dev.pingora.connector;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.socket.DatagramChannel;

/**
 * Stands for the socket that a look-up could not have, since no descriptor was left, say:
 * it fails as soon as it is given to its loop. What Netty itself takes in such a case has
 * no loop, and the resolver's closing of it would be logged with a stack trace, for each
 * look-up. Owned by the loop.
 */
final class UnopenedChannel extends LocalChannel {

	private final ChannelException reason;

	private final ChannelConfig config = new DefaultChannelConfig(this) {
		@Override
		public <T> boolean setOption(ChannelOption<T> option, T value) {
			return true;
		}
	};

	private UnopenedChannel(ChannelException reason) {
		this.reason = reason;
	}

	/**
	 * Makes channels that stand for those which can't be made.
	 * @param channels makes channels, or fails
	 * @return makes channels, and never fails
	 */
	@SuppressWarnings("unchecked") // a bootstrap wants no more than a channel
	static ChannelFactory<DatagramChannel> insteadOfFailing(ChannelFactory<? extends DatagramChannel> channels) {
		ChannelFactory<? extends Channel> factory = () -> {
			try {
				return channels.newChannel();
			}
			catch (ChannelException ex) {
				return new UnopenedChannel(ex);
			}
		};
		return (ChannelFactory<DatagramChannel>) factory;
	}

	@Override
	public ChannelConfig config() {
		return (this.config != null) ? this.config : super.config(); // while it is made
	}

	@Override
	protected boolean isCompatible(EventLoop loop) {
		return true;
	}

	@Override
	protected void doRegister(ChannelPromise promise) {
		promise.setFailure(this.reason);
	}

}
