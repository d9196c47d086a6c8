package dev.pingora.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.pingora.forwarding.ForwardedOptions;
import dev.pingora.panic.PanicResponse;
import dev.pingora.transport.Transport;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The application's {@code pingora.*} properties. {@link UnknownProperties} refuses other
 * keys, so that a typo does not go unnoticed.
 *
 * @param enabled whether a proxy server is made at all
 * @param threads number of event loops; 0 means one per core
 * @param transport the system's mechanism for sockets; auto takes the best that works
 * here
 * @param listeners where clients are accepted; by default one that is named http, on port
 * 8080 of all addresses
 * @param downstream what is allowed to every listener's clients
 * @param upstreamDefaults how backends are called, unless their upstream says otherwise
 * @param upstreams groups of backends that do the same work, by name
 * @param upstreamPool how idle connections to backends are kept
 * @param dns how the names of backends are looked up
 * @param routes which requests go where; the first route that matches takes the request
 * @param panic what happens when code panics while it works for a request
 * @param retries how often an attempt to call a backend may be repeated
 * @param executor where blocking filters run, and whatever is given to the
 * pingoraTaskExecutor bean
 * @param accessLog the log of all requests
 * @param watchdog finds code that holds an event loop for too long
 * @param sentry how panics are reported to Sentry
 * @param shutdown how the server ends
 */
