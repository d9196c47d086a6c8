package dev.pingora.connector;

import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.protocol.UpstreamSession;
import dev.pingora.protocol.h1.H1ClientConnection;
import dev.pingora.upstream.HttpPeer;
import io.netty.channel.embedded.EmbeddedChannel;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a request pays the pool of its loop: an idle connection is taken, a session is
 * opened on it, and the connection is given back.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PoolBenchmark {

	/**
	 * The pool of one loop. Its channels lead nowhere.
	 */
	@State(Scope.Thread)
	public static class Pool {

		private static final int CONNECTIONS = 64;

		/** How many peers there are, with 64 idle connections each. */
		@Param({ "1", "100" })
		public int peers;

		private final PanicIsolation isolation = new PanicIsolation(List.of());

		private final LoopPool pool = new LoopPool(new PeerStatistics());

		private HttpPeer[] all = new HttpPeer[0];

		// The connection that each peer's pool will hand out next: the last one given
		// back.
		private H1ClientConnection[] next = new H1ClientConnection[0];

		private int turn;

		/**
		 * Fills the pool.
		 */
		@Setup
		public void fill() {
			this.all = new HttpPeer[this.peers];
			this.next = new H1ClientConnection[this.peers];
			for (int i = 0; i < this.peers; i++) {
				this.all[i] = HttpPeer.of("127.0.0.1", 1024 + i);
				for (int j = 0; j < CONNECTIONS; j++) {
					H1ClientConnection connection = new H1ClientConnection(this.isolation, this.all[i].key(),
							this.pool);
					new EmbeddedChannel(connection);
					this.pool.add(connection);
					this.pool.idle(connection);
					this.next[i] = connection;
				}
			}
		}

		/**
		 * Ends the border.
		 */
		@TearDown
		public void close() {
			this.isolation.close();
		}

	}

	/**
	 * A connection is taken and given back.
	 * @param state the pool
	 * @return the session
	 */
	@Benchmark
	public @Nullable UpstreamSession reusedAndIdle(Pool state) {
		int turn = (state.turn + 1) % state.peers;
		state.turn = turn;
		UpstreamSession session = state.pool.reuse(state.all[turn]);
		state.pool.idle(state.next[turn]);
		return session;
	}

}
