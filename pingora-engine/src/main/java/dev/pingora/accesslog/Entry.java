package dev.pingora.accesslog;

import java.net.SocketAddress;

import dev.pingora.event.RequestOutcome;
import dev.pingora.event.Timings;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;

/**
 * What a line is made of: facts that were read on the event loop, in the form in which
 * they were at hand. Filled by the event loop, then owned by the writer's thread.
 */
final class Entry {

	final long timeMillis;

	final String protocol;

	final SocketAddress client;

	long requestId;

	@Nullable String traceId;

	@Nullable String method;

	// As it was sent. The path stands beside it only if it isn't the target's beginning.
	@Nullable String target;

	@Nullable String path;

	@Nullable String host;

	@Nullable String route;

	@Nullable String upstream;

	@Nullable HttpPeer peer;

	int attempts;

	int status;

	int upstreamStatus;

	long bytesReceived;

	long bytesSent;

	@Nullable Timings timings;

	@Nullable RequestOutcome outcome; // null: rejected

	@Nullable String errorType;

	@Nullable String errorSource;

	long panicId;

	@Nullable String @Nullable [] requestFields;

	@Nullable String @Nullable [] responseFields;

	Entry(long timeMillis, String protocol, SocketAddress client) {
		this.timeMillis = timeMillis;
		this.protocol = protocol;
		this.client = client;
	}

	@Nullable String path() {
		String target = this.target;
		if (this.path != null || target == null) {
			return this.path;
		}
		int query = target.indexOf('?');
		return (query >= 0) ? target.substring(0, query) : target;
	}

	@Nullable String query() {
		int query = (this.target != null) ? this.target.indexOf('?') : -1;
		return (this.target != null && query >= 0) ? this.target.substring(query + 1) : null;
	}

}
