package dev.pingora.proxy.internal;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.connector.DnsOptions;
import dev.pingora.connector.PoolOptions;
import dev.pingora.connector.PooledConnector;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicResponse;
import dev.pingora.protocol.ClosingLimitCounts;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.protocol.UpgradeOptions;
import dev.pingora.protocol.h1.H1ServerConnection;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.FailedAttempt;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.Router;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.transport.EventLoops;
import dev.pingora.transport.Transport;
import dev.pingora.upstream.HttpPeer;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A piece of a request's body for which there is no memory while it has to wait: what is
 * left of the body must not be sent as if it were the body.
 */
@ExtendWith(EngineExtension.class)
class LostPieceTests {

	private final CountDownLatch entered = new CountDownLatch(1);

	private final CountDownLatch gate = new CountDownLatch(1);

	private final Memory memory = new Memory();

	private final PanicIsolation isolation = new PanicIsolation(List.of());

	private final ExecutorService executor = Executors.newSingleThreadExecutor();

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	/** Has none for pieces that wait, once it is used up. */
	private static final class Memory extends AbstractByteBufAllocator {

		private static final int JOINED = 8 * 1024;

		private final CountDownLatch refused = new CountDownLatch(1);

		private volatile boolean usedUp;

		private Memory() {
			super(true);
		}

		@Override
		protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
			return Unpooled.buffer(initialCapacity, maxCapacity);
		}

		@Override
		protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
			if (this.usedUp && initialCapacity == JOINED) {
				this.usedUp = false;
				this.refused.countDown();
				throw new OutOfMemoryError("Cannot reserve " + JOINED + " bytes of direct buffer memory");
			}
			return new UnpooledDirectByteBuf(this, initialCapacity, maxCapacity);
		}

		@Override
		public boolean isDirectBufferPooled() {
			return false;
		}

	}

	/** Takes its time over the first response, and wants to see another one. */
	private final class Picky implements ProxyFilter {

		private final boolean fails;

		private Picky(boolean fails) {
			this.fails = fails;
		}

		@Override
		@Blocking
		public void upstreamResponseFilter(Session session, ResponseHeader response) throws ProxyException {
			if (LostPieceTests.this.entered.getCount() > 0) {
				LostPieceTests.this.entered.countDown();
				Await.until("the gate is open", () -> LostPieceTests.this.gate.getCount() == 0);
				if (this.fails) {
					throw ProxyException.internal(ErrorType.httpStatus(503), "not good enough");
				}
			}
		}

		@Override
		public ProxyException errorWhileProxy(Session session, FailedAttempt failure) {
			return failure.error().retryable();
		}

	}

	private ProxyEngine engine(EventLoops loops, PooledConnector connector, ProxyFilter filter) {
		Route route = Route.of("r", List.of(NamedFilter.of("picky", filter)),
				Upstream.of("u", List.of(Backend.of(HttpPeer.of("127.0.0.1", this.origin.port())))));
		return new ProxyEngine(new ProxyEngine.Parts(Router.to(route), connector, this.isolation, this.executor,
				List.of(), PanicResponse.RESET,
				new ProxyEngine.RetryLimits(3, Duration.ofSeconds(10).toNanos(), 64 * 1024), List.of(), loops,
				UpgradeOptions.defaults()));
	}

	private Channel listen(EventLoops loops, ProxyEngine engine) {
		return new ServerBootstrap().group(loops.loops().get(0))
			.channel(loops.serverChannel())
			.childOption(ChannelOption.ALLOCATOR, this.memory)
			.childHandler(new ChannelInitializer<Channel>() {
				@Override
				protected void initChannel(Channel channel) {
					channel.pipeline()
						.addLast(new H1ServerConnection(DownstreamOptions.defaults(), engine,
								LostPieceTests.this.isolation, new ClosingLimitCounts()));
				}
			})
			.bind(new InetSocketAddress("127.0.0.1", 0))
			.syncUninterruptibly()
			.channel();
	}

	private PooledConnector connector(EventLoops loops) {
		return new PooledConnector(loops, this.isolation, new PooledConnector.Settings(PoolOptions.defaults(),
				DnsOptions.defaults(), UnaryOperator.identity()));
	}

	/** Whether the filter itself fails, or it is only the loss that does. */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void bodyOfWhichAPieceIsLostIsNotSentAgain(boolean filterFails) {
		this.origin.on("/early", (exchange) -> exchange.respond(200, "early"));
		try (EventLoops loops = EventLoops.start(Transport.NIO, 1); PooledConnector connector = connector(loops)) {
			ProxyEngine engine = engine(loops, connector, new Picky(filterFails));
			Channel listener = listen(loops, engine);
			int port = ((InetSocketAddress) listener.localAddress()).getPort();
			try (RawClient client = RawClient.connect(port)) {
				client.send("PUT /early HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
				Await.until("the call has begun", () -> this.entered.getCount() == 0);
				this.memory.usedUp = true;
				client.send("4\r\nlost\r\n2\r\nde\r\n0\r\n\r\n");
				Await.until("a piece is lost", () -> this.memory.refused.getCount() == 0);
				this.gate.countDown();
				assertThat(client.readResponse().status()).isEqualTo(503);
				Await.until("nothing is active", () -> engine.activeRequests() == 0);
			}
			listener.close().syncUninterruptibly();
		}
		finally {
			this.executor.shutdownNow();
			this.isolation.close();
		}
		assertThat(this.origin.requestCount()).isOne();
		assertThat(this.isolation.totals().total()).isZero();
	}

}
