package dev.pingora.autoconfigure;

import java.util.List;
import java.util.Locale;

import dev.pingora.server.ListenerBindException;

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
		String description = "Listener " + cause.listener() + " could not be bound to " + cause.address() + ":"
				+ cause.port() + " (" + property + ".port): " + reason(cause) + ".";
		return new FailureAnalysis(description, action(reason(cause).toLowerCase(Locale.ROOT), property, cause), cause);
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
