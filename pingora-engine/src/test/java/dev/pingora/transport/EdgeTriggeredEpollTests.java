package dev.pingora.transport;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link EdgeTriggeredEpoll}: nothing that was received is forgotten, wherever
 * reading stops.
 */
@EnabledOnOs(OS.LINUX)
@ExtendWith(EngineExtension.class)
class EdgeTriggeredEpollTests {

	private static final int MUCH = 200_000;

	private final EventLoops loops = EventLoops.start(Transport.EPOLL, 1);

	private final AtomicInteger received = new AtomicInteger();

	private final AtomicInteger turns = new AtomicInteger();

	private final AtomicReference<Throwable> caught = new AtomicReference<>();

	private Channel channel;

	private Socket peer;

	private void connect(RecvByteBufAllocator reads, ChannelInboundHandlerAdapter handler) throws Exception {
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			this.channel = new Bootstrap().group(this.loops.loops().get(0))
				.channel(this.loops.channel())
				.option(ChannelOption.RECVBUF_ALLOCATOR, reads)
				.handler(handler)
				.connect(server.getLocalSocketAddress())
				.sync()
				.channel();
			this.peer = server.accept();
		}
	}

	@AfterEach
	void close() throws Exception {
		this.channel.close().sync();
		this.peer.close();
		this.loops.close();
	}

	/** Counts what comes. */
	private class Counting extends ChannelInboundHandlerAdapter {

		@Override
		public void channelRead(ChannelHandlerContext ctx, Object message) {
			ByteBuf data = (ByteBuf) message;
			EdgeTriggeredEpollTests.this.received.addAndGet(data.readableBytes());
			data.release();
		}

		@Override
		public void channelReadComplete(ChannelHandlerContext ctx) {
			EdgeTriggeredEpollTests.this.turns.incrementAndGet();
		}

		@Override
		public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
			EdgeTriggeredEpollTests.this.caught.set(cause);
		}

	}

	private void sendMuch() throws Exception {
		this.peer.getOutputStream().write(new byte[MUCH]);
	}

	private void awaitMuch() {
		Await.until("all is received", () -> this.received.get() == MUCH);
	}

	@Test
	void readingGoesOnWhereATurnHasEndedBeforeAllWasRead() throws Exception {
		connect(new FixedRecvByteBufAllocator(100), new Counting());
		sendMuch();
		awaitMuch();
		assertThat(this.turns).hasValueGreaterThanOrEqualTo(MUCH / 10_000);
	}

	@Test
	void readingGoesOnAfterItWasStoppedAndResumedWithinOneRead() throws Exception {
		connect(new FixedRecvByteBufAllocator(1000), new Counting() {
			@Override
			public void channelRead(ChannelHandlerContext ctx, Object message) {
				super.channelRead(ctx, message);
				ctx.channel().config().setAutoRead(false);
			}

			@Override
			public void channelReadComplete(ChannelHandlerContext ctx) {
				ctx.channel().config().setAutoRead(true);
			}
		});
		sendMuch();
		awaitMuch();
	}

	@Test
	void whatCameWhileReadingWasStoppedIsReadWhenItIsResumed() throws Exception {
		connect(new FixedRecvByteBufAllocator(1000), new Counting());
		this.channel.eventLoop().submit(() -> this.channel.config().setAutoRead(false)).get();
		sendMuch();
		this.channel.eventLoop().submit(() -> this.channel.config().setAutoRead(true)).get();
		awaitMuch();
	}

	/** Memory may be exhausted for a moment. */
	@Test
	void readingGoesOnAfterNoBufferWasToBeHad() throws Exception {
		AtomicInteger failures = new AtomicInteger();
		connect(new FailingReads(failures), new Counting());
		this.peer.getOutputStream().write(1);
		Await.until("one octet is received", () -> this.received.getAndSet(0) == 1);
		failures.set(3);
		sendMuch();
		awaitMuch();
		assertThat(this.caught.get()).hasMessage("no memory");
	}

	@Test
	void endIsSeenBehindWhatWasRead() throws Exception {
		connect(new FixedRecvByteBufAllocator(100), new Counting());
		sendMuch();
		this.peer.shutdownOutput();
		assertThat(this.channel.closeFuture().await(Await.PATIENCE.toMillis())).isTrue();
		assertThat(this.received).hasValue(MUCH);
	}

	/** Has no buffer a few times. */
	private static final class FailingReads implements RecvByteBufAllocator {

		private final AtomicInteger failures;

		FailingReads(AtomicInteger failures) {
			this.failures = failures;
		}

		@Override
		@SuppressWarnings("deprecation") // the interface has no other method
		public Handle newHandle() {
			return new FailingHandle(this.failures);
		}

	}

	/** The books of a channel that has no buffer a few times. */
	private static final class FailingHandle extends RecvByteBufAllocator.DelegatingHandle
			implements RecvByteBufAllocator.ExtendedHandle {

		private final AtomicInteger failures;

		FailingHandle(AtomicInteger failures) {
			super(new FixedRecvByteBufAllocator(100).newHandle());
			this.failures = failures;
		}

		@Override
		public ByteBuf allocate(ByteBufAllocator allocator) {
			if (this.failures.getAndDecrement() > 0) {
				throw new IllegalStateException("no memory");
			}
			return super.allocate(allocator);
		}

		@Override
		public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
			return ((RecvByteBufAllocator.ExtendedHandle) delegate()).continueReading(maybeMore);
		}

	}

}
