package dev.pingora.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;

import dev.pingora.connector.DnsOptions;
import dev.pingora.connector.PoolOptions;
import dev.pingora.event.ProxyListener;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicResponse;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.proxy.ProxyHttp;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.Router;
import dev.pingora.transport.Transport;
import dev.pingora.watchdog.WatchdogOptions;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * Collects a server's settings.
 */
final class ServerBuilder implements ProxyServer.Builder {

	private int threads;

	private Transport transport = Transport.AUTO;

	private final List<ListenerOptions> listeners = new ArrayList<>();

	private DownstreamOptions downstream = DownstreamOptions.defaults();

	private RetryOptions retries = RetryOptions.defaults();

	private @Nullable Router router;

	private PanicResponse panicResponse = PanicResponse.RESET;

	private @Nullable PanicIsolation isolation;

	private @Nullable Executor executor;

	private final List<ProxyListener> observers = new ArrayList<>();

	private List<String> summaryHeaders = List.of();

	private WatchdogOptions watchdog = WatchdogOptions.defaults();

	private PoolOptions pool = PoolOptions.defaults();

	private DnsOptions dns = DnsOptions.defaults();

	private UnaryOperator<EventLoop> upstreamLoop = UnaryOperator.identity();

	@Override
	public ProxyServer.Builder threads(int threads) {
		this.threads = threads;
		return this;
	}

	@Override
	public ProxyServer.Builder transport(Transport transport) {
		this.transport = Objects.requireNonNull(transport, "transport");
		return this;
	}

	@Override
	public ProxyServer.Builder listener(ListenerOptions listener) {
		if (this.listeners.stream().anyMatch((present) -> present.name().equals(listener.name()))) {
			throw new IllegalArgumentException("listener name: " + listener.name() + " (expected: one of its own)");
		}
		this.listeners.add(listener);
		return this;
	}

	@Override
	public ProxyServer.Builder downstream(DownstreamOptions options) {
		this.downstream = Objects.requireNonNull(options, "options");
		return this;
	}

	@Override
	public ProxyServer.Builder retries(RetryOptions options) {
		this.retries = Objects.requireNonNull(options, "options");
		return this;
	}

	@Override
	public ProxyServer.Builder router(Router router) {
		this.router = Objects.requireNonNull(router, "router");
		return this;
	}

	@Override
	public ProxyServer.Builder proxy(ProxyHttp<?> proxy) {
		return router(Router.to(Route.of("proxy", proxy)));
	}

	@Override
	public ProxyServer.Builder panicResponse(PanicResponse response) {
		this.panicResponse = Objects.requireNonNull(response, "response");
		return this;
	}

	@Override
	public ProxyServer.Builder isolation(PanicIsolation isolation) {
		this.isolation = Objects.requireNonNull(isolation, "isolation");
		return this;
	}

	@Override
	public ProxyServer.Builder blockingExecutor(Executor executor) {
		this.executor = Objects.requireNonNull(executor, "executor");
		return this;
	}

	@Override
	public ProxyServer.Builder proxyListener(ProxyListener listener) {
		this.observers.add(Objects.requireNonNull(listener, "listener"));
		return this;
	}

	@Override
	public ProxyServer.Builder summaryHeaders(List<String> names) {
		this.summaryHeaders = List.copyOf(names);
		return this;
	}

	@Override
	public ProxyServer.Builder watchdog(WatchdogOptions options) {
		this.watchdog = Objects.requireNonNull(options, "options");
		return this;
	}

	@Override
	public ProxyServer.Builder upstreamPool(PoolOptions options) {
		this.pool = Objects.requireNonNull(options, "options");
		return this;
	}

	@Override
	public ProxyServer.Builder dns(DnsOptions options) {
		this.dns = Objects.requireNonNull(options, "options");
		return this;
	}

	/**
	 * Puts upstream connections on other event loops than their requests', which costs
	 * two crossings per message.
	 * @param upstreamLoop says, for a request's loop, on which one
	 * @return this
	 */
	ServerBuilder upstreamLoop(UnaryOperator<EventLoop> upstreamLoop) {
		this.upstreamLoop = upstreamLoop;
		return this;
	}

	@Override
	public ProxyServer build() {
		Router router = this.router;
		if (router == null) {
			throw new IllegalStateException("neither router(...) nor proxy(...) was called");
		}
		if (this.listeners.isEmpty()) {
			throw new IllegalStateException("listener(...) was not called");
		}
		return new DefaultProxyServer(new ServerSettings(this.threads, this.transport, List.copyOf(this.listeners),
				this.downstream, this.retries, router, this.panicResponse, this.isolation, this.executor,
				List.copyOf(this.observers), this.summaryHeaders, this.watchdog, this.pool, this.dns,
				this.upstreamLoop));
	}

}
