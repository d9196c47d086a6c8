package dev.pingora.transport;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.kqueue.KQueue;
import io.netty.channel.kqueue.KQueueDatagramChannel;
import io.netty.channel.kqueue.KQueueDomainSocketChannel;
import io.netty.channel.kqueue.KQueueIoHandler;
import io.netty.channel.kqueue.KQueueServerDomainSocketChannel;
import io.netty.channel.kqueue.KQueueServerSocketChannel;
import io.netty.channel.kqueue.KQueueSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The event loops of a server and the kinds of channels that fit them. Used by all
 * threads.
 */
public final class EventLoops implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(EventLoops.class);

	private final MultiThreadIoEventLoopGroup group;

	private final Kind kind;

	private final String reason;

	private final Map<EventLoop, LoopWatch> watches = new IdentityHashMap<>();

	private EventLoops(Kind kind, String reason, int threads) {
		this.kind = kind;
		this.reason = reason;
		this.group = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("pingora-loop", false),
				kind.handler().get());
		loops().forEach((loop) -> this.watches.put(loop, new LoopWatch()));
	}

	/**
	 * One of the system's mechanisms.
	 *
	 * @param transport its name
	 * @param handler makes what drives a loop
	 * @param server the class of listening channels
	 * @param client the class of stream channels
	 * @param datagram the class of datagram channels
	 * @param serverDomain the class of listening channels of Unix domain sockets
	 * @param clientDomain the class of stream channels of Unix domain sockets
	 */
	private record Kind(Transport transport, Supplier<IoHandlerFactory> handler,
			Class<? extends ServerSocketChannel> server, Class<? extends SocketChannel> client,
			Class<? extends DatagramChannel> datagram, Class<? extends ServerChannel> serverDomain,
			Class<? extends DuplexChannel> clientDomain) {
	}

	private static final Kind IO_URING = new Kind(Transport.IO_URING, PolledUring::newFactory,
			IoUringServerSocketChannel.class, IoUringSocketChannel.class, IoUringDatagramChannel.class,
			IoUringServerDomainSocketChannel.class, IoUringDomainSocketChannel.class);

	private static final Kind EPOLL = new Kind(Transport.EPOLL, EdgeTriggeredEpoll::newFactory,
			EpollServerSocketChannel.class, EpollSocketChannel.class, EpollDatagramChannel.class,
			EpollServerDomainSocketChannel.class, EpollDomainSocketChannel.class);

	private static final Kind KQUEUE = new Kind(Transport.KQUEUE, KQueueIoHandler::newFactory,
			KQueueServerSocketChannel.class, KQueueSocketChannel.class, KQueueDatagramChannel.class,
			KQueueServerDomainSocketChannel.class, KQueueDomainSocketChannel.class);

	private static final Kind NIO = new Kind(Transport.NIO, NioIoHandler::newFactory, NioServerSocketChannel.class,
			NioSocketChannel.class, NioDatagramChannel.class, NioServerDomainSocketChannel.class,
			NioDomainSocketChannel.class);

	/**
	 * Starts event loops.
	 * @param wanted the transport; {@code AUTO} takes the best that works here
	 * @param threads how many loops, 0 for one per core
	 * @return the loops
	 * @throws IllegalArgumentException if the transport does not work here, or the number
	 * is negative
	 */
	public static EventLoops start(Transport wanted, int threads) {
		if (threads < 0) {
			throw new IllegalArgumentException("threads: " + threads + " (expected: >= 0)");
		}
		int count = (threads > 0) ? threads : Runtime.getRuntime().availableProcessors();
		EventLoops loops = choose(wanted, count);
		logger.info("Transport: {}; {} event loops", loops.description(), count);
		return loops;
	}

	/**
	 * Returns whether a transport works here.
	 * @param transport the transport
	 * @return whether {@link #start} takes it
	 */
	public static boolean isAvailable(Transport transport) {
		return switch (transport) {
			case IO_URING -> IoUring.isAvailable();
			case EPOLL -> Epoll.isAvailable();
			case KQUEUE -> KQueue.isAvailable();
			case AUTO, NIO -> true;
		};
	}

	/**
	 * Returns the transport that {@link #start} would take.
	 * @param wanted the transport
	 * @return any but {@code AUTO}; a named one is returned as it is, whether it works
	 * here or not
	 */
	public static Transport chosen(Transport wanted) {
		if (wanted != Transport.AUTO) {
			return wanted;
		}
		return Epoll.isAvailable() ? Transport.EPOLL : KQueue.isAvailable() ? Transport.KQUEUE : Transport.NIO;
	}

	private static EventLoops choose(Transport wanted, int threads) {
		if (wanted == Transport.NIO) {
			return new EventLoops(NIO, "as configured", threads);
		}
		List<String> obstacles = new ArrayList<>();
		for (Kind kind : List.of(IO_URING, EPOLL, KQUEUE)) {
			boolean candidate = (wanted == Transport.AUTO) ? kind != IO_URING : wanted == kind.transport();
			if (!candidate) {
				continue;
			}
			Throwable obstacle = obstacle(kind);
			if (obstacle == null) {
				String reason = (wanted != Transport.AUTO) ? "as configured"
						: obstacles.isEmpty() ? "io_uring is taken by name only" : String.join("; ", obstacles);
				return new EventLoops(kind, reason, threads);
			}
			obstacles.add("no " + name(kind) + ": " + rootMessage(obstacle));
		}
		if (wanted != Transport.AUTO) {
			throw new IllegalArgumentException(
					"transport: " + wanted + " (expected: one that works here; " + obstacles.get(0) + ")");
		}
		return new EventLoops(NIO, String.join("; ", obstacles), threads);
	}

	private static @Nullable Throwable obstacle(Kind kind) {
		return switch (kind.transport()) {
			case IO_URING -> IoUring.unavailabilityCause();
			case EPOLL -> Epoll.unavailabilityCause();
			case KQUEUE -> KQueue.unavailabilityCause();
			default -> null;
		};
	}

	private static String rootMessage(Throwable thrown) {
		Throwable root = thrown;
		while (root.getCause() != null) {
			root = root.getCause();
		}
		return String.valueOf(root.getMessage()).lines().findFirst().orElse("");
	}

	private static String name(Kind kind) {
		return kind.transport().name().toLowerCase(Locale.ROOT);
	}

	/**
	 * Returns the transport and why it was taken.
	 * @return such as {@code epoll (no io_uring: …)}
	 */
	public String description() {
		return name(this.kind) + " (" + this.reason + ")";
	}

	/**
	 * Returns the transport that was taken.
	 * @return any but {@code AUTO}
	 */
	public Transport transport() {
		return this.kind.transport();
	}

	/**
	 * Returns the loops as a group, for bootstraps.
	 * @return the group
	 */
	public MultiThreadIoEventLoopGroup group() {
		return this.group;
	}

	/**
	 * Returns the loops one by one.
	 * @return the loops
	 */
	public List<EventLoop> loops() {
		List<EventLoop> loops = new ArrayList<>();
		this.group.forEach((executor) -> loops.add((EventLoop) executor));
		return loops;
	}

	/**
	 * Returns the watch of a loop.
	 * @param loop one of these loops
	 * @return its watch
	 */
	public LoopWatch watch(EventLoop loop) {
		return Objects.requireNonNull(this.watches.get(loop), "the event loop belongs to another server");
	}

	/**
	 * Returns the watches of all loops.
	 * @return the watches
	 */
	public List<LoopWatch> watches() {
		return List.copyOf(this.watches.values());
	}

	/**
	 * Returns the class of listening channels.
	 * @return the class
	 */
	public Class<? extends ServerSocketChannel> serverChannel() {
		return this.kind.server();
	}

	/**
	 * Returns the class of stream channels.
	 * @return the class
	 */
	public Class<? extends SocketChannel> channel() {
		return this.kind.client();
	}

	/**
	 * Returns the class of listening channels of Unix domain sockets.
	 * @return the class
	 */
	public Class<? extends ServerChannel> serverDomainChannel() {
		return this.kind.serverDomain();
	}

	/**
	 * Returns the class of stream channels of Unix domain sockets.
	 * @return the class
	 */
	public Class<? extends DuplexChannel> domainChannel() {
		return this.kind.clientDomain();
	}

	/**
	 * Returns the address of a Unix domain socket as this transport wants it.
	 * @param path the absolute path
	 * @return the address
	 */
	public SocketAddress domainAddress(String path) {
		return (this.kind == NIO) ? UnixDomainSocketAddress.of(path) : new DomainSocketAddress(path);
	}

	/**
	 * Returns the class of datagram channels.
	 * @return the class
	 */
	public Class<? extends DatagramChannel> datagramChannel() {
		return this.kind.datagram();
	}

	/**
	 * Waits until each loop has done what it was given before. Not to be called on a
	 * loop.
	 * @param nanos how long at most
	 */
	public void awaitTurn(long nanos) {
		long deadline = System.nanoTime() + nanos;
		List<Future<?>> turns = new ArrayList<>();
		loops().forEach((loop) -> turns.add(loop.submit(() -> {
		})));
		turns.forEach(
				(turn) -> turn.awaitUninterruptibly(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS));
	}

	/**
	 * Ends the loops and waits for it, five seconds at most. Not to be called on a loop.
	 */
	@Override
	public void close() {
		long quietMillis = 0;
		if (transport() == Transport.IO_URING) { // completes the closing of sockets later
			quietMillis = 100;
			CloseWatch.awaitLooks(loops());
		}
		this.group.shutdownGracefully(quietMillis, 5000, TimeUnit.MILLISECONDS)
			.awaitUninterruptibly(6, TimeUnit.SECONDS);
	}

}
