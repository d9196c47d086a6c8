package dev.pingora.autoconfigure.actuate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.pingora.event.HeldLoop;
import dev.pingora.panic.Panic;
import dev.pingora.panic.Supervision;
import dev.pingora.server.BoundListener;
import dev.pingora.server.ProxyServer;
import dev.pingora.watchdog.WatchdogStatus;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * The server's {@link HealthIndicator}: up while it accepts clients, and down for a
 * minute after a panic that put the process itself in doubt. Other panics do not change
 * it: they harm nobody but their own request.
 */
final class PingoraHealthIndicator extends AbstractHealthIndicator {

	private final ProxyServer server;

	PingoraHealthIndicator(ProxyServer server) {
		super("The health of the proxy server can't be told");
		this.server = server;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		Panic grave = this.server.isolation().grave();
		if (!this.server.isRunning()) {
			builder.down().withDetail("reason", "the server does not accept clients");
		}
		else if (grave != null) {
			builder.down()
				.withDetail("reason", "panic " + grave.id() + " puts the process in doubt: " + grave.cause()
						+ "; restart it, or wait for a minute without another one");
		}
		else {
			builder.up();
		}
		builder.withDetail("listeners", listeners())
			.withDetail("transport", this.server.transport())
			.withDetail("activeRequests", this.server.activeRequests())
			.withDetail("panics", this.server.isolation().totals().total());
		addHeldLoops(builder);
		List<String> failing = failingTasks();
		if (!failing.isEmpty()) {
			builder.withDetail("failingBackgroundTasks", failing);
		}
	}

	// They are restarted with back-off and keep their last good data: no reason to be
	// down.
	private List<String> failingTasks() {
		return this.server.isolation()
			.supervisions()
			.stream()
			.filter((task) -> !task.isHealthy())
			.map(Supervision::name)
			.toList();
	}

	// Whoever holds a loop harms its connections, but a restart would bring him back: not
	// down.
	private void addHeldLoops(Health.Builder builder) {
		WatchdogStatus watchdog = this.server.watchdog();
		builder.withDetail("heldLoops", watchdog.held().stream().map(PingoraHealthIndicator::describe).toList())
			.withDetail("loopOverruns", watchdog.overruns());
	}

	private static Map<String, Object> describe(HeldLoop held) {
		Map<String, Object> details = new LinkedHashMap<>();
		if (held.filter() != null) {
			details.put("filter", held.filter());
		}
		details.put("phase", held.phase());
		if (held.route() != null) {
			details.put("route", held.route());
		}
		details.put("thread", held.thread());
		details.put("heldMillis", held.held().toMillis());
		return details;
	}

	private List<Map<String, Object>> listeners() {
		return this.server.listeners().stream().map(PingoraHealthIndicator::describe).toList();
	}

	private static Map<String, Object> describe(BoundListener listener) {
		Map<String, Object> details = new LinkedHashMap<>();
		details.put("name", listener.name());
		details.put("address", listener.address());
		details.put("port", listener.port());
		details.put("connections", listener.connections());
		return details;
	}

}
