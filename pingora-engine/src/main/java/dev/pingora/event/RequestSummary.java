package dev.pingora.event;

import java.time.Duration;

import dev.pingora.error.ProxyException;
import org.jspecify.annotations.Nullable;

/**
 * What there is to tell about a request: a snapshot that outlives it. It holds no header
 * values and no query.
 *
 * @param id the request's number, unique in this process
 * @param protocol the protocol of the client's side, such as {@code HTTP/1.1}
 * @param clientAddress the client's address and port
 * @param method the method
 * @param path the raw path, without the query
 * @param host the value of {@code Host}, or {@code null}
 * @param route the id of its route, or {@code null} if none was found yet
 * @param peer the peer of the last attempt, or {@code null} if there was none
 * @param attempts how many attempts were made to call a peer
 * @param status the status sent to the client, or 0 if none was sent
 * @param bytesIn octets of the request body that were received
 * @param bytesOut octets of the response body that were sent
 * @param duration from the request's head to this snapshot
 * @param outcome how it ended, or {@code null} if it has not ended yet
 * @param error the failure that ended it, or {@code null}
 */
public record RequestSummary(long id, String protocol, String clientAddress, String method, String path,
		@Nullable String host, @Nullable String route, @Nullable String peer, int attempts, int status, long bytesIn,
		long bytesOut, Duration duration, @Nullable RequestOutcome outcome, @Nullable ProxyException error) {
}
