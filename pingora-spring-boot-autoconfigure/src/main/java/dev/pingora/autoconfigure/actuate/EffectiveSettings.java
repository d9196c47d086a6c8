package dev.pingora.autoconfigure.actuate;

import java.lang.reflect.RecordComponent;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import dev.pingora.autoconfigure.PingoraProperties;
import dev.pingora.forwarding.ForwardedOptions;
import dev.pingora.server.ServerDescription;
import dev.pingora.transport.Transport;
import org.jspecify.annotations.Nullable;

import org.springframework.util.ReflectionUtils;
import org.springframework.util.unit.DataSize;

/**
 * The settings that are in effect: the properties with their defaults, and over them what
 * the server was really built from, which code may have changed. Durations become
 * milliseconds and sizes octets, which are the properties' own default units.
 */
final class EffectiveSettings {

	private static final String PREFIX = "pingora";

	/** Shown by themselves or by other names, as the engine has understood them. */
	private static final Set<String> SHOWN_ELSEWHERE = Set.of("pingora.listeners", "pingora.upstreams",
			"pingora.routes", "pingora.downstream.forwarded");

	private EffectiveSettings() {
	}

	/**
	 * Returns the settings.
	 * @param properties the properties, or {@code null} if there are none
	 * @param server what the server was built from
	 * @return the values by the names of their properties, sorted; one that is not set
	 * and has no default is absent
	 */
	static Map<String, Object> of(@Nullable PingoraProperties properties, ServerDescription server) {
		Map<String, Object> settings = new TreeMap<>();
		if (properties != null) {
			addAll(settings, PREFIX, properties);
		}
		settings.put(PREFIX + ".threads", server.eventLoops());
		settings.put(PREFIX + ".transport", text(server.transport()));
		settings.put(PREFIX + ".panic.response", text(server.panicResponse()));
		addAll(settings, PREFIX + ".downstream", server.downstream());
		forwarded(settings, server.downstream().forwarded());
		addAll(settings, PREFIX + ".retries", server.retries());
		addAll(settings, PREFIX + ".upstream-pool", server.pool());
		addAll(settings, PREFIX + ".dns", server.dns());
		return settings;
	}

	private static void forwarded(Map<String, Object> settings, ForwardedOptions forwarded) {
		String prefix = PREFIX + ".downstream.";
		add(settings, prefix + "forwarded-headers", forwarded.mode());
		add(settings, prefix + "forwarded-style", forwarded.style());
		add(settings, prefix + "trusted-proxies", forwarded.trustedProxies().entries());
		String via = forwarded.via();
		settings.remove(prefix + "via");
		if (via != null) {
			add(settings, prefix + "via", via);
		}
	}

	private static void addAll(Map<String, Object> settings, String prefix, Record group) {
		for (RecordComponent component : group.getClass().getRecordComponents()) {
			ReflectionUtils.makeAccessible(component.getAccessor());
			Object value = ReflectionUtils.invokeMethod(component.getAccessor(), group);
			String name = prefix + "." + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
			if (value != null && !SHOWN_ELSEWHERE.contains(name)) {
				add(settings, name, value);
			}
		}
	}

	private static void add(Map<String, Object> settings, String name, Object value) {
		if (value instanceof Record group) {
			addAll(settings, name, group);
		}
		else if (value instanceof Duration duration) {
			settings.put(name, duration.toMillis());
		}
		else if (value instanceof DataSize size) {
			settings.put(name, size.toBytes());
		}
		else if (value instanceof Enum<?> constant) {
			settings.put(name, text(constant));
		}
		else if (value instanceof Collection<?> list) {
			settings.put(name, list.stream().map(EffectiveSettings::element).toList());
		}
		else {
			settings.put(name, value);
		}
	}

	private static String element(Object value) {
		return (value instanceof InetSocketAddress address) ? address.getHostString() + ":" + address.getPort()
				: String.valueOf(value);
	}

	private static String text(Enum<?> value) {
		String name = value.name().toLowerCase(Locale.ROOT);
		return (value instanceof Transport) ? name : name.replace('_', '-');
	}

}
