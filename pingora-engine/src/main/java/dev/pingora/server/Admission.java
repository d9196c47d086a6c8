package dev.pingora.server;

import java.util.concurrent.atomic.AtomicBoolean;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import org.jspecify.annotations.Nullable;

/**
 * Who is let in at a listener: as many connections as it may have, and of each client no
 * more than its share. A client that has enough is reset before anything is made for it,
 * so that a flood costs little more than the system's own accepts.
 */
final class Admission {

	private static final PanicSite SITE = PanicSite.of(PanicSite.ENGINE, "accept");

	private final PanicIsolation isolation;

	private final AcceptGate gate;

	private final ClientLimiter clients;

	Admission(ListenerOptions options, PanicIsolation isolation) {
		this.isolation = isolation;
		this.gate = new AcceptGate(options.maxConnections(), isolation);
		this.clients = new ClientLimiter(options.name(), options.limits());
	}

	/**
	 * A client that is counted until it leaves, which it does once. Used by all threads.
	 */
	final class Place implements ChannelFutureListener {

		private final Channel port;

		private final Long key;

		private final AtomicBoolean left = new AtomicBoolean();

		private Place(Channel port, Long key) {
			this.port = port;
			this.key = key;
		}

		@Override
		public void operationComplete(ChannelFuture closed) {
			Admission.this.isolation.observe(SITE, this, Place::leave);
		}

		/**
		 * The client's channel is closed.
		 */
		void leave() {
			if (this.left.compareAndSet(false, true)) {
				Admission.this.clients.leave(this.key);
				Admission.this.gate.left(this.port);
			}
		}

	}

	/**
	 * Counts a client that was accepted, until it is closed, or resets it. Called by the
	 * port's event loop.
	 * @param port the listening channel
	 * @param client the client's channel, which has no event loop yet
	 * @return its place, or {@code null} if it is not to be served
	 */
	@Nullable Place admit(Channel port, Channel client) {
		Long key = this.clients.enter(client.remoteAddress());
		if (key == null) {
			reset(client);
			return null;
		}
		Place place = new Place(port, key);
		client.closeFuture().addListener(place);
		this.gate.entered(port);
		return place;
	}

	/**
	 * Closes a channel that has no event loop yet.
	 * @param client the channel
	 */
	static void reset(Channel client) {
		try {
			client.config().setOption(ChannelOption.SO_LINGER, 0);
		}
		catch (ChannelException unset) {
			// It ends with a FIN.
		}
		client.unsafe().closeForcibly();
	}

	int connections() {
		return this.gate.count();
	}

	long pauses() {
		return this.gate.pauses();
	}

	long rejected() {
		return this.clients.rejected();
	}

	int clients() {
		return this.clients.clients();
	}

}