@ConfigurationProperties(prefix = PingoraProperties.PREFIX)
public record PingoraProperties(@DefaultValue("true") boolean enabled, @DefaultValue("0") int threads,
		@DefaultValue("auto") Transport transport, @DefaultValue List<Listener> listeners,
		@DefaultValue Downstream downstream, @DefaultValue UpstreamDefaults upstreamDefaults,
		@DefaultValue Map<String, Upstream> upstreams,
		@NestedConfigurationProperty @DefaultValue UpstreamPoolProperties upstreamPool,
		@NestedConfigurationProperty @DefaultValue DnsProperties dns, @DefaultValue List<Route> routes,
		@DefaultValue Panic panic, @DefaultValue Retries retries, @DefaultValue Executor executor,
		@NestedConfigurationProperty @DefaultValue AccessLogProperties accessLog,
		@NestedConfigurationProperty @DefaultValue WatchdogProperties watchdog,
		@NestedConfigurationProperty @DefaultValue SentryProperties sentry,
		@NestedConfigurationProperty @DefaultValue ShutdownProperties shutdown) {

	static final String PREFIX = "pingora";

	/**
	 * A port at which clients are accepted.
	 *
	 * @param name name for logs, meters and health; by default http, then http-1, http-2
	 * and so on
	 * @param address address to bind, or unix: and the path of a Unix domain socket
	 * @param port port to bind; 0 lets the system choose
	 * @param protocols protocols that are spoken
	 * @param sslBundle name of the SSL bundle; without one, clear text
	 * @param maxConnections how many connections there may be at once; further clients
	 * wait
	 * @param maxConnectionsPerAddress how many connections there may be at once from an
	 * address, or a 64-bit network of IPv6; further ones are reset. 0 means any number
	 * @param unlimitedAddresses addresses, in CIDR notation, that may have any number of
	 * connections
	 * @param socket the listening socket, and those of its clients
	 */
	public record Listener(@Nullable String name, @DefaultValue("0.0.0.0") String address, @Nullable Integer port,
			@DefaultValue("http1") List<ListenerProtocol> protocols, @Nullable String sslBundle,
			@DefaultValue("100000") int maxConnections, @DefaultValue("1024") int maxConnectionsPerAddress,
			@DefaultValue( {
					"127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
					"169.254.0.0/16", "fc00::/7", "fe80::/10" }) List<String> unlimitedAddresses,
			@NestedConfigurationProperty @DefaultValue ListenerSocketProperties socket){
	}

	/**
	 * What is allowed to clients.
	 *
	 * @param headerTimeout how long a whole request head may take
	 * @param readTimeout longest pause between two reads of a request body
	 * @param writeTimeout how long a write may make no progress
	 * @param idleTimeout how long a connection may wait for its next request
	 * @param tlsHandshakeTimeout how long a TLS handshake may take
	 * @param maxHeaderSize largest request head, 256B to 1MB
	 * @param maxHeaderCount most header fields of a request
	 * @param maxBodySize largest request body; -1 means any
	 * @param resetTimeout how long a connection that is to be reset may take to deliver
	 * the responses before
	 * @param limits how slow a client may be, and how long a connection is used
	 * @param forwardedHeaders what becomes of the headers that tell of the client:
	 * X-Forwarded-*, Forwarded and X-Real-IP
	 * @param forwardedStyle which of these headers are read and written
	 * @param trustedProxies proxies whose headers are believed: addresses, networks in
	 * CIDR notation, or unix for Unix domain sockets
	 * @param via name of this proxy in the header Via; none leaves Via alone
	 * @param upgrade to which protocols connections may be upgraded
	 */
	public record Downstream(@DefaultValue("10s") Duration headerTimeout, @DefaultValue("60s") Duration readTimeout,
			@DefaultValue("60s") Duration writeTimeout, @DefaultValue("60s") Duration idleTimeout,
			@Nullable Duration tlsHandshakeTimeout, @DefaultValue("64KB") DataSize maxHeaderSize,
			@DefaultValue("200") int maxHeaderCount, @DefaultValue("-1") DataSize maxBodySize,
			@DefaultValue("2s") Duration resetTimeout,
			@NestedConfigurationProperty @DefaultValue ClientLimitsProperties limits,
			@DefaultValue("append") ForwardedOptions.Mode forwardedHeaders,
			@DefaultValue("x-forwarded") ForwardedOptions.Style forwardedStyle,
			@DefaultValue List<String> trustedProxies, @Nullable String via,
			@NestedConfigurationProperty @DefaultValue UpgradeProperties upgrade) {
	}

	/**
	 * How backends are called.
	 *
	 * @param connectTimeout how long a connection may take to come about
	 * @param readTimeout longest pause between two reads of a response, its first octet
	 * included
	 * @param writeTimeout how long a write may make no progress
	 * @param idleTimeout how long an unused connection is kept; 0 keeps none
	 * @param maxConnections how many connections there may be at once to each backend
	 * @param maxIdleConnections how many unused connections to each backend are kept; 0
	 * keeps none
	 * @param maxHeaderSize largest response head, status line included, 256B to 1MB
	 * @param maxHeaderCount most header fields of a response, 1 to 10,000
	 * @param socket the sockets that connect to backends
	 */
	public record UpstreamDefaults(@DefaultValue("1s") Duration connectTimeout,
			@DefaultValue("60s") Duration readTimeout, @DefaultValue("60s") Duration writeTimeout,
			@DefaultValue("60s") Duration idleTimeout, @DefaultValue("1024") int maxConnections,
			@DefaultValue("1024") int maxIdleConnections, @DefaultValue("64KB") DataSize maxHeaderSize,
			@DefaultValue("200") int maxHeaderCount,
			@NestedConfigurationProperty @DefaultValue UpstreamSocketProperties socket) {
	}

	/**
	 * A group of backends that do the same work.
	 *
	 * @param backends the backends: host:port or unix:/path, or address and weight
	 * @param loadBalancing how a backend is chosen
	 * @param healthCheck how backends are probed
	 * @param protocol protocol that the backends speak
	 * @param sslBundle name of the SSL bundle for TLS to the backends
	 * @param connectTimeout how long a connection may take to come about
	 * @param readTimeout longest pause between two reads of a response, its first octet
	 * included
	 * @param writeTimeout how long a write may make no progress
	 * @param idleTimeout how long an unused connection is kept; 0 keeps none
	 * @param maxConnections how many connections there may be at once to each backend
	 * @param maxIdleConnections how many unused connections to each backend are kept; 0
	 * keeps none
	 * @param maxHeaderSize largest response head, status line included, 256B to 1MB
	 * @param maxHeaderCount most header fields of a response, 1 to 10,000
	 * @param socket the sockets that connect to backends
	 */
	public record Upstream(@DefaultValue List<BackendProperties> backends,
			@DefaultValue("round-robin") LoadBalancing loadBalancing, @Nullable HealthCheck healthCheck,
			@DefaultValue("http1") UpstreamProtocol protocol, @Nullable String sslBundle,
			@Nullable Duration connectTimeout, @Nullable Duration readTimeout, @Nullable Duration writeTimeout,
			@Nullable Duration idleTimeout, @Nullable Integer maxConnections, @Nullable Integer maxIdleConnections,
			@Nullable DataSize maxHeaderSize, @Nullable Integer maxHeaderCount,
			@NestedConfigurationProperty @DefaultValue UpstreamSocketProperties socket) {
	}

	/**
	 * How backends are probed.
	 *
	 * @param type kind of probe
	 * @param path path that is asked for
	 * @param interval pause between two probes
	 */
	public record HealthCheck(@Nullable String type, @Nullable String path, @Nullable Duration interval) {
	}

	/**
	 * Which requests go where.
	 *
	 * @param id name for logs, meters and panics; unique
	 * @param predicates what a request must be like
	 * @param filters built-in filters and names of filter beans, in order
	 * @param upstream name of the upstream; either this or a uri
	 * @param uri a single backend, http://host:port or unix:/path; either this or an
	 * upstream
	 */
	public record Route(@Nullable String id, @DefaultValue List<StepProperties> predicates,
			@DefaultValue List<StepProperties> filters, @Nullable String upstream, @Nullable String uri) {
	}

	/**
	 * What happens when code panics while it works for a request.
	 *
	 * @param response what the client sees of a panic before the response has begun
	 * @param headers names of request headers whose values are shown in reports of
	 * panics; they may hold secrets
	 * @param history how many of the most recent panics are remembered, 1 to 10,000
	 */
	public record Panic(@DefaultValue("reset") PanicResponse response, @DefaultValue List<String> headers,
			@DefaultValue("100") int history) {
	}

	/**
	 * How often an attempt to call a backend may be repeated.
	 *
	 * @param max how many attempts may follow a request's first one, 0 to 16
	 * @param budget no attempt starts when the request has been here for so long
	 * @param maxReplaySize how much of a request body is kept to be sent again, 16MB at
	 * most
	 */
	public record Retries(@DefaultValue("3") int max, @DefaultValue("10s") Duration budget,
			@DefaultValue("64KB") DataSize maxReplaySize) {
	}

	/**
	 * Where blocking filters run. What it can't take is rejected at once.
	 *
	 * @param maxConcurrency how many tasks may run at once, on Java 21 and later, where
	 * each has a virtual thread
	 * @param poolSize number of threads on Java 17
	 * @param queueCapacity how many tasks may wait for a thread on Java 17
	 */
	public record Executor(@DefaultValue("4096") int maxConcurrency, @DefaultValue("64") int poolSize,
			@DefaultValue("1024") int queueCapacity) {
	}

	/**
	 * A protocol that a listener speaks.
	 */
	public enum ListenerProtocol {

		/** HTTP/1.1. */
		HTTP1,

		/** HTTP/2 in clear text. */
		H2C,

		/** HTTP/2 over TLS. */
		H2

	}

	/**
	 * The protocol that backends speak.
	 */
	public enum UpstreamProtocol {

		/** HTTP/1.1. */
		HTTP1,

		/** HTTP/2 in clear text. */
		H2C,

		/** What TLS negotiates. */
		AUTO

	}

	/**
	 * How a backend is chosen.
	 */
	public enum LoadBalancing {

		/** Backends take turns, each as often as its weight says. */
		ROUND_ROBIN,

		/** At random, by weight. */
		RANDOM,

		/** The one with the fewest requests. */
		LEAST_REQUEST,

		/** The less loaded of two that are taken at random. */
		P2C,

		/** By consistent hashing. */
		KETAMA

	}

}
