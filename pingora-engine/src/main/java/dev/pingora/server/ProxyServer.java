package dev.pingora.server;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;

import dev.pingora.connector.DnsOptions;
import dev.pingora.connector.PoolOptions;
import dev.pingora.connector.PoolStatus;
import dev.pingora.event.ProxyListener;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicResponse;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.proxy.ProxyHttp;
import dev.pingora.proxy.Router;
import dev.pingora.transport.Transport;
import dev.pingora.watchdog.WatchdogOptions;
import dev.pingora.watchdog.WatchdogStatus;
import org.jspecify.annotations.Nullable;

/**
 * A reverse proxy: listeners, routes and the threads that serve them. Build one, start it
 * once, close it. All methods may be called by any thread but the server's own event
 * loops.
 *
 * <pre>{@code
 * ProxyServer server = ProxyServer.builder()
 *     .listener(ListenerOptions.of("http", "127.0.0.1", 8080))
 *     .router(RouteIndex.of(...))
 *     .build();
 * server.start();
 * }</pre>
 */
public interface ProxyServer extends AutoCloseable {

	/**
	 * Starts with the defaults.
	 * @return a builder
	 */
	static Builder builder() {
		return new ServerBuilder();
	}

	/**
	 * Binds the listeners and serves. If one can't be bound, nothing stays behind.
	 * @return this
	 * @throws ListenerBindException if a listener can't be bound
	 * @throws IllegalStateException if it was started before
	 */
	ProxyServer start();

	/**
	 * Returns whether the listeners accept clients.
	 * @return whether the server was started and neither drained nor closed
	 */
	boolean isRunning();

	/**
	 * Returns the listeners.
	 * @return those that are bound, in the order in which they were given
	 */
	List<BoundListener> listeners();

	/**
	 * Returns a listener's port.
	 * @param listener the listener's name
	 * @return the port that it is bound to
	 * @throws IllegalArgumentException if there is no such bound listener
	 */
	int port(String listener);

	/**
	 * Returns how many requests are being served.
	 * @return the number of requests that have begun and not ended
	 */
	int activeRequests();

	/**
	 * Returns how many of the requests being served have become tunnels: their connection
	 * was upgraded to another protocol.
	 * @return the number of tunnels that are open
	 */
	int activeTunnels();

	/**
	 * Returns the connections to upstreams.
	 * @return the peers that were ever called, in the order of their names; empty before
	 * the start
	 */
	List<PoolStatus> pools();

	/**
	 * Returns how busy the executor for blocking phases is.
	 * @return its status, or {@code null} if it can't tell
	 */
	@Nullable ExecutorStatus executor();

	/**
	 * Returns the transport in use.
	 * @return its name and the reason for it, such as {@code epoll (io_uring: ...)}
	 */
	String transport();

	/**
	 * Returns what the server was built from, defaults included.
	 * @return its settings
	 */
	ServerDescription description();

	/**
	 * Returns the isolation border, with its counts.
	 * @return the border
	 */
	PanicIsolation isolation();

	/**
	 * Returns which calls hold an event loop for too long, and which did.
	 * @return what the watchdog has seen; nothing if it is off or not started
	 */
	WatchdogStatus watchdog();

	/**
	 * Prepares the end while everything is still served: from now on each response says
	 * {@code Connection: close}, so that clients go elsewhere with their next request.
	 * New connections are accepted and serve one request. Connections that wait for a
	 * request stay open, since closing one would cross the request that its client may be
	 * sending. Returns at once; does nothing unless the server runs. May be called again.
	 */
	void quiesce();

	/**
	 * Stops accepting, closes idle connections, lets the requests in flight finish, and
	 * closes the server: at the latest after the grace period, when what is left is
	 * aborted as by {@link #close()}. Blocks until then; an interrupt ends the grace
	 * period.
	 * @param grace how long requests may take
	 * @return how many requests were aborted
	 */
	int drain(Duration grace);

	/**
	 * Closes everything at once. Requests in flight fail with {@code ErrorType.SHUTDOWN}:
	 * where the response has not begun, the client gets a 503, otherwise a reset.
	 */
	@Override
	void close();

	/**
	 * Makes a server.
	 */
	interface Builder {

		/**
		 * Sets the number of event loops.
		 * @param threads the number, 0 for one per core
		 * @return this
		 */
		Builder threads(int threads);

		/**
		 * Sets the transport.
		 * @param transport the transport
		 * @return this
		 */
		Builder transport(Transport transport);

		/**
		 * Adds a listener.
		 * @param listener where clients are accepted
		 * @return this
		 */
		Builder listener(ListenerOptions listener);

		/**
		 * Sets what is allowed to clients.
		 * @param options the options
		 * @return this
		 */
		Builder downstream(DownstreamOptions options);

		/**
		 * Sets how often an attempt may be repeated.
		 * @param options the options
		 * @return this
		 */
		Builder retries(RetryOptions options);

		/**
		 * Sets how a request's route is found.
		 * @param router the router, such as a {@code RouteIndex}
		 * @return this
		 */
		Builder router(Router router);

		/**
		 * Sets a whole proxy of the user's own instead of routes.
		 * @param proxy the proxy
		 * @return this
		 */
		Builder proxy(ProxyHttp<?> proxy);

		/**
		 * Sets what a client sees of a panic.
		 * @param response the response
		 * @return this
		 */
		Builder panicResponse(PanicResponse response);

		/**
		 * Sets a border that others use too; it is not closed with the server. By default
		 * the server has one of its own, without listeners.
		 * @param isolation the border
		 * @return this
		 */
		Builder isolation(PanicIsolation isolation);

		/**
		 * Sets where {@code @Blocking} phases run. It must reject what it can't take and
		 * never block its caller. It is not closed with the server. By default the server
		 * has one of its own: virtual threads on Java 21 and later, a bounded pool
		 * before.
		 * @param executor the executor
		 * @return this
		 */
		Builder blockingExecutor(Executor executor);

		/**
		 * Adds an observer of requests.
		 * @param listener the observer
		 * @return this
		 */
		Builder proxyListener(ProxyListener listener);

		/**
		 * Sets which header fields of a request its summary shows, and with it the
		 * reports of panics: by default none, since they may hold secrets.
		 * @param names the names, in any case
		 * @return this
		 */
		Builder summaryHeaders(List<String> names);

		/**
		 * Sets how long a call may hold an event loop before it is reported. By default,
		 * 100 ms.
		 * @param options the options
		 * @return this
		 */
		Builder watchdog(WatchdogOptions options);

		/**
		 * Sets how idle upstream connections are kept. By default 4096, which event loops
		 * share.
		 * @param options the options
		 * @return this
		 */
		Builder upstreamPool(PoolOptions options);

		/**
		 * Sets how the names of peers are looked up. By default at the system's name
		 * servers.
		 * @param options the options
		 * @return this
		 */
		Builder dns(DnsOptions options);

		/**
		 * Makes the server; it is not started yet.
		 * @return the server
		 * @throws IllegalStateException if there is no listener, or neither router nor
		 * proxy
		 */
		ProxyServer build();

	}

}
