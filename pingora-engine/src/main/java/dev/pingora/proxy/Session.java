package dev.pingora.proxy;

import java.net.SocketAddress;
import java.time.Duration;

import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;

/**
 * What the phases see of one request. Used by one thread at a time: the request's event
 * loop, or the executor's thread while a {@link Blocking} phase runs. After the request's
 * end every method throws {@code IllegalStateException}.
 */
public interface Session {

	/**
	 * Returns the request's number, unique in this process.
	 * @return the number
	 */
	long id();

	/**
	 * Returns the client's request. Edits made before {@code upstreamRequestFilter} are
	 * seen by later filters and go upstream.
	 * @return the head
	 */
	RequestHeader request();

	/**
	 * Returns the response's head as soon as there is one.
	 * @return the head of the response from upstream, or {@code null} before it came
	 */
	@Nullable ResponseHeader response();

	/**
	 * Returns the client's address: that of the connection's other end, unless that is a
	 * trusted proxy, which tells in {@code X-Forwarded-For} or {@code Forwarded} whom it;
	 * a {@code UnixDomainSocketAddress}, which is empty if the client has no name, for a
	 * Unix domain socket serves.
	 * @return the address; its port is 0 if a proxy has not told it; a
	 * {@code UnixDomainSocketAddress}, which is empty if the client has no name, for a
	 * Unix domain socket
	 */
	SocketAddress clientAddress();

	/**
	 * Returns who is connected: the client, or a proxy in front of this one.
	 * @return the address of the connection's other end
	 */
	SocketAddress remoteAddress();

	/**
	 * Returns the address at which the client was accepted.
	 * @return the address of the connection's own end
	 */
	SocketAddress serverAddress();

	/**
	 * Returns the protocol of the client's side.
	 * @return such as {@code HTTP/1.1}
	 */
	String protocol();

	/**
	 * Returns the route that took the request.
	 * @return the id of the route
	 */
	String routeId();

	/**
	 * Returns the peer of the present attempt.
	 * @return the peer, or {@code null} before one was chosen
	 */
	@Nullable HttpPeer peer();

	/**
	 * Returns how many attempts to call a peer were made so far.
	 * @return the number of attempts, the present one included
	 */
	int attempts();

	/**
	 * Returns how long the request has been here.
	 * @return the time since its head was read
	 */
	Duration elapsed();

	/**
	 * Returns how many octets of the request body came in so far.
	 * @return the number of octets
	 */
	long bytesReceived();

	/**
	 * Returns how many octets of the response body went out so far.
	 * @return the number of octets
	 */
	long bytesSent();

	/**
	 * Returns the status sent to the client.
	 * @return the status, or 0 if none was sent yet
	 */
	int status();

	/**
	 * Answers the request with a status and no body. Allowed in
	 * {@code earlyRequestFilter}, {@code requestFilter} and {@code proxyUpstreamFilter}.
	 * @param status the status, 200 to 599
	 * @return {@link Outcome#RESPONDED}, for the filter to return
	 * @throws IllegalStateException if the phase may not answer, or has answered
	 */
	Outcome respond(int status);

	/**
	 * Answers the request with a text.
	 * @param status the status, 200 to 599
	 * @param contentType the value of {@code Content-Type}
	 * @param body the body, sent as UTF-8
	 * @return {@link Outcome#RESPONDED}, for the filter to return
	 * @throws IllegalStateException if the phase may not answer, or has answered
	 */
	Outcome respond(int status, String contentType, String body);

	/**
	 * Answers the request.
	 * @param header the head; {@code Content-Length} is set by the engine
	 * @param body the body
	 * @return {@link Outcome#RESPONDED}, for the filter to return
	 * @throws IllegalStateException if the phase may not answer, or has answered
	 */
	Outcome respond(ResponseHeader header, byte[] body);

	/**
	 * Returns what a filter has left here.
	 * @param <T> the type of the value
	 * @param key its key
	 * @return the value, or {@code null}
	 */
	<T> @Nullable T attribute(Attribute<T> key);

	/**
	 * Leaves something here for other filters.
	 * @param <T> the type of the value
	 * @param key its key
	 * @param value the value, or {@code null} to remove it
	 */
	<T> void attribute(Attribute<T> key, @Nullable T value);

	/**
	 * Gives a resource into the session's care: the action runs exactly once when the
	 * request has ended, however it ended, after {@code logging}, in reverse order of
	 * registration, on the event loop. A panic in it is counted and stops no other
	 * action.
	 * @param action what releases the resource; it must not block
	 */
	void onRelease(Runnable action);

}
