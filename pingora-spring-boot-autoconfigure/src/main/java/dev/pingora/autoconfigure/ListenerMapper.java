package dev.pingora.autoconfigure;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.pingora.server.ListenerOptions;

/**
 * Maps {@code pingora.listeners}.
 */
final class ListenerMapper {

	private static final ListenerOptions DEFAULT = ListenerOptions.of("http", "0.0.0.0", 8080);

	private final Problems problems;

	ListenerMapper(Problems problems) {
		this.problems = problems;
	}

	List<ListenerOptions> map(List<PingoraProperties.Listener> listeners) {
		if (listeners.isEmpty()) {
			return List.of(DEFAULT);
		}
		List<ListenerOptions> mapped = new ArrayList<>();
		Set<String> names = new HashSet<>();
		for (int i = 0; i < listeners.size(); i++) {
			String property = "pingora.listeners[" + i + "]";
			String name = name(listeners.get(i), i);
			if (!names.add(name)) {
				this.problems.add(property + ".name", name, "a name that no other listener has");
			}
			mapped.add(map(property, name, listeners.get(i)));
		}
		return mapped;
	}

	/**
	 * Returns a listener's name.
	 * @param listener the listener
	 * @param index its place in the list
	 * @return the configured name, or one made of the place
	 */
	static String name(PingoraProperties.Listener listener, int index) {
		String name = listener.name();
		if (name != null && !name.isBlank()) {
			return name;
		}
		return (index == 0) ? "http" : "http-" + index;
	}

	private ListenerOptions map(String property, String name, PingoraProperties.Listener listener) {
		int port = 0;
		if (listener.port() == null) {
			this.problems.add(property + ".port", null, "0..65535; 0 lets the system choose");
		}
		else {
			port = this.problems.range(property + ".port", listener.port(), 0, 65535);
		}
		if (listener.address().isBlank()) {
			this.problems.add(property + ".address", listener.address(), "an address to bind, such as 0.0.0.0");
		}
		for (int i = 0; i < listener.protocols().size(); i++) {
			this.problems.onlySupported(property + ".protocols[" + i + "]", listener.protocols().get(i),
					PingoraProperties.ListenerProtocol.HTTP1);
		}
		this.problems.unsupported(property + ".ssl-bundle", listener.sslBundle());
		int maxConnections = this.problems.atLeast(property + ".max-connections", listener.maxConnections(), 1);
		return ListenerOptions.builder(name, listener.address(), port)
			.maxConnections(maxConnections)
			.limits(new LimitsMapper(this.problems).connections(property, listener))
			.build();
	}

}
