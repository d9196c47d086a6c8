package dev.pingora.autoconfigure;

import java.time.Duration;

import dev.pingora.server.ProxyServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.SmartLifecycle;

/**
 * Starts the server when the application is ready, and drains it before anything that
 * requests may need is taken down. The server's event loops keep the JVM alive.
 */
final class PingoraServerLifecycle implements SmartLifecycle {

	/**
	 * With Boot's graceful shutdown of its own web servers: late to start, first to end.
	 */
	static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 1024;

	private static final Logger logger = LoggerFactory.getLogger(PingoraServerLifecycle.class);

	private final ProxyServer server;

	private final Duration grace;

	/**
	 * Makes the lifecycle.
	 * @param server the server
	 * @param grace how long requests in flight may take to finish at the end
	 */
	PingoraServerLifecycle(ProxyServer server, Duration grace) {
		this.server = server;
		this.grace = grace;
	}

	@Override
	public void start() {
		this.server.start();
	}

	@Override
	public void stop() {
		logger.info("Draining: {} requests in flight may take {} to finish", this.server.activeRequests(), this.grace);
		int aborted = this.server.drain(this.grace);
		logger.info("Drained: {} requests were aborted", aborted);
	}

	@Override
	public void stop(Runnable callback) {
		new Thread(() -> {
			try {
				stop();
			}
			finally {
				callback.run();
			}
		}, "pingora-drain").start();
	}

	@Override
	public boolean isRunning() {
		return this.server.isRunning();
	}

	// A server starts once only: a paused context could not go on.
	@Override
	public boolean isPauseable() {
		return false;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

}
