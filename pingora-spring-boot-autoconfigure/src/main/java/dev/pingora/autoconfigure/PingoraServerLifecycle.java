package dev.pingora.autoconfigure;

import java.time.Duration;

import dev.pingora.panic.PanicSite;
import dev.pingora.server.ProxyServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * Starts the server when the application is ready, and ends it before anything that
 * requests may need is taken down: readiness goes down first, then there is a delay in
 * which everything is still served, then the server drains. The server's event loops keep
 * the JVM alive.
 */
final class PingoraServerLifecycle implements SmartLifecycle {

	/**
	 * Last to start, first to end: before Boot's graceful shutdown of its own web servers
	 * ({@code DEFAULT_PHASE - 1024}), at one of which the readiness probe may be
	 * answered.
	 */
	static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 512;

	private static final PanicSite READINESS = PanicSite.of(PanicSite.ENGINE, "readiness");

	private static final Logger logger = LoggerFactory.getLogger(PingoraServerLifecycle.class);

	private final ProxyServer server;

	private final ApplicationContext context;

	private final Duration delay;

	private final Duration grace;

	/**
	 * Makes the lifecycle.
	 * @param server the server
	 * @param context where the change of readiness is published
	 * @param delay how long everything is still served after readiness has gone down
	 * @param grace how long the end may take, the delay included
	 */
	PingoraServerLifecycle(ProxyServer server, ApplicationContext context, Duration delay, Duration grace) {
		this.server = server;
		this.context = context;
		this.delay = delay;
		Duration rest = grace.minus(delay);
		this.grace = rest.isNegative() ? Duration.ZERO : rest;
	}

	@Override
	public void start() {
		this.server.start();
	}

	@Override
	public void stop() {
		if (!this.server.isRunning()) {
			return;
		}
		// Boot does it itself for web applications only. A listener's panic is not to
		// keep the server from draining.
		this.server.isolation()
			.observe(READINESS, this.context,
					(context) -> AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC));
		this.server.quiesce();
		pause();
		logger.info("Draining: {} requests in flight may take {} to finish", this.server.activeRequests(), this.grace);
		int aborted = this.server.drain(this.grace);
		logger.info("Drained: {} requests were aborted", aborted);
	}

	private void pause() {
		if (this.delay.isZero()) {
			return;
		}
		logger.info("Refusing traffic: everything is still served for {}", this.delay);
		try {
			Thread.sleep(this.delay.toMillis());
		}
		catch (InterruptedException hurry) {
			Thread.currentThread().interrupt(); // draining doesn't wait then, either
		}
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
