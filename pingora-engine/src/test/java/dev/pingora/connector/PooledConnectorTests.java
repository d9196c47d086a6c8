package dev.pingora.connector;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import dev.pingora.error.ProxyException;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.protocol.IgnoringHandler;
import dev.pingora.protocol.UpstreamHandler;
import dev.pingora.protocol.UpstreamSession;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.transport.EventLoops;
import dev.pingora.transport.Transport;
import dev.pingora.upstream.HttpPeer;
import dev.pingora.upstream.PeerOptions;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PooledConnector} without a server around it.
 */
@ExtendWith(EngineExtension.class)
class PooledConnectorTests {

	@AutoClose
	private final PanicIsolation isolation = new PanicIsolation(List.of());

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private final HttpPeer peer = HttpPeer.of("127.0.0.1", this.origin.port(),
			PeerOptions.builder().maxConnections(1).build());

	/** Remembers what it is told; sends a request if it is asked to. */
	private static final class Told extends IgnoringHandler implements ConnectHandler, UpstreamHandler {

		private final CompletableFuture<UpstreamSession> session = new CompletableFuture<>();

		private final CompletableFuture<UpstreamSession> answered = new CompletableFuture<>();

		private final AtomicInteger calls = new AtomicInteger();

		@Override
		public void onConnected(UpstreamSession session) {
			this.calls.incrementAndGet();
			session.start(this);
			this.session.complete(session);
		}

		@Override
		public void onConnectFailed(ProxyException error) {
			this.calls.incrementAndGet();
			this.session.completeExceptionally(error);
		}

		@Override
		public void onConnectPanicked(Panic panic) {
			this.calls.incrementAndGet();
			this.session.completeExceptionally(panic.cause());
		}

		/** Sends a request and gives it up while io_uring is still writing it. */
		void abandon() {
			UpstreamSession session = this.session.join();
			session.writeHeader(RequestHeader.of("GET", "/hello"), true);
			session.flush();
			session.close();
		}

		/** Sends a request, has the response, and gives the connection back. */
		void use(EventLoop loop) {
			use(loop, () -> {
			}).join();
		}

		/** The same, and goes on at once. */
		CompletableFuture<Void> use(EventLoop loop, Runnable next) {
			this.session.thenAcceptAsync((session) -> {
				session.writeHeader(RequestHeader.of("GET", "/hello"), true);
				session.credit(1024);
				session.flush();
			}, loop);
			return this.answered.thenAcceptAsync((session) -> {
				session.recycle();
				next.run();
			}, loop);
		}

		@Override
		public void onInformational(ResponseHeader header) {
		}

		@Override
		public void onHeader(ResponseHeader header, boolean end) {
		}

		@Override
		public void onUpgrade(ResponseHeader header) {
		}

		@Override
		public void onBody(ByteBuf data, boolean end) {
			super.onBody(data, end);
			if (end) {
				this.answered.complete(this.session.join());
			}
		}

		@Override
		public void onFailure(ProxyException error) {
			this.answered.completeExceptionally(error);
		}

		@Override
		public void onPanic(Panic panic) {
			this.answered.completeExceptionally(panic.cause());
		}

	}

	static List<Transport> transports() {
		return Stream.of(Transport.values()).filter(EventLoops::isAvailable).toList();
	}

	private PooledConnector connector(EventLoops loops) {
		PoolOptions pool = new PoolOptions(4, true, Duration.ofSeconds(5));
		return new PooledConnector(loops, this.isolation,
				new PooledConnector.Settings(pool, DnsOptions.defaults(), (loop) -> loop));
	}

