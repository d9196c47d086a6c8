package dev.pingora.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.ProxyHttp;
import dev.pingora.proxy.Route;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.transport.EventLoops;
import dev.pingora.transport.Transport;
import dev.pingora.upstream.HttpPeer;
import dev.pingora.upstream.PeerOptions;

/**
 * Makes servers for tests: one listener called {@code http}, one event loop, one route
 * with filters to backends on this host.
 */
final class Proxies {

	private final List<Integer> ports = new ArrayList<>();

	private final List<NamedFilter> filters = new ArrayList<>();

	private final DownstreamOptions.Builder downstream = DownstreamOptions.builder();

	private final ProxyServer.Builder builder = ProxyServer.builder().threads(1);

	private ListenerOptions.Builder listener = ListenerOptions.builder("http", "127.0.0.1", 0);

	private final PeerOptions.Builder peerOptions = PeerOptions.builder();

	private String host = "127.0.0.1";

	private Proxies() {
	}

	/** The transports that work here. */
	static Stream<Transport> transports() {
		return Arrays.stream(Transport.values()).filter(EventLoops::isAvailable);
	}

	static Proxies to(RawOrigin origin) {
		return to(origin.port());
	}

	static Proxies to(int... ports) {
		Proxies proxies = new Proxies();
		for (int port : ports) {
			proxies.ports.add(port);
		}
		return proxies;
	}

	/** A server of a whole proxy of the user's own. */
	static ProxyServer serve(ProxyHttp<?> proxy) {
		return to().with((builder) -> builder.proxy(proxy)).build().start();
	}

	Proxies host(String host) {
		this.host = host;
		return this;
	}

	/** Listens at a Unix domain socket; to be called before {@link #listener}. */
	Proxies at(Path socket) {
		this.listener = ListenerOptions.builder("http", "unix:" + socket, 0);
		return this;
	}

	/** Calls a backend at a Unix domain socket. */
	static Proxies to(Path socket) {
		Proxies proxies = to(0);
		proxies.host = "unix:" + socket;
		return proxies;
	}

	Proxies filter(ProxyFilter filter) {
		this.filters.add(NamedFilter.of("filter-" + (this.filters.size() + 1), filter));
		return this;
	}

	Proxies peer(Consumer<PeerOptions.Builder> change) {
		change.accept(this.peerOptions);
		return this;
	}

	Proxies downstream(Consumer<DownstreamOptions.Builder> change) {
		change.accept(this.downstream);
		return this;
	}

	Proxies listener(Consumer<ListenerOptions.Builder> change) {
		change.accept(this.listener);
		return this;
	}

	Proxies with(Consumer<ProxyServer.Builder> change) {
		change.accept(this.builder);
		return this;
	}

	ProxyServer build() {
		this.builder.listener(this.listener.build()).downstream(this.downstream.build());
		if (!this.ports.isEmpty() || !this.filters.isEmpty()) {
			Route route = Route.of("r", this.filters,
					Upstream.of("u", this.ports.stream().map(this::backend).toList()));
			this.builder.router((request, trace) -> route);
		}
		return this.builder.build();
	}

	private Backend backend(int port) {
		PeerOptions options = this.peerOptions.build();
		return Backend.of((port != 0) ? HttpPeer.of(this.host, port, options)
				: HttpPeer.unix(this.host.substring("unix:".length()), options));
	}

	ProxyServer start() {
		return build().start();
	}

	static RawClient connect(ProxyServer server) {
		return RawClient.connect(server.port("http"));
	}

}
