package dev.pingora.connector;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

import dev.pingora.transport.EventLoops;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.ReflectiveChannelFactory;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.DatagramChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.dns.DefaultDnsCache;
import io.netty.resolver.dns.DefaultDnsCnameCache;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;

/**
 * The looking up of names: by Netty's resolver, which never blocks a loop, and keeps
 * answers for their time to live, for all loops together. Of those on one loop who want a
 * name at the same time, one asks; nobody waits for what another loop has asked, which
 * may be held. Each look-up has a socket of its own: one that failed fails no other, and
 * whoever would forge an answer must guess its port, too (RFC 5452 section 9.2). Used by
 * all loops.
 */
final class Resolving implements AutoCloseable {

	// One for each loop, since a group shares what it has asked, too.
	private final List<DnsAddressResolverGroup> groups = new ArrayList<>();

	// For each loop, owned by it.
	private final List<ChannelGroup> sockets = new ArrayList<>();

	Resolving(EventLoops loops, DnsOptions options) {
		this(loops, options, new ReflectiveChannelFactory<>(loops.datagramChannel()));
	}

	/**
	 * Makes it with channels of another kind.
	 * @param loops the loops on which it will be used
	 * @param options how names are looked up
	 * @param channels makes the channel of a look-up
	 */
	Resolving(EventLoops loops, DnsOptions options, ChannelFactory<? extends DatagramChannel> channels) {
		int minTtl = (int) options.minTtl().toSeconds();
		int maxTtl = (int) options.maxTtl().toSeconds();
		DnsNameResolverBuilder builder = new DnsNameResolverBuilder()
			.datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
			.socketChannelType(loops.channel())
			.queryTimeoutMillis(options.queryTimeout().toMillis())
			.resolveCache(new DefaultDnsCache(minTtl, maxTtl, (int) options.negativeTtl().toSeconds()))
			.cnameCache(new DefaultDnsCnameCache(minTtl, maxTtl));
		if (!options.servers().isEmpty()) {
			builder.nameServerProvider(new SequentialDnsServerAddressStreamProvider(options.servers()));
		}
		for (EventLoop loop : loops.loops()) {
			ChannelGroup sockets = new DefaultChannelGroup(loop);
			this.sockets.add(sockets);
			this.groups.add(new DnsAddressResolverGroup(
					builder.copy().datagramChannelFactory(UnopenedChannel.insteadOfFailing(() -> {
						DatagramChannel socket = channels.newChannel();
						sockets.add(socket);
						return socket;
					}))));
		}
	}

	/**
	 * Returns what looks names up for a loop.
	 * @param loop which one
	 * @return its resolver
	 */
	AddressResolverGroup<InetSocketAddress> of(int loop) {
		return this.groups.get(loop);
	}

	/**
	 * Closes the sockets of the look-ups of a loop that have not ended. To be called on
	 * the loop, which does not always do so when it ends.
	 * @param loop which one
	 */
	void closeSockets(int loop) {
		this.sockets.get(loop).close();
	}

	@Override
	public void close() {
		this.groups.forEach(DnsAddressResolverGroup::close);
	}

	/**
	 * Says in which order addresses are tried. Those of the preferred family, which come
	 * first, take turns in being the first.
	 * @param addresses the addresses that a name has
	 * @param turn counts the times that they were asked for
	 * @return the addresses, to be tried one after the other
	 */
	static Deque<SocketAddress> order(List<InetSocketAddress> addresses, int turn) {
		List<InetSocketAddress> preferred = new ArrayList<>();
		List<InetSocketAddress> others = new ArrayList<>();
		Class<? extends InetAddress> family = addresses.get(0).getAddress().getClass();
		for (InetSocketAddress address : addresses) {
			(family.isInstance(address.getAddress()) ? preferred : others).add(address);
		}
		Deque<SocketAddress> ordered = new ArrayDeque<>(addresses.size());
		for (int i = 0; i < preferred.size(); i++) {
			ordered.add(preferred.get(Integer.remainderUnsigned(turn + i, preferred.size())));
		}
		ordered.addAll(others);
		return ordered;
	}

}
