package dev.pingora.connector;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.upstream.HttpPeer;
import io.netty.channel.ChannelException;

/**
 * What a connect may fail with; anything else is a panic.
 */
final class ConnectFailure {

	private ConnectFailure() {
	}

	static ProxyException translate(HttpPeer peer, Throwable thrown) {
		Throwable cause = unwrap(thrown);
		ErrorType type;
		if (cause instanceof UnknownHostException) {
			type = ErrorType.DNS_ERROR;
		}
		else if (cause instanceof NoRouteToHostException) {
			type = ErrorType.CONNECT_NO_ROUTE;
		}
		else if (cause instanceof ConnectException && String.valueOf(cause.getMessage()).contains("refused")) {
			type = ErrorType.CONNECT_REFUSED;
		}
		else if (cause instanceof IOException) {
			type = ErrorType.CONNECT_ERROR;
		}
		else {
			PanicIsolation.rethrow(cause);
			throw new AssertionError("not reached", cause);
		}
		// A Unix domain socket that isn't there.
		String reason = (cause instanceof FileNotFoundException) ? "no such file" : cause.getMessage();
		return ProxyException.upstream(type, "connect to " + peer + ": " + reason);
	}

	static ProxyException unresolved(HttpPeer peer, Throwable thrown) {
		if (thrown instanceof IllegalArgumentException) {
			// RFC 1035 section 2.3.4: a label has 1 to 63 octets.
			return ProxyException.upstream(ErrorType.DNS_ERROR, "look-up of " + peer + ": " + thrown.getMessage());
		}
		if (thrown.getCause() instanceof ChannelException noSocket) {
			return ProxyException.upstream(ErrorType.DNS_ERROR,
					"look-up of " + peer + ": " + unwrap(noSocket).getMessage());
		}
		return translate(peer, thrown);
	}

	// A channel that can't be made, since no descriptor is left, says it three layers
	// deep.
	private static Throwable unwrap(Throwable thrown) {
		Throwable cause = thrown;
		while (cause instanceof ChannelException || cause instanceof InvocationTargetException) {
			Throwable inner = cause.getCause();
			if (inner == null) {
				break;
			}
			cause = inner;
		}
		return cause;
	}

	static ProxyException timedOut(HttpPeer peer, boolean lookedUp) {
		return ProxyException.upstream(ErrorType.CONNECT_TIMEDOUT, (lookedUp ? "connect to " : "look-up of ") + peer
				+ " within " + peer.options().connectTimeout().toMillis() + " ms");
	}

}
