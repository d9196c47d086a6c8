package dev.pingora.connector;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.pingora.error.ProxyException;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.protocol.UpstreamSession;
import dev.pingora.protocol.h1.H1ClientConnection;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.transport.EventLoops;
import dev.pingora.transport.Transport;
import dev.pingora.upstream.HttpPeer;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Tests for {@link LoopPool} with real connections.
 */
@ExtendWith(EngineExtension.class)
class LoopPoolTests {

	@AutoClose
	private final PanicIsolation isolation = new PanicIsolation(List.of());

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private final HttpPeer peer = HttpPeer.of("127.0.0.1", this.origin.port());

	private final ConnectionCounts counts = new ConnectionCounts(new PeerStatistics(1), 1);

	/**
	 * Expects to be connected.
	 *
	 * @param action what to do then
	 */
	private record Connected(Consumer<UpstreamSession> action) implements ConnectHandler {

		@Override
		public void onConnected(UpstreamSession session) {
			this.action.accept(session);
		}

		@Override
		public void onConnectFailed(ProxyException error) {
			throw new AssertionError(error);
		}

		@Override
		public void onConnectPanicked(Panic panic) {
			throw new AssertionError(panic.cause());
		}

	}

	/**
	 * Expects a panic, and counts whatever it is told.
	 *
	 * @param calls how often it was told anything
	 * @param panicked the panic
	 */
	private record Told(AtomicInteger calls, CompletableFuture<Panic> panicked) implements ConnectHandler {

		@Override
		public void onConnected(UpstreamSession session) {
			this.calls.incrementAndGet();
		}

		@Override
		public void onConnectFailed(ProxyException error) {
			this.calls.incrementAndGet();
		}

		@Override
		public void onConnectPanicked(Panic panic) {
			this.calls.incrementAndGet();
			this.panicked.complete(panic);
		}

	}

	/** A loop's pool with one idle connection. */
	private final class Pool implements AutoCloseable {

		private final EventLoops loops;

		private final LoopPool pool;

		private final Channel channel;

		private final PooledConnection pooled = new PooledConnection();

		private final H1ClientConnection connection = new H1ClientConnection(LoopPoolTests.this.isolation,
				LoopPoolTests.this.peer.key(), this.pooled);

		Pool(Transport transport) {
			this(transport, 1);
		}

		Pool(Transport transport, int loops) {
			this.loops = EventLoops.start(transport, loops);
			PeerSockets sockets = new PeerSockets(this.loops, this.loops.loops().get(0));
			this.pool = new LoopPool(this.loops.loops().get(0), 0, sockets, new IdleQuota(4, 1));
			PeerState state = LoopPoolTests.this.counts.acquire(LoopPoolTests.this.peer);
			assertThat(state).isNotNull();
			this.channel = sockets.bootstrap(LoopPoolTests.this.peer)
				.handler(this.connection)
				.connect(new InetSocketAddress("127.0.0.1", LoopPoolTests.this.origin.port()))
				.syncUninterruptibly()
				.channel();
			call(() -> {
				this.pool.add(this.pooled, state, this.connection);
				this.pool.idle(this.pooled, this.pooled.peer());
				return this;
			});
		}

		private <T> T call(Supplier<T> call) {
			return CompletableFuture.supplyAsync(call, this.pool.loop()).join();
		}

		/** On io_uring the closing of the connection will wait for it. */
		void write() {
			this.channel.writeAndFlush(Unpooled.copiedBuffer("G", StandardCharsets.US_ASCII));
		}

		PooledConnector connector() {
			return new PooledConnector(this.loops, LoopPoolTests.this.isolation,
					new PooledConnector.Settings(PoolOptions.defaults(), DnsOptions.defaults(), (loop) -> loop));
		}

		@Override
		public void close() {
			this.loops.close();
		}

	}

	static List<Transport> transports() {
		return Stream.of(Transport.values()).filter(EventLoops::isAvailable).toList();
	}

	@ParameterizedTest
	@MethodSource("transports")
	void connectionThatCanNotBeOpenedIsClosed(Transport transport) {
		try (Pool pool = new Pool(transport)) {
			pool.call(() -> pool.connection.open(this.peer)); // in use, which is a bug
			assertThatThrownBy(() -> pool.call(() -> pool.pool.reuse(this.peer)))
				.hasRootCauseMessage("the connection is in use");
			assertThat(this.origin.awaitClosed(1)).isEqualTo(End.FIN);
			assertThat(pool.call(() -> pool.pool.reuse(this.peer) == null)).isTrue();
		}
	}

