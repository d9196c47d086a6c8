package dev.pingora.server;

import java.util.concurrent.TimeUnit;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
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

	private static final PanicSite SITE = PanicSite.of(PanicSite.ENGINE, "backlog");

	private final PanicIsolation isolation;

	private final Admission admission;

	private long taken;

	private boolean closing;

	Backlog(PanicIsolation isolation, Admission admission) {
		this.isolation = isolation;
		this.admission = admission;
	}

	@Override
	public void channelRead(ChannelHandlerContext ctx, Object message) {
		this.taken++;
		Channel client = (Channel) message;
		if (this.isolation.observe(SITE, client, (accepted) -> admit(ctx, accepted)) != null) {
			Admission.reset(client);
		}
	}

	private void admit(ChannelHandlerContext ctx, Channel client) {
		Admission.Place place = this.admission.admit(ctx.channel(), client);
		if (place == null) {
			return;
		}
		ctx.fireChannelRead(client);
		if (!client.isOpen()) {
			// Netty closes whom it can't set up, and the close future isn't told of it.
			place.leave();
		}
	}

	/**
	 * Takes all of them, then closes the port. May be called by any thread.
	 * @param port the listening channel
	 */
	void takeAndClose(Channel port) {
		port.eventLoop().execute(() -> this.isolation.observe(SITE, port, this::begin));
	}

	private void begin(Channel port) {
		if (!this.closing) {
			this.closing = true;
			look(port, MOST_LOOKS);
		}
	}

	// Between scheduling and running a task the loop asks the system for events.
	private void look(Channel port, int looksLeft) {
		long before = this.taken;
		port.eventLoop()
			.schedule(() -> this.isolation.observe(SITE, port, (closing) -> looked(closing, before, looksLeft)),
					LOOK_NANOS, TimeUnit.NANOSECONDS);
	}

	private void looked(Channel port, long before, int looksLeft) {
		boolean noneCame = before == this.taken || !port.config().isAutoRead();
		if (noneCame || looksLeft == 0) {
			port.close();
		}
		else {
			look(port, looksLeft - 1);
		}
	}

}
