package dev.pingora.connector;

import dev.pingora.protocol.UpstreamSession;
import dev.pingora.upstream.HttpPeer;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * Obtains upstream sessions. Each event loop has its own pool of idle connections, so
 * that nothing here is locked; a loop that has none may borrow one of another loop. The
 * number of connections per peer is limited over all loops.
 */
public interface Connector {

	/**
	 * Takes an idle connection from the loop's pool.
	 * @param loop the caller's event loop, on which this is called
	 * @param peer whom to call
	 * @return a session, or {@code null} if no connection is idle
	 */
	@Nullable UpstreamSession reuse(EventLoop loop, HttpPeer peer);

	/**
	 * Obtains a connection when {@link #reuse} had none: borrows an idle one of another
	 * event loop, or makes a new one.
	 * @param loop the caller's event loop, on which this is called
	 * @param peer whom to call
	 * @param handler is told of the result, not before this method has returned
	 * @return the way to cancel; to be called on the loop; afterwards the handler isn't
	 * called any more
	 */
	Runnable obtain(EventLoop loop, HttpPeer peer, ConnectHandler handler);

	/**
	 * Makes a new connection.
	 * @param loop the caller's event loop, on which this is called
	 * @param peer whom to call
	 * @param handler is told of the result, not before this method has returned
	 * @return the way to cancel; to be called on the loop; afterwards the handler isn't
	 * called any more
	 */
	Runnable dial(EventLoop loop, HttpPeer peer, ConnectHandler handler);

}
