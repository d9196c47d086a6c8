package dev.pingora.transport;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WriteWatch} and {@link SendQueue}, on a real connection.
 */
@ExtendWith(EngineExtension.class)
class WriteWatchTests {

	private static final long TIMEOUT = TimeUnit.MILLISECONDS.toNanos(50);

	/** Longer than a busy machine keeps a test from reading. */
	private static final long PATIENT = TimeUnit.MILLISECONDS.toNanos(250);

	/** What Netty counts for an octet in a buffer of its own. */
	private static final long PIECE = 1 + 96;

	/** So much the systems at both ends keep. */
	private static final int BUFFER = 16 * 1024;

	private static final int MUCH = 32 * 1024 * 1024;

	private final EventLoops loops = EventLoops.start(Transport.AUTO, 1);

	private final EventLoop loop = this.loops.loops().get(0);

	private final AtomicInteger stuck = new AtomicInteger();

	private ServerSocket server;

	private Socket peer;

	private Channel channel;

	@BeforeEach
	void connect() throws Exception {
		this.server = new ServerSocket();
		this.server.setReceiveBufferSize(BUFFER);
		this.server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
		this.channel = new Bootstrap().group(this.loop)
			.channel(this.loops.channel())
			.option(ChannelOption.SO_SNDBUF, BUFFER)
			.handler(new ChannelInboundHandlerAdapter())
			.connect(this.server.getLocalSocketAddress())
			.sync()
			.channel();
		this.peer = this.server.accept();
	}

	@AfterEach
	void close() throws Exception {
		this.channel.close().sync();
		this.peer.close();
		this.server.close();
		this.loops.close();
	}

	private <T> T onLoop(Callable<T> call) throws Exception {
		return this.loop.submit(call).get(10, TimeUnit.SECONDS);
	}

	private WriteWatch send(int octets) throws Exception {
		return send(octets, TIMEOUT);
	}

	private WriteWatch send(int octets, long timeout) throws Exception {
		return onLoop(() -> {
			WriteWatch watch = new WriteWatch(this.channel, this.stuck::incrementAndGet);
			watch.start(timeout);
			ByteBuf data = this.channel.alloc().buffer(octets).writeZero(octets);
			this.channel.writeAndFlush(data);
			watch.flushed();
			watch.flushed();
			return watch;
		});
	}

	private SendQueue.State state() throws Exception {
		return onLoop(() -> SendQueue.of(this.channel));
	}

	@Test
	void peerThatDoesNotReadIsNoticedOnce() throws Exception {
		send(MUCH);
		Await.until("the watch notices", () -> this.stuck.get() > 0);
		assertThat(state()).isEqualTo(SendQueue.State.PENDING);
		passTime();
		assertThat(this.stuck).hasValue(1);
	}

	@Test
	void whatWentOutAtOnceIsNotWatched() throws Exception {
		send(10);
		assertThat(this.peer.getInputStream().readNBytes(10)).hasSize(10);
		passTime();
		assertThat(this.stuck).hasValue(0);
	}

	@Test
	void cancelledWatchNoticesNothing() throws Exception {
		WriteWatch watch = send(MUCH);
		onLoop(() -> {
			watch.cancel();
			return "";
		});
		passTime();
		assertThat(this.stuck).hasValue(0);
	}

	@Test
	void stoppedWatchNoticesNothingUntilItIsStartedAgain() throws Exception {
		WriteWatch watch = send(MUCH);
		onLoop(() -> {
			watch.stop();
			watch.flushed();
			return "";
		});
		passTime();
		assertThat(this.stuck).hasValue(0);
		onLoop(() -> {
			watch.start(TIMEOUT);
			watch.flushed();
			return "";
		});
		Await.until("the watch notices", () -> this.stuck.get() > 0);
	}

