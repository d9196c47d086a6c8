package dev.pingora.server;

import java.util.List;

import dev.pingora.connector.DnsOptions;
import dev.pingora.connector.PoolOptions;
import dev.pingora.panic.PanicResponse;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.proxy.Router;
import dev.pingora.transport.Transport;

/**
 * What a server was built from, for those who look at it: the settings that are in
 * effect, whoever has made them. Immutable.
 *
 * @param eventLoops the number of event loops
 * @param transport the transport that is wanted; {@link ProxyServer#transport} tells
 * which one is used
 * @param listeners where clients are accepted
 * @param downstream what is allowed to clients
 * @param retries how often an attempt may be repeated
 * @param panicResponse what a client sees of a panic
 * @param router finds a request's route
 * @param pool how idle upstream connections are kept
 * @param dns how the names of peers are looked up
 */
public record ServerDescription(int eventLoops, Transport transport, List<ListenerOptions> listeners,
		DownstreamOptions downstream, RetryOptions retries, PanicResponse panicResponse, Router router,
		PoolOptions pool, DnsOptions dns) {
}
