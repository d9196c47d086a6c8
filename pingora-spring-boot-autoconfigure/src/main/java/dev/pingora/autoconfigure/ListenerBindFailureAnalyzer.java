package dev.pingora.autoconfigure;

import java.util.List;
import java.util.Locale;

import dev.pingora.server.ListenerBindException;
import dev.pingora.transport.UnixAddress;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/**
 * Says which listener could not be bound, by which property, and what to do.
 */
final class ListenerBindFailureAnalyzer extends AbstractFailureAnalyzer<ListenerBindException> {

	private final Environment environment;

	ListenerBindFailureAnalyzer(Environment environment) {
		this.environment = environment;
	}

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, ListenerBindException cause) {
		String property = property(cause.listener());
		boolean unix = UnixAddress.is(cause.address());
		String where = unix ? cause.address() + " (" + property + ".address)"
				: cause.address() + ":" + cause.port() + " (" + property + ".port)";
		String description = "Listener " + cause.listener() + " could not be bound to " + where + ": " + reason(cause)
				+ ".";
		String reason = reason(cause).toLowerCase(Locale.ROOT);
		return new FailureAnalysis(description, unix ? unixAction(reason, property) : action(reason, property, cause),
				cause);
	}

	private String property(String listener) {
		List<PingoraProperties.Listener> listeners = Binder.get(this.environment)
			.bind(PingoraProperties.PREFIX + ".listeners", Bindable.listOf(PingoraProperties.Listener.class))
			.orElseGet(List::of);
		for (int i = 0; i < listeners.size(); i++) {
			if (ListenerMapper.name(listeners.get(i), i).equals(listener)) {
				return "pingora.listeners[" + i + "]";
			}
		}
		return "pingora.listeners[0]";
	}

	private static String reason(ListenerBindException failure) {
		Throwable cause = failure.getCause();
		String message = (cause != null) ? cause.getMessage() : null;
		return (message != null) ? message : "no reason was given";
	}

	private static String unixAction(String reason, String property) {
		if (reason.contains("no socket")) {
			return "Remove the file if nobody needs it, or set " + property + ".address to another path.";
		}
		if (reason.contains("in use")) {
			return "Stop the process that listens there, or set " + property + ".address to another path.";
		}
		if (reason.contains("permission")) {
			return "Allow the process to write to the directory of the socket, or set " + property
					+ ".address to another path.";
		}
		return "Check that the directory of " + property + ".address is there.";
	}

	private static String action(String reason, String property, ListenerBindException cause) {
		if (reason.contains("in use")) {
			return "Stop the process that listens on port " + cause.port() + ", or set " + property
					+ ".port to another port (0 lets the system choose).";
		}
		if (reason.contains("permission")) {
			return "Set " + property + ".port to a port from 1024 on, or allow the process to bind port " + cause.port()
					+ ".";
		}
		if (reason.contains("assign") || reason.contains("unresolved")) {
			return "Set " + property + ".address to an address of this machine, or to 0.0.0.0 for all of them.";
		}
		return "Check " + property + ".address and " + property + ".port.";
	}

}
