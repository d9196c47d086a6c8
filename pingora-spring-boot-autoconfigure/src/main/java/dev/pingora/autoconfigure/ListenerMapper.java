package dev.pingora.autoconfigure;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.pingora.server.ListenerOptions;
import dev.pingora.transport.UnixAddress;
import org.jspecify.annotations.Nullable;

/**
 * Maps {@code pingora.listeners}.
 */
final class ListenerMapper {

	private static final ListenerOptions DEFAULT = ListenerOptions.of("http", "0.0.0.0", 8080);

	private final Problems problems;

	private final SocketMapper sockets;

	ListenerMapper(Problems problems, SocketMapper sockets) {
		this.problems = problems;
		this.sockets = sockets;
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
		String address = address(property, listener.address());
		int port = UnixAddress.is(address) ? noPort(property, listener.port()) : port(property, listener.port());
		for (int i = 0; i < listener.protocols().size(); i++) {
			this.problems.onlySupported(property + ".protocols[" + i + "]", listener.protocols().get(i),
					PingoraProperties.ListenerProtocol.HTTP1);
		}
		this.problems.unsupported(property + ".ssl-bundle", listener.sslBundle());
		int maxConnections = this.problems.atLeast(property + ".max-connections", listener.maxConnections(), 1);
		SocketMapper.Listener sockets = this.sockets.listener(property + ".socket", address, listener.socket());
		return ListenerOptions.builder(name, address, port)
			.maxConnections(maxConnections)
			.limits(new LimitsMapper(this.problems).connections(property, listener))
			.socket(sockets.socket())
			.accept(sockets.accept())
			.build();
	}

	private String address(String property, String address) {
		boolean valid = !address.isBlank();
		String expectation = "an address to bind, such as 0.0.0.0 or unix:/run/pingora.sock";
		if (UnixAddress.is(address)) {
			expectation = UnixAddress.SYNTAX;
			try {
				UnixAddress.path(address);
			}
			catch (IllegalArgumentException malformed) {
				valid = false;
			}
		}
		if (!valid) {
			this.problems.add(property + ".address", address, expectation);
			// Goes on without a second complaint.
			return UnixAddress.is(address) ? "unix:/invalid" : "0.0.0.0";
		}
		return address;
	}

	private int port(String property, @Nullable Integer port) {
		if (port == null) {
			this.problems.add(property + ".port", null, "0..65535; 0 lets the system choose");
			return 0;
		}
		return this.problems.range(property + ".port", port, 0, 65535);
	}

	private int noPort(String property, @Nullable Integer port) {
		if (port != null) {
			this.problems.add(property + ".port", port, "not set: a Unix domain socket has none");
		}
		return 0;
	}

}
