package dev.pingora.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An origin server that can be scripted: it answers by path, or misbehaves, and remembers
 * what it received. Blocking sockets, one daemon thread per connection.
 * <p>
 * Ready-made: {@code /hello}, {@code /echo} (the body with its framing and trailers),
 * {@code /bytes?n=&seed=} (so many octets of a pattern, with Content-Length),
 * {@code /chunked?n=&seed=} (the same, chunked), {@code /slow?ms=}, {@code /hang},
 * {@code /reset}, {@code /close} (FIN instead of a response). Anything else is answered
 * 404. Used by all threads.
 */
public final class RawOrigin implements AutoCloseable {

	private static final int MOST_CONNECTIONS = 2048;

	private static final int MOST_RECORDS = 10_000;

	private final ServerSocket server;

	private final CountDownLatch stopped = new CountDownLatch(1);

	private final Map<String, OriginHandler> behaviours = new ConcurrentHashMap<>();

	private final List<OriginConnection> connections = new CopyOnWriteArrayList<>();

	private final List<Thread> threads = new CopyOnWriteArrayList<>();

	private final Queue<OriginRequest> requests = new ConcurrentLinkedQueue<>();

	private final AtomicLong requestCount = new AtomicLong();

	private final List<Throwable> failures = new CopyOnWriteArrayList<>();

	private volatile OriginHandler fallback = (exchange) -> exchange.respond(404, "no such path");

	private RawOrigin(int receiveBuffer) throws IOException {
		this.server = new ServerSocket();
		if (receiveBuffer > 0) {
			// before listening: connections inherit it, and it limits their window
			this.server.setReceiveBufferSize(receiveBuffer);
		}
		this.server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
		OriginBehaviours.install(this);
	}

	/**
	 * Starts an origin with the ready-made behaviours.
	 * @return the origin, which accepts connections
	 */
	public static RawOrigin start() {
		return start(0);
	}