	/** On io_uring a connection's permit comes back when its closing is done. */
	@ParameterizedTest
	@MethodSource("transports")
	void newConnectionTakesThePlaceOfAnIdleOne(Transport transport) {
		try (EventLoops loops = EventLoops.start(transport, 1); PooledConnector connector = connector(loops)) {
			EventLoop loop = loops.loops().get(0);
			Told first = new Told();
			loop.execute(() -> connector.obtain(loop, this.peer, first));
			Told second = new Told();
			first.use(loop, () -> connector.dial(loop, this.peer, second));
			assertThat(second.session).succeedsWithin(Await.PATIENCE);
			assertThat(this.origin.awaitClosed(1)).isEqualTo(End.FIN);
			second.use(loop);
			assertThat(second.calls).hasValue(1);
			assertThat(connector.connections()).isOne();
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void newConnectionTakesThePlaceOfAnIdleOneOfAnotherLoop(Transport transport) {
		try (EventLoops loops = EventLoops.start(transport, 2); PooledConnector connector = connector(loops)) {
			EventLoop there = loops.loops().get(1);
			Told first = new Told();
			there.execute(() -> connector.obtain(there, this.peer, first));
			first.use(there);
			Told second = new Told();
			EventLoop home = loops.loops().get(0);
			home.execute(() -> connector.dial(home, this.peer, second));
			assertThat(second.session).succeedsWithin(Await.PATIENCE);
			second.use(home);
		}
	}

	private static void awaitOneEach(List<Told> all) {
		all.forEach((told) -> assertThat(told.session).succeedsWithin(Await.PATIENCE));
		assertThat(all).allSatisfy((told) -> assertThat(told.calls).hasValue(1));
	}

	/** Those that are closed at once make room for as many. */
	@ParameterizedTest
	@MethodSource("transports")
	void newConnectionsTakeThePlacesOfThoseThatAreBeingClosed(Transport transport) {
		HttpPeer two = HttpPeer.of("127.0.0.1", this.origin.port(), PeerOptions.builder().maxConnections(2).build());
		try (EventLoops loops = EventLoops.start(transport, 1); PooledConnector connector = connector(loops)) {
			EventLoop loop = loops.loops().get(0);
			List<Told> before = List.of(new Told(), new Told());
			loop.execute(() -> before.forEach((told) -> connector.obtain(loop, two, told)));
			awaitOneEach(before);
			List<Told> after = List.of(new Told(), new Told());
			loop.execute(() -> {
				before.forEach(Told::abandon);
				connector.dial(loop, two, after.get(0));
				connector.obtain(loop, two, after.get(1));
			});
			awaitOneEach(after);
			assertThat(connector.connections()).isEqualTo(2);
			after.forEach((told) -> told.use(loop));
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void newConnectionTakesThePlaceOfABorrowedOneThatIsBeingClosed(Transport transport) {
		try (EventLoops loops = EventLoops.start(transport, 2); PooledConnector connector = connector(loops)) {
			EventLoop there = loops.loops().get(1);
			Told first = new Told();
			there.execute(() -> connector.obtain(there, this.peer, first));
			first.use(there);
			EventLoop home = loops.loops().get(0);
			Told second = new Told();
			home.execute(() -> connector.obtain(home, this.peer, second));
			awaitOneEach(List.of(second));
			Told third = new Told();
			CountDownLatch posted = new CountDownLatch(1);
			there.execute(() -> Await.until("all is in one turn", () -> posted.getCount() == 0));
			home.execute(() -> {
				second.abandon();
				connector.dial(home, this.peer, third);
				posted.countDown();
			});
			awaitOneEach(List.of(third));
			third.use(home);
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void dialThatIsCancelledWhileItWaitsForAPlaceDialsNot(Transport transport) {
		try (EventLoops loops = EventLoops.start(transport, 1); PooledConnector connector = connector(loops)) {
			EventLoop loop = loops.loops().get(0);
			Told first = new Told();
			loop.execute(() -> connector.obtain(loop, this.peer, first));
			Told second = new Told();
			first.use(loop, () -> connector.dial(loop, this.peer, second).run()).join();
			Await.until("nothing is left", () -> connector.connections() == 0);
			assertThat(second.calls).hasValue(0);
		}
	}

	/** Its loop may have ended, or there may be no memory for the message. */
	@ParameterizedTest
	@MethodSource("transports")
	void connectionThatCanNotBeHandedToItsUsersLoopIsClosed(Transport transport) {
		EventLoops ended = EventLoops.start(transport, 1);
		ended.close();
		EventLoop home = ended.loops().get(0);
		try (EventLoops loops = EventLoops.start(transport, 1)) {
			EventLoop there = loops.loops().get(0);
			PoolOptions pool = new PoolOptions(4, true, Duration.ofSeconds(5));
			try (PooledConnector connector = new PooledConnector(loops, this.isolation,
					new PooledConnector.Settings(pool, DnsOptions.defaults(), (loop) -> there))) {
				connector.obtain(home, this.peer, new Told());
				assertThat(this.origin.awaitClosed(1)).isEqualTo(End.FIN);
				Await.until("the permit of the new one is back", () -> connector.connections() == 0);
				Told user = new Told();
				there.execute(() -> connector.dial(there, this.peer, user));
				user.use(there);
				connector.obtain(home, this.peer, new Told());
				Await.until("the permit of the used one is back", () -> connector.connections() == 0);
			}
		}
	}

}
