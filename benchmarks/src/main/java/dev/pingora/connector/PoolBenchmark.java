package dev.pingora.connector;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import dev.pingora.error.ProxyException;
import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.protocol.UpstreamHandler;
import dev.pingora.protocol.UpstreamSession;
import dev.pingora.protocol.h1.H1ClientConnection;
import dev.pingora.transport.EventLoops;
import dev.pingora.transport.Transport;
import dev.pingora.upstream.HttpPeer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
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
 * What a request pays the pool of its loop: {@code pooled} less {@code bare}. Both are an
 * exchange without bodies over a channel that leads nowhere.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PoolBenchmark {

	/**
	 * The pool of one loop, and a connection that nobody keeps.
	 */
	@State(Scope.Thread)
	public static class Pool {

		private static final int CONNECTIONS = 64;

		private static final HttpPeer LONELY = HttpPeer.of("127.0.0.1", 1);

		/** How many peers there are, with 64 idle connections each. */
		@Param({ "1", "100" })
		public int peers;

		private final PanicIsolation isolation = new PanicIsolation(List.of());

		private final EventLoops loops = EventLoops.start(Transport.NIO, 1);

		private final EventLoop loop = this.loops.loops().get(0);

		private final ConnectionCounts counts = new ConnectionCounts(new PeerStatistics(1), 1);

		private final LoopPool pool = new LoopPool(this.loop, 0, new PeerSockets(this.loops, this.loop),
				new IdleQuota(10_000, 1));

		private final Exchange exchange = new Exchange();

		private HttpPeer[] all = new HttpPeer[0];

		// The channel of the connection that each peer's pool hands out next: the last
		// one given back.
		private EmbeddedChannel[] channels = new EmbeddedChannel[0];

		private final H1ClientConnection lonely = new H1ClientConnection(this.isolation, LONELY.key(), new Nobody());

		private final EmbeddedChannel lonelyChannel = new EmbeddedChannel(this.lonely);

		private int turn;

		/**
		 * Fills the pool.
		 */
		@Setup
		public void fill() {
			this.all = new HttpPeer[this.peers];
			this.channels = new EmbeddedChannel[this.peers];
			for (int i = 0; i < this.peers; i++) {
				this.all[i] = HttpPeer.of("127.0.0.1", 1024 + i);
				for (int j = 0; j < CONNECTIONS; j++) {
					PooledConnection pooled = new PooledConnection();
					H1ClientConnection connection = new H1ClientConnection(this.isolation, this.all[i].key(), pooled);
					this.channels[i] = new EmbeddedChannel(connection);
					PeerState state = Objects.requireNonNull(this.counts.acquire(this.all[i]));
					this.pool.add(pooled, state, connection);
					pooled.idle(connection);
				}
			}
		}

		/**
		 * Ends the border and frees the octets.
		 */
		@TearDown
		public void close() {
			this.isolation.close();
			this.loops.close();
			this.exchange.release();
		}

	}

	/**
	 * Keeps nothing.
	 */
	private static final class Nobody implements H1ClientConnection.Owner {

		@Override
		public void idle(H1ClientConnection connection) {
			// it is at hand
		}

		@Override
		public void closing(H1ClientConnection connection) {
			// the benchmark is over
		}

		@Override
		public void closed(H1ClientConnection connection) {
			// the benchmark is over
		}

	}

	/**
	 * A request is sent and answered; only the end of the answer matters.
	 */
	private static final class Exchange implements UpstreamHandler {

		private final RequestHeader request = RequestHeader.of("GET", "/");

		private final ByteBuf response = Unpooled.unreleasableBuffer(Unpooled.directBuffer()
			.writeBytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));

		private int status;

		int run(UpstreamSession session, EmbeddedChannel channel) {
			session.start(this);
			session.writeHeader(this.request, true);
			session.flush();
			channel.releaseOutbound();
			channel.writeInbound(this.response.resetReaderIndex());
			session.recycle();
			return this.status;
		}

		void release() {
			this.response.unwrap().release();
		}

		@Override
		public void onHeader(ResponseHeader header, boolean end) {
			this.status = header.status();
		}

		@Override
		public void onInformational(ResponseHeader header) {
			throw new IllegalStateException("status " + header.status());
		}

		@Override
		public void onUpgrade(ResponseHeader header) {
			throw new IllegalStateException("status " + header.status());
		}

		@Override
		public void onBody(ByteBuf data, boolean end) {
			data.release();
		}

		@Override
		public void onTrailers(Headers trailers) {
			throw new IllegalStateException("trailers " + trailers);
		}

		@Override
		public void onWritable() {
			this.status = 0;
		}

		@Override
		public void onReadComplete() {
			// nothing waits for it
		}

		@Override
		public void onFailure(ProxyException error) {
			throw new IllegalStateException(error);
		}

		@Override
		public void onPanic(Panic panic) {
			throw new IllegalStateException(panic.toString());
		}

	}

	/**
	 * An exchange over a connection that is always at hand.
	 * @param state the connection
	 * @return the status
	 */
	@Benchmark
	public int bare(Pool state) {
		return state.exchange.run(state.lonely.open(Pool.LONELY), state.lonelyChannel);
	}

	/**
	 * An exchange over a connection that is taken from the pool and given back.
	 * @param state the pool
	 * @return the status
	 */
	@Benchmark
	public int pooled(Pool state) {
		int turn = (state.turn + 1) % state.peers;
		state.turn = turn;
		UpstreamSession session = Objects.requireNonNull(state.pool.reuse(state.all[turn]));
		return state.exchange.run(session, state.channels[turn]);
	}

}
