package dev.pingora.autoconfigure.actuate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.pingora.autoconfigure.actuate.PingoraDescriptor.BackendDescriptor;
import dev.pingora.autoconfigure.actuate.PingoraDescriptor.ExecutorDescriptor;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.Supervision;
import dev.pingora.server.ProxyServer;
import dev.pingora.watchdog.WatchdogStatus;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * The server's {@link HealthIndicator}: up while it accepts clients, and down for a
 * minute after a panic that put the process itself in doubt. Other panics do not change
 * it: they harm nobody but their own request. Nor do an executor that is full or a
 * background task that fails: both are shown.
 */
final class PingoraHealthIndicator extends AbstractHealthIndicator {

	private static final String WAY_BACK = "restart the process, or wait for a minute without another such panic";

	private final ProxyServer server;

	PingoraHealthIndicator(ProxyServer server) {
		super("The health of the proxy server can't be told");
		this.server = server;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		PanicIsolation isolation = this.server.isolation();
		Panic grave = isolation.grave();
		if (!this.server.isRunning()) {
			builder.down().withDetail("reason", "the server does not accept clients");
		}
		else if (grave != null) {
			builder.down().withDetail("reason", "panic " + grave.id() + " puts the process in doubt");
		}
		else {
			builder.up();
		}
		if (grave != null) {
			builder.withDetail("gravePanic", describe(grave));
		}
		builder.withDetail("transport", this.server.transport())
			.withDetail("activeRequests", this.server.activeRequests())
			.withDetail("listeners", ServerDescriptions.listeners(this.server))
			.withDetail("upstreams", upstreams())
			.withDetail("panics", panics(isolation));
		ExecutorDescriptor executor = ServerDescriptions.executor(this.server);
		if (executor != null) {
			builder.withDetail("executor", executor);
		}
		builder.withDetail("droppedNotifications", isolation.droppedNotifications());
		addHeldLoops(builder);
		List<String> failing = failingTasks(isolation);
		if (!failing.isEmpty()) {
			builder.withDetail("failingBackgroundTasks", failing);
		}
	}

	// Whoever holds a loop harms its connections, but a restart would bring him back: not
	// down.
	private void addHeldLoops(Health.Builder builder) {
		WatchdogStatus watchdog = this.server.watchdog();
		builder
			.withDetail("heldLoops",
					watchdog.held().stream().map((held) -> ServerDescriptions.describe(held, false)).toList())
			.withDetail("loopOverruns", watchdog.overruns());
	}

	private static Map<String, Object> describe(Panic grave) {
		Map<String, Object> details = new LinkedHashMap<>();
		details.put("id", grave.id());
		details.put("time", grave.time().toString());
		details.put("cause", ThrownText.line(grave.cause()));
		details.put("wayBack", WAY_BACK);
		return details;
	}

	private Map<String, List<Map<String, Object>>> upstreams() {
		Map<String, List<Map<String, Object>>> details = new LinkedHashMap<>();
		ServerDescriptions.upstreams(this.server).forEach((upstream) -> {
			List<Map<String, Object>> backends = details.computeIfAbsent(upstream.name(), (name) -> new ArrayList<>());
			upstream.backends().forEach((backend) -> backends.add(describe(backend)));
		});
		return details;
	}

	private static Map<String, Object> describe(BackendDescriptor backend) {
		Map<String, Object> details = new LinkedHashMap<>();
		details.put("address", backend.address());
		details.put("active", backend.active());
		details.put("idle", backend.idle());
		return details;
	}

	private static Map<String, Object> panics(PanicIsolation isolation) {
		Map<String, Object> details = new LinkedHashMap<>();
		details.put("total", isolation.totals().total());
		details.put("lastFiveMinutes", isolation.recentCount(PanicDescriptions.WINDOW));
		return details;
	}

	// They are restarted with back-off and keep their last good data: no reason to be
	// down.
	private static List<String> failingTasks(PanicIsolation isolation) {
		return isolation.supervisions().stream().filter((task) -> !task.isHealthy()).map(Supervision::name).toList();
	}

}
