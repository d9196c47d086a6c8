package dev.pingora.server;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;

import dev.pingora.connector.DnsOptions;
import dev.pingora.connector.PoolOptions;
import dev.pingora.event.ProxyListener;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicResponse;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.proxy.Router;
import dev.pingora.transport.Transport;
import dev.pingora.watchdog.WatchdogOptions;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * All that a server is built from.
 *
 * @param threads the number of event loops, 0 for one per core
 * @param transport the transport that is wanted
 * @param listeners where clients are accepted
 * @param downstream what is allowed to clients
 * @param retries how often an attempt may be repeated
 * @param router finds a request's route
 * @param panicResponse what a client sees of a panic
 * @param isolation the border, or {@code null} for one of the server's own
 * @param executor where blocking phases run, or {@code null} for one of the server's own
 * @param observers who observes requests
 * @param summaryHeaders the names of the header fields that summaries show
 * @param watchdog how long a call may hold an event loop
 * @param pool how idle upstream connections are kept
 * @param dns how the names of peers are looked up
 * @param upstreamLoop says, for a request's loop, on which loop its upstream connection
 * lives
 */
record ServerSettings(int threads, Transport transport, List<ListenerOptions> listeners, DownstreamOptions downstream,
		RetryOptions retries, Router router, PanicResponse panicResponse, @Nullable PanicIsolation isolation,
		@Nullable Executor executor, List<ProxyListener> observers, List<String> summaryHeaders,
		WatchdogOptions watchdog, PoolOptions pool, DnsOptions dns, UnaryOperator<EventLoop> upstreamLoop) {
}
