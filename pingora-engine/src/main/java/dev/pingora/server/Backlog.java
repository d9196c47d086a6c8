package dev.pingora.server;

import java.util.concurrent.TimeUnit;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * The clients whom the system has accepted at a port and nobody has taken yet. Closing
 * the port resets them, so they are taken before: the port is closed when none has come
 * for a while, in which the event loop has looked. Owned by the port's event loop.
 */
final class Backlog extends ChannelInboundHandlerAdapter {

	private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

	private static final int MOST_LOOKS = 100;

	private long taken;

	private boolean closing;

	@Override
	public void channelRead(ChannelHandlerContext ctx, Object client) {
		this.taken++;
		ctx.fireChannelRead(client);
	}

	/**
	 * Takes all of them, then closes the port. May be called by any thread.
	 * @param port the listening channel
	 */
	void takeAndClose(Channel port) {
		port.eventLoop().execute(() -> {
			if (!this.closing) {
				this.closing = true;
				look(port, MOST_LOOKS);
			}
		});
	}

	// Between scheduling and running a task the loop asks the system for events.
	private void look(Channel port, int looksLeft) {
		long before = this.taken;
		port.eventLoop().schedule(() -> {
			boolean noneCame = before == this.taken || !port.config().isAutoRead();
			if (noneCame || looksLeft == 0) {
				port.close();
			}
			else {
				look(port, looksLeft - 1);
			}
		}, LOOK_NANOS, TimeUnit.NANOSECONDS);
	}

}
