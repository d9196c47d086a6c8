package dev.pingora.event;

import java.net.SocketAddress;

import dev.pingora.error.ProxyException;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;

/**
 * A request that has ended, as listeners see it. It is a view, which costs nothing where
 * nobody looks: <b>valid only during the call</b> that hands it out, on that thread. Keep
 * {@link #summary()}, or what was read.
 */
public interface FinishedRequest {

	/**
	 * Returns the request's number.
	 * @return the number, unique in this process
	 */
	long id();

	/**
	 * Returns the id of the request's trace.
	 * @return the id, or {@code null} if it is not traced
	 */
	@Nullable String traceId();

	/**
	 * Returns the protocol of the client's side.
	 * @return such as {@code HTTP/1.1}
	 */
	String protocol();

	/**
	 * Returns the client's address: that of the connection's other end, unless that is a
	 * trusted proxy, which tells whom it serves.
	 * @return the address; its port is 0 if a proxy has not told it
	 */
	SocketAddress clientAddress();

	/**
	 * Returns the request's head, with the edits that filters have made.
	 * @return the head
	 */
	RequestHeader request();

	/**
	 * Returns the response's head from upstream, with the edits that filters have made.
	 * @return the head, or {@code null} if none came
	 */
	@Nullable ResponseHeader response();

	/**
	 * Returns the status that came from upstream, before filters could change it.
	 * @return the status of the last attempt, or 0 if none came
	 */
	int upstreamStatus();

	/**
	 * Returns the route that took the request.
	 * @return its id, or {@code null} if no route did
	 */
	@Nullable String route();

	/**
	 * Returns the upstream of the route.
	 * @return its name, or {@code null} if there is none
	 */
	@Nullable String upstream();

	/**
	 * Returns the peer of the last attempt.
	 * @return the peer, or {@code null} if there was no attempt
	 */
	@Nullable HttpPeer peer();

	/**
	 * Returns how many attempts were made to call a peer.
	 * @return the number of attempts
	 */
	int attempts();

	/**
	 * Returns the status that was sent to the client.
	 * @return the status, or 0 if none was sent
	 */
	int status();

	/**
	 * Returns how much of the request's body was received.
	 * @return the number of octets
	 */
	long bytesReceived();

	/**
	 * Returns how much of the response's body was sent.
	 * @return the number of octets
	 */
	long bytesSent();

	/**
	 * Returns when the request's milestones came.
	 * @return the timings; {@code total} is the request's duration
	 */
	Timings timings();

	/**
	 * Returns how the request ended.
	 * @return the outcome
	 */
	RequestOutcome outcome();

	/**
	 * Returns the failure that ended the request.
	 * @return the failure, or {@code null}
	 */
	@Nullable ProxyException error();

	/**
	 * Returns the panic that ended the request.
	 * @return the panic's number, or 0
	 */
	long panicId();

	/**
	 * Makes a snapshot that outlives the request.
	 * @return the snapshot
	 */
	RequestSummary summary();

}