	/**
	 * Starts an origin with the ready-made behaviours and a receive buffer of a given
	 * size.
	 * @param receiveBuffer the size in octets, which the kernel may round up; 0 for its
	 * default
	 * @return the origin, which accepts connections
	 */
	public static RawOrigin start(int receiveBuffer) {
		try {
			RawOrigin origin = new RawOrigin(receiveBuffer);
			origin.startThread("origin-acceptor", origin::accept);
			return origin;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Starts an origin that treats every path alike that has no ready-made behaviour.
	 * @param handler the behaviour
	 * @return the origin, which accepts connections
	 */
	public static RawOrigin start(OriginHandler handler) {
		RawOrigin origin = start();
		origin.fallback = handler;
		return origin;
	}

	/**
	 * Adds or replaces a behaviour.
	 * @param path the path, without a query
	 * @param handler the behaviour
	 * @return this
	 */
	public RawOrigin on(String path, OriginHandler handler) {
		this.behaviours.put(path, handler);
		return this;
	}

	/**
	 * Returns the port.
	 * @return the ephemeral port
	 */
	public int port() {
		return this.server.getLocalPort();
	}

	/**
	 * Returns the address.
	 * @return loopback and the port
	 */
	public InetSocketAddress address() {
		return (InetSocketAddress) this.server.getLocalSocketAddress();
	}

	/**
	 * Returns the requests whose head has come, in order; the first ten thousand only.
	 * @return the requests
	 */
	public List<OriginRequest> requests() {
		return List.copyOf(this.requests);
	}

	/**
	 * Returns the number of requests whose head has come.
	 * @return the number of all requests
	 */
	public long requestCount() {
		return this.requestCount.get();
	}

	/**
	 * Waits for a request.
	 * @param number which one, from 1
	 * @return the request
	 */
	public OriginRequest awaitRequest(int number) {
		Await.until(Await.PATIENCE, () -> "request " + number + " at the origin: " + requests(),
				() -> this.requests.size() >= number);
		return requests().get(number - 1);
	}

	/**
	 * Returns the number of connections accepted so far.
	 * @return the number
	 */
	public int acceptedConnections() {
		return this.connections.size();
	}

	/**
	 * Returns the number of connections that neither side has ended, as far as the origin
	 * has noticed.
	 * @return the number
	 */
	public int openConnections() {
		return (int) this.connections.stream().filter((connection) -> !connection.isDone()).count();
	}

	/**
	 * Returns how many connections have ended.
	 * @return the number of connections
	 */
	public int endedConnections() {
		return (int) this.connections.stream().filter((connection) -> connection.isDone()).count();
	}

	/**
	 * Returns where a connection comes from.
	 * @param connection the connection's number, from 1
	 * @return the address of its other end
	 */
	public InetSocketAddress clientAddress(int connection) {
		return this.connections.get(connection - 1).clientAddress();
	}

	/**
	 * Returns how a connection has been ended by the peer so far. A peer that closes
	 * while octets are still on their way to it ends with a reset.
	 * @param connection the connection's number, from 1
	 * @return the end
	 */
	public End ended(int connection) {
		return (connection > this.connections.size()) ? End.OPEN : this.connections.get(connection - 1).endedByPeer();
	}

	/**
	 * Waits until a connection is ended by the peer.
	 * @param connection the connection's number, from 1
	 * @return how: FIN, RESET, or OPEN if it was not within {@link Await#PATIENCE}
	 */
	public End awaitClosed(int connection) {
		return awaitClosed(connection, Await.PATIENCE);
	}

	/**
	 * Waits until a connection is ended by the peer.
	 * @param connection the connection's number, from 1
	 * @param patience how long at most
	 * @return how: FIN, RESET, or OPEN if it was not ended in time
	 */
	public End awaitClosed(int connection, Duration patience) {
		Await.poll(patience, () -> ended(connection) != End.OPEN);
		return ended(connection);
	}

	/**
	 * Returns what behaviours have thrown, failures of connections aside.
	 * @return what was thrown
	 */
	public List<Throwable> failures() {
		return List.copyOf(this.failures);
	}

	/**
	 * Ends everything: connections, threads, behaviours that hang.
	 * @throws AssertionError if a behaviour had failed, or a thread does not end
	 */
	@Override
	public void close() {
		this.stopped.countDown();
		try {
			this.server.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.connections.forEach(OriginConnection::close);
		Await.until("the end of the origin's threads", () -> this.threads.stream().noneMatch(this::isAliveOrLate));
		if (!this.failures.isEmpty()) {
			throw new AssertionError("A behaviour of the origin has failed", this.failures.get(0));
		}
	}

	// A connection that was accepted while the others were closed.
	private boolean isAliveOrLate(Thread thread) {
		this.connections.stream().filter((connection) -> !connection.isDone()).forEach(OriginConnection::close);
		return thread.isAlive();
	}

	void serve(OriginExchange exchange) throws IOException {
		OriginRequest request = exchange.request();
		if (this.requestCount.incrementAndGet() <= MOST_RECORDS) {
			this.requests.add(request);
		}
		OriginHandler handler = this.behaviours.getOrDefault(request.path(), this.fallback);
		try {
			handler.handle(exchange);
		}
		catch (IOException | RuntimeException ex) {
			throw ex;
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void accept() {
		while (this.stopped.getCount() > 0) {
			try {
				Socket socket = this.server.accept();
				if (openConnections() >= MOST_CONNECTIONS) {
					socket.close();
					continue;
				}
				int number = this.connections.size() + 1;
				OriginConnection connection = new OriginConnection(number, socket, this, this.stopped);
				this.connections.add(connection);
				startThread("origin-" + number, connection);
			}
			catch (IOException ex) {
				if (this.stopped.getCount() > 0) {
					throw new UncheckedIOException(ex);
				}
			}
		}
	}

	private void startThread(String name, Runnable work) {
		Thread thread = new Thread(work, name);
		thread.setDaemon(true);
		thread.setUncaughtExceptionHandler((failed, thrown) -> {
			if (this.stopped.getCount() > 0) {
				this.failures.add(thrown);
			}
		});
		this.threads.add(thread);
		thread.start();
	}

}
