package dev.pingora.autoconfigure;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.pingora.connector.DnsOptions;
import dev.pingora.connector.PoolOptions;
import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

/**
 * Maps {@code pingora.upstream-pool} and {@code pingora.dns}.
 */
final class ConnectorMapper {

	private static final String POOL = PingoraProperties.PREFIX + ".upstream-pool";

	private static final String DNS = PingoraProperties.PREFIX + ".dns";

	private static final String SERVER = "an address, such as 10.0.0.53 or [fd00::53]:5353";

	private static final int DNS_PORT = 53;

	private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

	private static final Duration LONGEST_TTL = Duration.ofDays(7);

	private final Problems problems;

	ConnectorMapper(Problems problems) {
		this.problems = problems;
	}

	PoolOptions map(UpstreamPoolProperties properties) {
		return new PoolOptions(this.problems.atLeast(POOL + ".max-idle", properties.maxIdle(), 0),
				properties.shareAcrossLoops(),
				range(POOL + ".borrow-timeout", properties.borrowTimeout(), Duration.ofMillis(1), LONGEST_WAIT));
	}

	DnsOptions map(DnsProperties properties) {
		Duration query = range(DNS + ".query-timeout", properties.queryTimeout(), Duration.ofMillis(1), LONGEST_WAIT);
		Duration most = range(DNS + ".max-ttl", properties.maxTtl(), Duration.ZERO, LONGEST_TTL);
		Duration least = range(DNS + ".min-ttl", properties.minTtl(), Duration.ZERO, LONGEST_TTL);
		if (least.compareTo(most) > 0) {
			this.problems.add(DNS + ".min-ttl", Quantities.text(least),
					"<= " + Quantities.text(most) + ", which is " + DNS + ".max-ttl");
			least = Duration.ZERO;
		}
		return new DnsOptions(servers(properties.servers()), query, least, most,
				range(DNS + ".negative-ttl", properties.negativeTtl(), Duration.ZERO, LONGEST_TTL));
	}

	private Duration range(String property, Duration value, Duration least, Duration most) {
		if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
			this.problems.add(property, Quantities.text(value), Quantities.text(least) + ".." + Quantities.text(most));
			return least;
		}
		return value;
	}

	private List<InetSocketAddress> servers(List<String> servers) {
		List<InetSocketAddress> mapped = new ArrayList<>();
		for (int i = 0; i < servers.size(); i++) {
			InetSocketAddress server = server(servers.get(i));
			if (server != null) {
				mapped.add(server);
			}
			else {
				this.problems.add(DNS + ".servers[" + i + "]", servers.get(i), SERVER);
			}
		}
		return mapped;
	}

	// A name would have to be looked up itself.
	private static @Nullable InetSocketAddress server(String text) {
		String bracketed = (text.indexOf(':') != text.lastIndexOf(':') && text.indexOf('[') < 0) ? "[" + text + "]"
				: text;
		Address address = Address.ofHostAndPort(bracketed);
		address = (address != null) ? address : Address.ofHostAndPort(bracketed + ":" + DNS_PORT);
		if (address == null) {
			return null;
		}
		InetAddress literal = NetUtil.createInetAddressFromIpAddressString(address.host());
		return (literal != null) ? new InetSocketAddress(literal, address.port()) : null;
	}

}
