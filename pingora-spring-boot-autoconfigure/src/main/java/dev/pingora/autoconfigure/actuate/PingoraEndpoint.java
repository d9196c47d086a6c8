package dev.pingora.autoconfigure.actuate;

import dev.pingora.accesslog.AccessLog;
import dev.pingora.autoconfigure.PingoraProperties;
import dev.pingora.server.ProxyServer;
import dev.pingora.server.ServerDescription;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * The endpoint {@code pingora}: the server as it is. Used by many threads.
 */
@Endpoint(id = "pingora")
public final class PingoraEndpoint {

	private final ProxyServer server;

	private final @Nullable AccessLog accessLog;

	private final @Nullable PingoraProperties properties;

	PingoraEndpoint(ProxyServer server, @Nullable AccessLog accessLog, @Nullable PingoraProperties properties) {
		this.server = server;
		this.accessLog = accessLog;
		this.properties = properties;
	}

	/**
	 * Returns the server as it is.
	 * @return its parts and its settings
	 */
	@ReadOperation
	public PingoraDescriptor pingora() {
		ServerDescription description = this.server.description();
		return new PingoraDescriptor(ProxyServer.class.getPackage().getImplementationVersion(), this.server.isRunning(),
				this.server.transport(), description.eventLoops(), this.server.activeRequests(),
				ServerDescriptions.listeners(this.server), AopUtils.getTargetClass(description.router()).getName(),
				ServerDescriptions.routes(description.router()), ServerDescriptions.upstreams(this.server),
				ServerDescriptions.pools(this.server.pools()), ServerDescriptions.executor(this.server),
				ServerDescriptions.watchdog(this.server.watchdog()), ServerDescriptions.accessLog(this.accessLog),
				EffectiveSettings.of(this.properties, description));
	}

}
