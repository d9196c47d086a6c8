package dev.pingora.autoconfigure;

import java.util.List;

import dev.pingora.accesslog.AccessLogOptions;
import dev.pingora.connector.DnsOptions;
import dev.pingora.connector.PoolOptions;
import dev.pingora.panic.PanicResponse;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.proxy.Router;
import dev.pingora.server.ListenerOptions;
import dev.pingora.server.ProxyServer;
import dev.pingora.server.RetryOptions;
import dev.pingora.transport.Transport;
import dev.pingora.watchdog.WatchdogOptions;
import org.jspecify.annotations.Nullable;

/**
 * The properties in the engine's own terms: nothing in it can be wrong any more.
 *
 * @param threads number of event loops, 0 for one per core
 * @param transport the transport that is wanted
 * @param listeners where clients are accepted
 * @param downstream what is allowed to clients
 * @param retries how often an attempt may be repeated
 * @param panicResponse what a client sees of a panic
 * @param summaryHeaders names of the header fields that summaries show
 * @param watchdog how long a call may hold an event loop
 * @param pool how idle upstream connections are kept
 * @param dns how the names of backends are looked up
 * @param accessLog what the access log looks like, if there is one
 * @param router finds the route among those of the properties, or {@code null} if the
 * user has a router or proxy
 */
record EngineConfiguration(int threads, Transport transport, List<ListenerOptions> listeners,
		DownstreamOptions downstream, RetryOptions retries, PanicResponse panicResponse, List<String> summaryHeaders,
		WatchdogOptions watchdog, PoolOptions pool, DnsOptions dns, AccessLogOptions accessLog,
		@Nullable Router router) {

	void applyTo(ProxyServer.Builder builder) {
		builder.threads(this.threads)
			.transport(this.transport)
			.downstream(this.downstream)
			.retries(this.retries)
			.panicResponse(this.panicResponse)
			.summaryHeaders(this.summaryHeaders)
			.watchdog(this.watchdog)
			.upstreamPool(this.pool)
			.dns(this.dns);
		this.listeners.forEach(builder::listener);
	}

}