	@Test
	void peerThatReadsSlowlyFromALargePieceIsNotStuck() throws Exception {
		InputStream in = this.peer.getInputStream();
		WriteWatch watch = send(MUCH, PATIENT);
		Await.poll(Duration.ofNanos(5 * PATIENT), stuckAfter(() -> in.readNBytes(16 * 1024)));
		assertThat(this.stuck).hasValue(0);
		assertThat(state()).isEqualTo(SendQueue.State.PENDING);
		cancel(watch);
	}

	// Whenever the watch looks, as much is pending as before, of pieces that look alike,
	// and whose memory is used again and again.
	@Test
	void peerThatReadsAsMuchAsIsAppendedIsNotStuck() throws Exception {
		InputStream in = this.peer.getInputStream();
		int pieces = 60_000;
		WriteWatch watch = onLoop(() -> {
			WriteWatch made = new WriteWatch(this.channel, this.stuck::incrementAndGet);
			made.start(PATIENT);
			topUp(pieces);
			made.flushed();
			return made;
		});
		long[] read = { 0 };
		Await.poll(Duration.ofNanos(8 * PATIENT), stuckAfter(() -> {
			read[0] += in.readNBytes(in.available()).length;
			// it drains
			Await.poll(Duration.ofNanos(PATIENT / 10), () -> this.stuck.get() > 0);
			onLoop(() -> topUp(pieces));
			return Await.poll(Duration.ofNanos(PATIENT / 5), () -> this.stuck.get() > 0);
		}));
		assertThat(this.stuck).hasValue(0);
		assertThat(read[0]).isGreaterThan(pieces);
		cancel(watch);
	}

	/** Appends until the system takes no more and so many pieces of one octet wait. */
	private long topUp(int pieces) {
		ChannelOutboundBuffer buffer = this.channel.unsafe().outboundBuffer();
		long appended = 0;
		while (buffer.totalPendingWriteBytes() < pieces * PIECE) {
			for (long missing = pieces - buffer.totalPendingWriteBytes() / PIECE; missing > 0; missing--) {
				this.channel.write(this.channel.alloc().directBuffer(1).writeByte('x'));
				appended++;
			}
			this.channel.flush();
		}
		return appended;
	}

	@Test
	void whatIsAppendedIsNoProgress() throws Exception {
		WriteWatch watch = send(MUCH);
		Await.until("the watch notices", stuckAfter(() -> onLoop(() -> {
			this.channel.writeAndFlush(this.channel.alloc().directBuffer(1).writeByte('x'));
			watch.flushed();
			return "";
		})));
		assertThat(this.stuck).hasValue(1);
	}

	private BooleanSupplier stuckAfter(Callable<?> step) {
		return () -> {
			try {
				step.call();
			}
			catch (Exception failed) {
				throw new AssertionError(failed);
			}
			return this.stuck.get() > 0;
		};
	}

	private void cancel(WriteWatch watch) throws Exception {
		onLoop(() -> {
			watch.cancel();
			return "";
		});
	}

	@Test
	void sendQueueIsEmptyWhenAllIsAcknowledged() throws Exception {
		onLoop(() -> {
			int octets = 4 * 1024 * 1024;
			this.channel.writeAndFlush(this.channel.alloc().buffer(octets).writeZero(octets));
			return "";
		});
		assertThat(state()).isIn(SendQueue.State.PENDING, SendQueue.State.UNKNOWN);
		InputStream in = this.peer.getInputStream();
		assertThat(in.readNBytes(4 * 1024 * 1024)).hasSize(4 * 1024 * 1024);
		Await.until("all is acknowledged",
				() -> this.loop.submit(() -> SendQueue.of(this.channel))
					.awaitUninterruptibly()
					.getNow() != SendQueue.State.PENDING);
		this.channel.close().sync();
		assertThat(state()).isEqualTo(SendQueue.State.EMPTY);
	}

	private void passTime() throws Exception {
		this.loop.schedule(() -> {
		}, 4 * TIMEOUT, TimeUnit.NANOSECONDS).get(10, TimeUnit.SECONDS);
	}

}
