package dev.pingora.autoconfigure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.upstream.PeerOptions;
import org.jspecify.annotations.Nullable;

import org.springframework.util.unit.DataSize;

/**
 * Maps {@code pingora.upstreams} and {@code pingora.upstream-defaults}.
 */
final class UpstreamMapper {

	private final Problems problems;

	private final SocketMapper sockets;

	UpstreamMapper(Problems problems, SocketMapper sockets) {
		this.problems = problems;
		this.sockets = sockets;
	}

	PeerOptions mapDefaults(PingoraProperties.UpstreamDefaults defaults) {
		String property = "pingora.upstream-defaults";
		SocketMapper.Upstream sockets = this.sockets.upstream(property + ".socket", defaults.socket(),
				SocketMapper.Upstream.DEFAULTS);
		return PeerOptions.builder()
			.socket(sockets.socket())
			.dial(sockets.dial())
			.connectTimeout(this.problems.positive(property + ".connect-timeout", defaults.connectTimeout()))
			.readTimeout(this.problems.positive(property + ".read-timeout", defaults.readTimeout()))
			.writeTimeout(this.problems.positive(property + ".write-timeout", defaults.writeTimeout()))
			.idleTimeout(this.problems.notNegative(property + ".idle-timeout", defaults.idleTimeout()))
			.maxConnections(this.problems.atLeast(property + ".max-connections", defaults.maxConnections(), 1))
			.maxIdleConnections(
					this.problems.atLeast(property + ".max-idle-connections", defaults.maxIdleConnections(), 0))
			.maxHeaderSize(headerSize(property, defaults.maxHeaderSize()))
			.maxHeaderCount(headerCount(property, defaults.maxHeaderCount()))
			.build();
	}

	Map<String, Upstream> map(Map<String, PingoraProperties.Upstream> upstreams, PeerOptions defaults) {
		Map<String, Upstream> mapped = new LinkedHashMap<>();
		upstreams.forEach((name, upstream) -> {
			String property = "pingora.upstreams." + name;
			refuseUnsupported(property, upstream);
			PeerOptions options = options(property, upstream, defaults);
			mapped.put(name, Upstream.of(name, backends(property, upstream.backends(), options)));
		});
		return mapped;
	}

	private void refuseUnsupported(String property, PingoraProperties.Upstream upstream) {
		this.problems.onlySupported(property + ".load-balancing", upstream.loadBalancing(),
				PingoraProperties.LoadBalancing.ROUND_ROBIN);
		this.problems.onlySupported(property + ".protocol", upstream.protocol(),
				PingoraProperties.UpstreamProtocol.HTTP1);
		this.problems.unsupported(property + ".ssl-bundle", upstream.sslBundle());
		PingoraProperties.HealthCheck check = upstream.healthCheck();
		if (check != null) {
			this.problems.unsupported(property + ".health-check.type", check.type());
			this.problems.unsupported(property + ".health-check.path", check.path());
			this.problems.unsupported(property + ".health-check.interval", check.interval());
		}
	}

	private PeerOptions options(String property, PingoraProperties.Upstream upstream, PeerOptions defaults) {
		SocketMapper.Upstream sockets = this.sockets.upstream(property + ".socket", upstream.socket(),
				new SocketMapper.Upstream(defaults.socket(), defaults.dial()));
		return PeerOptions.builder()
			.socket(sockets.socket())
			.dial(sockets.dial())
			.connectTimeout(this.problems.positive(property + ".connect-timeout",
					or(upstream.connectTimeout(), defaults.connectTimeout())))
			.readTimeout(this.problems.positive(property + ".read-timeout",
					or(upstream.readTimeout(), defaults.readTimeout())))
			.writeTimeout(this.problems.positive(property + ".write-timeout",
					or(upstream.writeTimeout(), defaults.writeTimeout())))
			.idleTimeout(this.problems.notNegative(property + ".idle-timeout",
					or(upstream.idleTimeout(), defaults.idleTimeout())))
			.maxConnections(this.problems.atLeast(property + ".max-connections",
					or(upstream.maxConnections(), defaults.maxConnections()), 1))
			.maxIdleConnections(this.problems.atLeast(property + ".max-idle-connections",
					or(upstream.maxIdleConnections(), defaults.maxIdleConnections()), 0))
			.maxHeaderSize(
					headerSize(property, or(upstream.maxHeaderSize(), DataSize.ofBytes(defaults.maxHeaderSize()))))
			.maxHeaderCount(headerCount(property, or(upstream.maxHeaderCount(), defaults.maxHeaderCount())))
			.build();
	}

	private int headerSize(String property, DataSize size) {
		return this.problems.octets(property + ".max-header-size", size, 256, 1024 * 1024);
	}

	private int headerCount(String property, int count) {
		return this.problems.range(property + ".max-header-count", count, 1, 10_000);
	}

	private static <T> T or(@Nullable T value, T otherwise) {
		return (value != null) ? value : otherwise;
	}

	private List<Backend> backends(String property, List<BackendProperties> backends, PeerOptions options) {
		if (backends.isEmpty()) {
			this.problems.add(property + ".backends", null, "at least one " + Address.HOST_AND_PORT);
		}
		List<Backend> mapped = new ArrayList<>();
		for (int i = 0; i < backends.size(); i++) {
			Backend backend = backend(property + ".backends[" + i + "]", backends.get(i), options);
			if (backend != null) {
				mapped.add(backend);
			}
		}
		return mapped;
	}

	private @Nullable Backend backend(String property, BackendProperties backend, PeerOptions options) {
		String text = backend.address();
		Address address = (text != null) ? Address.ofHostAndPort(text) : null;
		int weight = this.problems.range(property + ".weight", backend.weight(), 1, 256);
		if (address == null) {
			this.problems.add(property, text, Address.HOST_AND_PORT);
			return null;
		}
		return new Backend(address.peer(options), weight);
	}

}
