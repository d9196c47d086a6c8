package dev.pingora.autoconfigure;

import java.time.Duration;
import java.util.Map;

import dev.pingora.accesslog.AccessLogOptions;
import dev.pingora.balancing.Upstream;
import dev.pingora.connector.DnsOptions;
import dev.pingora.connector.PoolOptions;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.proxy.Router;
import dev.pingora.server.RetryOptions;
import dev.pingora.transport.EventLoops;
import dev.pingora.upstream.PeerOptions;
import dev.pingora.watchdog.WatchdogOptions;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationPropertySource;

/**
 * Maps the properties to the engine's terms and collects all mistakes on the way.
 */
final class PropertiesMapper {

	private static final int MIB = 1024 * 1024;

	private final PingoraProperties properties;

	private final Iterable<ConfigurationPropertySource> sources;

	private final Problems problems = new Problems();

	/**
	 * Makes a mapper.
	 * @param properties the properties
	 * @param sources where they come from, to find those that nobody reads
	 */
	PropertiesMapper(PingoraProperties properties, Iterable<ConfigurationPropertySource> sources) {
		this.properties = properties;
		this.sources = sources;
	}

	/**
	 * Maps everything.
	 * @param filters the user's filters, or {@code null} if the user has a router or
	 * proxy, so that the routes are not looked at
	 * @return the configuration
	 * @throws InvalidPingoraConfigurationException if there are mistakes: all of them
	 */
	EngineConfiguration map(@Nullable FilterBeans filters) {
		new UnknownProperties(this.problems).check(this.sources);
		int threads = this.problems.range("pingora.threads", this.properties.threads(), 0, 1024);
		SocketMapper sockets = new SocketMapper(this.problems, EventLoops.chosen(this.properties.transport()));
		var listeners = new ListenerMapper(this.problems, sockets).map(this.properties.listeners());
		DownstreamOptions downstream = downstream(this.properties.downstream());
		UpstreamMapper upstreamMapper = new UpstreamMapper(this.problems, sockets);
		PeerOptions defaults = upstreamMapper.mapDefaults(this.properties.upstreamDefaults());
		Map<String, Upstream> upstreams = upstreamMapper.map(this.properties.upstreams(), defaults);
		ConnectorMapper connectorMapper = new ConnectorMapper(this.problems);
		PoolOptions pool = connectorMapper.map(this.properties.upstreamPool());
		DnsOptions dns = connectorMapper.map(this.properties.dns());
		Router router = (filters != null)
				? new RouteMapper(this.problems, upstreams, defaults, filters).map(this.properties.routes()) : null;
		RetryOptions retries = retries(this.properties.retries());
		WatchdogOptions watchdog = watchdog(this.properties.watchdog());
		checkExecutor(this.properties.executor());
		checkSentry(this.properties.sentry());
		PanicHistorySize.check(this.properties, this.problems);
		checkShutdown(this.properties.shutdown());
		AccessLogOptions accessLog = new AccessLogMapper(this.problems).map(this.properties.accessLog());
		this.problems.throwIfAny();
		return new EngineConfiguration(threads, this.properties.transport(), listeners, downstream, retries,
				this.properties.panic().response(), this.properties.panic().headers(), watchdog, pool, dns, accessLog,
				router);
	}

	private DownstreamOptions downstream(PingoraProperties.Downstream downstream) {
		String property = "pingora.downstream";
		this.problems.unsupported(property + ".tls-handshake-timeout", downstream.tlsHandshakeTimeout());
		long maxBodySize = downstream.maxBodySize().toBytes();
		if (maxBodySize < -1) {
			this.problems.add(property + ".max-body-size", Quantities.text(downstream.maxBodySize()),
					">= 0, or -1 for any");
			maxBodySize = -1;
		}
		return DownstreamOptions.builder()
			.headerTimeout(this.problems.positive(property + ".header-timeout", downstream.headerTimeout()))
			.readTimeout(this.problems.positive(property + ".read-timeout", downstream.readTimeout()))
			.writeTimeout(this.problems.positive(property + ".write-timeout", downstream.writeTimeout()))
			.idleTimeout(this.problems.positive(property + ".idle-timeout", downstream.idleTimeout()))
			.resetTimeout(this.problems.positive(property + ".reset-timeout", downstream.resetTimeout()))
			.maxHeaderSize(this.problems.octets(property + ".max-header-size", downstream.maxHeaderSize(), 256, MIB))
			.maxHeaderCount(this.problems.range(property + ".max-header-count", downstream.maxHeaderCount(), 1, 10_000))
			.maxBodySize(maxBodySize)
			.forwarded(new ForwardedMapper(this.problems).map(downstream))
			.limits(new LimitsMapper(this.problems).clients(downstream.limits()))
			.upgrade(new UpgradeMapper(this.problems).map(downstream.upgrade()))
			.build();
	}

	private RetryOptions retries(PingoraProperties.Retries retries) {
		return new RetryOptions(this.problems.range("pingora.retries.max", retries.max(), 0, 16),
				this.problems.notNegative("pingora.retries.budget", retries.budget()),
				this.problems.octets("pingora.retries.max-replay-size", retries.maxReplaySize(), 0, 16 * MIB));
	}

	private WatchdogOptions watchdog(WatchdogProperties watchdog) {
		return new WatchdogOptions(this.problems.rangeOrOff("pingora.watchdog.loop-budget", watchdog.loopBudget(),
				Duration.ofMillis(10), Duration.ofHours(1)));
	}

	private void checkExecutor(PingoraProperties.Executor executor) {
		this.problems.atLeast("pingora.executor.max-concurrency", executor.maxConcurrency(), 1);
		this.problems.atLeast("pingora.executor.pool-size", executor.poolSize(), 1);
		this.problems.atLeast("pingora.executor.queue-capacity", executor.queueCapacity(), 0);
	}

	private void checkSentry(SentryProperties sentry) {
		this.problems.range("pingora.sentry.queue-capacity", sentry.queueCapacity(), 1, 10_000);
		this.problems.positive("pingora.sentry.fold-window", sentry.foldWindow());
		this.problems.range("pingora.sentry.max-events-per-minute", sentry.maxEventsPerMinute(), 1, 10_000);
		this.problems.notNegative("pingora.sentry.shutdown-timeout", sentry.shutdownTimeout());
	}

	private void checkShutdown(ShutdownProperties shutdown) {
		Duration delay = this.problems.notNegative("pingora.shutdown.delay", shutdown.delay());
		Duration grace = ShutdownGrace.of(this.sources);
		if (!delay.isZero() && delay.compareTo(grace) >= 0) {
			this.problems.add("pingora.shutdown.delay", Quantities.text(delay),
					"< " + Quantities.text(grace) + ", which is " + ShutdownGrace.PROPERTY
							+ " less a margin: requests in flight need time to finish, too");
		}
	}

}
