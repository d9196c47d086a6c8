package dev.pingora.event;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.pingora.error.ProxyException;
import org.jspecify.annotations.Nullable;

/**
 * What there is to tell about a request: a snapshot that outlives it. It holds no values
 * of the query, and no header values but {@code Host} and those that were asked for.
 *
 * @param id the request's number, unique in this process
 * @param traceId the id of its trace, or {@code null} if it is not traced
 * @param protocol the protocol of the client's side, such as {@code HTTP/1.1}
 * @param clientAddress the client's address, and its port if it is known; behind a
 * trusted proxy, as that tells it
 * @param method the method
 * @param path the raw path, without the query
 * @param query the names in the query, without the values, such as {@code page=&sort=},
 * or {@code null} if there is no query
 * @param host the value of {@code Host}, or {@code null}
 * @param headers the header fields that were asked for, by name, as far as they are there
 * @param route the id of its route, or {@code null} if none was found yet
 * @param upstream the name of its route's upstream, or {@code null} if it has none
 * @param peer the peer of the last attempt, or {@code null} if there was none
 * @param attempts how many attempts were made to call a peer
 * @param status the status sent to the client, or 0 if none was sent
 * @param bytesIn octets of the request body that were received
 * @param bytesOut octets of the response body that were sent
 * @param timings when its milestones came
 * @param outcome how it ended, or {@code null} if it has not ended yet
 * @param error the failure that ended it, or {@code null}
 * @param panicId the number of the panic that ended it, or 0
 * @param steps its way so far, oldest first: each phase once, and the last attempt
 */
public record RequestSummary(long id, @Nullable String traceId, String protocol, String clientAddress, String method,
		String path, @Nullable String query, @Nullable String host, Map<String, String> headers, @Nullable String route,
		@Nullable String upstream, @Nullable String peer, int attempts, int status, long bytesIn, long bytesOut,
		Timings timings, @Nullable RequestOutcome outcome, @Nullable ProxyException error, long panicId,
		List<Step> steps) {

	/**
	 * Returns how long the request has been here.
	 * @return from its head to this snapshot
	 */
	public Duration duration() {
		return this.timings.duration();
	}

	/**
	 * Returns the request in one line, for logs: no failure (which has a line of its own)
	 * and no steps.
	 */
	@Override
	public String toString() {
		StringBuilder line = new StringBuilder(200).append("request ").append(this.id).append(' ');
		line.append(this.method).append(' ').append(this.path);
		field(line, "host", this.host);
		field(line, "client", this.clientAddress);
		field(line, "route", this.route);
		field(line, "peer", this.peer);
		field(line, "attempts", this.attempts);
		field(line, "status", this.status);
		field(line, "in", this.bytesIn);
		field(line, "out", this.bytesOut);
		field(line, "millis", this.timings.total() / 1_000_000);
		field(line, "outcome", (this.outcome != null) ? this.outcome.tag() : null);
		field(line, "panic", (this.panicId != 0) ? this.panicId : null);
		field(line, "trace", this.traceId);
		return line.toString();
	}

	private static void field(StringBuilder line, String name, @Nullable Object value) {
		if (value != null) {
			line.append(' ').append(name).append('=').append(value);
		}
	}

}
