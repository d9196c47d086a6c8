package dev.pingora.connector;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

import dev.pingora.transport.EventLoops;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;

/**
 * The looking up of names: by Netty's resolver, which never blocks a loop, keeps answers
 * for their time to live, for all loops together, and asks but once for a name that
 * several want at the same time.
 */
final class Resolving {

	private Resolving() {
	}

	static DnsAddressResolverGroup resolver(EventLoops loops, DnsOptions options) {
		DnsNameResolverBuilder builder = new DnsNameResolverBuilder().datagramChannelType(loops.datagramChannel())
			.socketChannelType(loops.channel())
			.queryTimeoutMillis(options.queryTimeout().toMillis())
			.ttl((int) options.minTtl().toSeconds(), (int) options.maxTtl().toSeconds())
			.negativeTtl((int) options.negativeTtl().toSeconds());
		if (!options.servers().isEmpty()) {
			builder.nameServerProvider(new SequentialDnsServerAddressStreamProvider(options.servers()));
		}
		return new DnsAddressResolverGroup(builder);
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
