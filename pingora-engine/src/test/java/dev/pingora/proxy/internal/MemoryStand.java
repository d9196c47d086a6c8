package dev.pingora.proxy.internal;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.connector.DnsOptions;
import dev.pingora.connector.PoolOptions;
import dev.pingora.connector.PooledConnector;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicResponse;
import dev.pingora.protocol.ClosingLimitCounts;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.protocol.UpgradeOptions;
import dev.pingora.protocol.h1.H1ServerConnection;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.Router;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.transport.EventLoops;
import dev.pingora.transport.Transport;
import dev.pingora.upstream.HttpPeer;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;

/**
 * An engine with one filter and one origin, whose clients have memory that fails when it
 * is told to. Clients, other clients and upstream connections have an event loop each.
 */
final class MemoryStand implements AutoCloseable {

	private final EventLoops loops = EventLoops.start(Transport.NIO, 3);

	private final ExecutorService executor = Executors.newSingleThreadExecutor();

	private final PooledConnector connector;

	final Memory memory = new Memory();

	final PanicIsolation isolation = new PanicIsolation(List.of());

	final ProxyEngine engine;

	private final Channel listener;

	private final Channel others;

	MemoryStand(RawOrigin origin, ProxyFilter filter, PanicResponse panicResponse) {
		EventLoop upstream = this.loops.loops().get(2);
		this.connector = new PooledConnector(this.loops, this.isolation,
				new PooledConnector.Settings(PoolOptions.defaults(), DnsOptions.defaults(), (loop) -> upstream));
		Route route = Route.of("r", List.of(NamedFilter.of("f", filter)),
				Upstream.of("u", List.of(Backend.of(HttpPeer.of("127.0.0.1", origin.port())))));
		this.engine = new ProxyEngine(
				new ProxyEngine.Parts(Router.to(route), this.connector, this.isolation, this.executor, List.of(),
						panicResponse, new ProxyEngine.RetryLimits(3, Duration.ofSeconds(10).toNanos(), 64 * 1024),
						List.of(), this.loops, UpgradeOptions.defaults()));
		this.listener = listen(this.loops.loops().get(0), this.memory);
		this.others = listen(this.loops.loops().get(1), ByteBufAllocator.DEFAULT);
	}

	private Channel listen(EventLoop loop, ByteBufAllocator memory) {
		return new ServerBootstrap().group(loop)
			.channel(this.loops.serverChannel())
			.childOption(ChannelOption.ALLOCATOR, memory)
			.childHandler(new ChannelInitializer<Channel>() {
				@Override
				protected void initChannel(Channel channel) {
					channel.pipeline()
						.addLast(new H1ServerConnection(DownstreamOptions.defaults(), MemoryStand.this.engine,
								MemoryStand.this.isolation, new ClosingLimitCounts()));
				}
			})
			.bind(new InetSocketAddress("127.0.0.1", 0))
			.syncUninterruptibly()
			.channel();
	}

	int port() {
		return ((InetSocketAddress) this.listener.localAddress()).getPort();
	}

	/** Where clients are served by another loop, with memory that does not fail. */
	int portOfOthers() {
		return ((InetSocketAddress) this.others.localAddress()).getPort();
	}

	long panics() {
		return this.isolation.totals().total();
	}

	@Override
	public void close() {
		this.listener.close().syncUninterruptibly();
		this.others.close().syncUninterruptibly();
		this.connector.close();
		this.loops.close();
		this.executor.shutdownNow();
		this.isolation.close();
	}

	/** Fails once, where a buffer of some size is asked for. */
	static final class Memory extends AbstractByteBufAllocator {

		private volatile int size = -1;

		private volatile Error failure = new AssertionError("a bug");

		private Memory() {
			super(true);
		}

		void failOnce(int size, Error failure) {
			this.failure = failure;
			this.size = size;
		}

		boolean hasFailed() {
			return this.size == -1;
		}

		@Override
		protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
			return Unpooled.buffer(initialCapacity, maxCapacity);
		}

		@Override
		protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
			if (initialCapacity == this.size) {
				this.size = -1;
				throw this.failure;
			}
			return new UnpooledDirectByteBuf(this, initialCapacity, maxCapacity);
		}

		@Override
		public boolean isDirectBufferPooled() {
			return false;
		}

	}

}
