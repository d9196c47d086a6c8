package dev.pingora.server;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;

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
	 * Counts a client that was accepted, until it is closed, or resets it. Called by the
	 * port's event loop.
	 * @param port the listening channel
	 * @param client the client's channel, which has no event loop yet
	 * @return whether it is to be served
	 */
	boolean admit(Channel port, Channel client) {
		Long key = this.clients.enter(client.remoteAddress());
		if (key == null) {
			reset(client);
			return false;
		}
		client.closeFuture().addListener((closed) -> this.isolation.observe(SITE, key, (counted) -> {
			this.clients.leave(counted);
			this.gate.left(port);
		}));
		this.gate.entered(port);
		return true;
	}

	/**
	 * Closes a channel that has no event loop yet.
	 * @param client the channel
	 */
	static void reset(Channel client) {
		client.config().setOption(ChannelOption.SO_LINGER, 0);
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
