package dev.pingora.connector;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.protocol.h1.H1ClientConnection;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.transport.EventLoops;
import dev.pingora.transport.Transport;
import dev.pingora.upstream.HttpPeer;
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

	/** A loop's pool with one idle connection. */
	private final class Pool implements AutoCloseable {

		private final EventLoops loops;

		private final LoopPool pool;

		private final PooledConnection pooled = new PooledConnection();

		private final H1ClientConnection connection = new H1ClientConnection(LoopPoolTests.this.isolation,
				LoopPoolTests.this.peer.key(), this.pooled);

		Pool(Transport transport) {
			this.loops = EventLoops.start(transport, 1);
			PeerSockets sockets = new PeerSockets(this.loops, this.loops.loops().get(0));
			this.pool = new LoopPool(this.loops.loops().get(0), 0, sockets, new IdleQuota(4, 1));
			PeerState state = LoopPoolTests.this.counts.acquire(LoopPoolTests.this.peer);
			assertThat(state).isNotNull();
			sockets.bootstrap(LoopPoolTests.this.peer)
				.handler(this.connection)
				.connect(new InetSocketAddress("127.0.0.1", LoopPoolTests.this.origin.port()))
				.syncUninterruptibly();
			call(() -> {
				this.pool.add(this.pooled, state, this.connection);
				this.pool.idle(this.pooled, this.pooled.peer());
				return this;
			});
		}

		private <T> T call(Supplier<T> call) {
			return CompletableFuture.supplyAsync(call, this.pool.loop()).join();
		}

		@Override
		public void close() {
			this.loops.close();
		}

	}

	static List<Transport> transports() {
		return List.of(Transport.values()).stream().filter(EventLoops::isAvailable).toList();
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

	/** Some transports close a socket later than they are told to. */
	@ParameterizedTest
	@MethodSource("transports")
	void connectionThatIsBeingClosedIsNotReused(Transport transport) {
		try (Pool pool = new Pool(transport)) {
			assertThat(pool.call(() -> {
				pool.connection.close();
				return pool.pool.reuse(this.peer) == null;
			})).isTrue();
			assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
		}
	}

}
