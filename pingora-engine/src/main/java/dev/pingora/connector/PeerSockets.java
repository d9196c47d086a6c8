package dev.pingora.connector;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
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
import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

/**
 * Sets up the sockets of one event loop that connect to peers.
 */
final class PeerSockets {

	private final EventLoops loops;

	private final Bootstrap tcp;

	private final Bootstrap unix;

	private final SocketSetup tcpSetup;

	private final SocketSetup unixSetup;

	PeerSockets(EventLoops loops, EventLoop loop) {
		this(loops, base(loop, loops.channel()), base(loop, loops.domainChannel()));
	}

	PeerSockets(EventLoops loops, Bootstrap tcp, Bootstrap unix) {
		this.loops = loops;
		this.tcp = tcp;
		this.unix = unix;
		this.tcpSetup = new SocketSetup(loops.transport(), false);
		this.unixSetup = new SocketSetup(loops.transport(), true);
	}

	private static Bootstrap base(EventLoop loop, Class<? extends Channel> type) {
		return new Bootstrap().group(loop)
			.channel(type)
			.disableResolver()
			// Dial has timers of its own.
			.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
	}

	/**
	 * Makes what makes a connection to a peer.
	 * @param peer the peer
	 * @return a bootstrap of its own that lacks only a handler and an address
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
		boolean unix = key.isUnix();
		Bootstrap bootstrap = (unix ? this.unix : this.tcp).clone();
		(unix ? this.unixSetup : this.tcpSetup).dialling(bootstrap, options.socket(), options.dial());
		return bootstrap;
	}

	/**
	 * Returns where a peer is, if that is known without looking up a name.
	 * @param key who the peer is
	 * @return its address, or {@code null}
	 */
	@Nullable SocketAddress address(PeerKey key) {
		if (key.isUnix()) {
			return this.loops.domainAddress(UnixAddress.path(key.host()));
		}
		InetAddress literal = NetUtil.createInetAddressFromIpAddressString(key.host());
		return (literal != null) ? new InetSocketAddress(literal, key.port()) : null;
	}

}