	/**
	 * On io_uring a channel is active until its closing is done, which waits for what the
	 * kernel was asked for: here, a write.
	 */
	@ParameterizedTest
	@MethodSource("transports")
	void connectionThatIsBeingClosedIsNotUsed(Transport transport) {
		try (Pool pool = new Pool(transport)) {
			assertThat(pool.call(() -> {
				pool.write();
				pool.connection.close();
				return pool.pool.reuse(this.peer) == null;
			})).isTrue();
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void dialInPlaceOfAConnectionWaitsUntilThatIsClosed(Transport transport) {
		try (Pool pool = new Pool(transport); PooledConnector connector = pool.connector()) {
			CompletableFuture<Boolean> closed = new CompletableFuture<>();
			pool.call(() -> {
				pool.write();
				H1ClientConnection closing = pool.pool.makeRoom(this.peer.key());
				assertThat(closing).isNotNull();
				Runnable cancel = new DelayedDial(connector, pool.pool, this.peer,
						new Connected((session) -> closed.complete(pool.channel.closeFuture().isDone())))
					.start(closing);
				assertThat(connector.connections()).isEqualTo(pool.channel.closeFuture().isDone() ? 1 : 0);
				return cancel;
			});
			assertThat(closed).succeedsWithin(Await.PATIENCE).isEqualTo(true);
			assertThat(connector.connections()).isOne();
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void dialThatIsCancelledWhileItWaitsIsNotMade(Transport transport) {
		try (Pool pool = new Pool(transport); PooledConnector connector = pool.connector()) {
			pool.call(() -> {
				pool.write();
				H1ClientConnection closing = pool.pool.makeRoom(this.peer.key());
				assertThat(closing).isNotNull();
				new DelayedDial(connector, pool.pool, this.peer, new Connected((session) -> session.close()))
					.start(closing)
					.run();
				return closing;
			});
			pool.channel.closeFuture().syncUninterruptibly();
			assertThat(pool.call(connector::connections)).isZero();
		}
	}

	/**
	 * The lender's bug is told once, and nothing is dialled for a request that has ended.
	 */
	@ParameterizedTest
	@MethodSource("transports")
	void borrowThatPanicsIsOver(Transport transport) {
		try (Pool pool = new Pool(transport, 2); PooledConnector connector = pool.connector()) {
			EventLoop loop = pool.loops.loops().get(1);
			LoopPool home = new LoopPool(loop, 1, new PeerSockets(pool.loops, loop), new IdleQuota(4, 2));
			AtomicInteger calls = new AtomicInteger();
			CompletableFuture<Panic> panicked = new CompletableFuture<>();
			ConnectHandler handler = new Told(calls, panicked);
			pool.call(() -> pool.connection.open(this.peer)); // in use, which is a bug
			loop.execute(() -> new Borrow(connector, home, pool.pool, this.peer, handler).start());
			assertThat(panicked).succeedsWithin(Await.PATIENCE);
			// Behind the timer that the borrow had.
			loop.schedule(calls::get, 2 * connector.borrowTimeoutNanos(), TimeUnit.NANOSECONDS).syncUninterruptibly();
			assertThat(connector.connections()).isZero();
			assertThat(calls).hasValue(1);
			assertThat(this.origin.awaitClosed(1)).isEqualTo(End.FIN);
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void connectionThatCanNotBeHandedToItsBorrowerIsClosed(Transport transport) {
		try (Pool pool = new Pool(transport); PooledConnector connector = pool.connector()) {
			EventLoops ending = EventLoops.start(transport, 1);
			EventLoop loop = ending.loops().get(0);
			LoopPool home = new LoopPool(loop, 0, new PeerSockets(ending, loop), new IdleQuota(4, 1));
			pool.call(() -> {
				loop.submit(
						() -> new Borrow(connector, home, pool.pool, this.peer, new Connected(UpstreamSession::close))
							.start())
					.syncUninterruptibly();
				// Before the lender sees the question.
				loop.parent().shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
				return home;
			});
			assertThat(this.origin.awaitClosed(1)).isEqualTo(End.FIN);
		}
	}

}
