package dev.pingora.connector;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

import dev.pingora.transport.EventLoops;
import dev.pingora.transport.SocketSetup;
import dev.pingora.transport.SocketSupport;
import dev.pingora.transport.UnixAddress;
import dev.pingora.upstream.HttpPeer;
import dev.pingora.upstream.PeerKey;
import dev.pingora.upstream.PeerOptions;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.NetUtil;

/**
 * Sets up the sockets of one event loop that connect to peers.
 */
final class PeerSockets {

	private final EventLoops loops;

	private final Bootstrap tcp;

	private final Bootstrap unix;

	private final SocketSetup tcpSetup;

	private final SocketSetup unixSetup;

	PeerSockets(EventLoops loops, EventLoop loop, AddressResolverGroup<InetSocketAddress> resolver) {
		this.loops = loops;
		this.tcp = base(loop, loops.channel()).resolver(resolver);
		this.unix = base(loop, loops.domainChannel()).disableResolver();
		this.tcpSetup = new SocketSetup(loops.transport(), false);
		this.unixSetup = new SocketSetup(loops.transport(), true);
	}

	private static Bootstrap base(EventLoop loop, Class<? extends Channel> type) {
		return new Bootstrap().group(loop)
			.channel(type)
			// Dial has a timer of its own.
			.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
	}

	/**
	 * Makes what makes a connection to a peer.
	 * @param peer the peer
	 * @return a bootstrap of its own that lacks only a handler
	 * @throws IllegalArgumentException if the peer's options can't be had with this
	 * transport, of which configurations are checked before
	 */
	Bootstrap bootstrap(HttpPeer peer) {
		PeerKey key = peer.key();
		PeerOptions options = peer.options();
		List<SocketSupport.Refusal> refusals = SocketSupport.of(this.loops.transport(), options.socket(),
				options.dial());
		if (!refusals.isEmpty()) {
			throw new IllegalArgumentException("peer " + peer + ": " + refusals.get(0));
		}
		if (key.isUnix()) {
			Bootstrap bootstrap = this.unix.clone()
				.remoteAddress(this.loops.domainAddress(UnixAddress.path(key.host())));
			this.unixSetup.dialling(bootstrap, options.socket(), options.dial());
			return bootstrap;
		}
		InetAddress literal = NetUtil.createInetAddressFromIpAddressString(key.host());
		Bootstrap bootstrap = this.tcp.clone();
		if (literal != null) {
			bootstrap.disableResolver().remoteAddress(new InetSocketAddress(literal, key.port()));
		}
		else {
			bootstrap.remoteAddress(InetSocketAddress.createUnresolved(key.host(), key.port()));
		}
		this.tcpSetup.dialling(bootstrap, options.socket(), options.dial());
		return bootstrap;
	}

}
