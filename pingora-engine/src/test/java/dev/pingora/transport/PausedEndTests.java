package dev.pingora.transport;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Tests for {@link InputEnd}: the end of the other side doesn't make a channel read that
 * has stopped reading.
 */
@ParameterizedClass
@EnumSource(names = { "NIO", "EPOLL", "IO_URING" })
@ExtendWith(EngineExtension.class)
class PausedEndTests {

	private static final int MUCH = 100_000;

	private static final int READ = 1000;

	private final EventLoops loops;

	private final AtomicInteger received = new AtomicInteger();

	private final CompletableFuture<Void> inputEnded = new CompletableFuture<>();

	private Channel channel;

	private Socket peer;

	PausedEndTests(Transport transport) {
		assumeTrue(EventLoops.isAvailable(transport), () -> transport + " does not work here");
		this.loops = EventLoops.start(transport, 1);
	}

	@AfterEach
	void close() throws Exception {
		this.channel.close().sync();
		this.peer.close();
		this.loops.close();
	}

	/** Counts what comes, and stops reading when it begins to come. */
	private class Stopping extends ChannelInboundHandlerAdapter {

		private boolean stopped;

		@Override
		public void channelRead(ChannelHandlerContext ctx, Object message) {
			ByteBuf data = (ByteBuf) message;
			PausedEndTests.this.received.addAndGet(data.readableBytes());
			data.release();
			if (!this.stopped) {
				this.stopped = true;
				ctx.channel().config().setAutoRead(false);
			}
		}

		@Override
		public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
			if (event instanceof ChannelInputShutdownEvent) {
				PausedEndTests.this.inputEnded.complete(null);
			}
		}

	}

	private Channel dial(ServerSocket server, ChannelInboundHandlerAdapter handler) throws Exception {
		return new Bootstrap().group(this.loops.loops().get(0))
			.channel(this.loops.channel())
			.option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ))
			.handler(handler)
			.connect(server.getLocalSocketAddress())
			.sync()
			.channel();
	}

	private void dial(ChannelInboundHandlerAdapter handler) throws Exception {
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			this.channel = dial(server, handler);
			this.peer = server.accept();
		}
	}

	private void accept(boolean halfClosure) throws Exception {
		CompletableFuture<Channel> accepted = new CompletableFuture<>();
		Channel server = new ServerBootstrap().group(this.loops.group())
			.channel(this.loops.serverChannel())
			.childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ))
			.childOption(ChannelOption.ALLOW_HALF_CLOSURE, halfClosure)
			.childHandler(new Stopping() {
				@Override
				public void channelActive(ChannelHandlerContext ctx) {
					accepted.complete(ctx.channel());
				}
			})
			.bind(InetAddress.getLoopbackAddress(), 0)
			.sync()
			.channel();
		this.peer = new Socket(InetAddress.getLoopbackAddress(), ((InetSocketAddress) server.localAddress()).getPort());
		this.channel = accepted.get();
		server.close().sync();
	}

	private void sendMuchAndEnd() throws Exception {
		this.peer.getOutputStream().write(new byte[MUCH]);
		this.peer.shutdownOutput();
	}

	private void resume() {
		this.channel.eventLoop().execute(() -> this.channel.config().setAutoRead(true));
	}

	// What happened before to another connection of the loop has been told by then.
	private void awaitTold() throws Exception {
		CompletableFuture<Void> told = new CompletableFuture<>();
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			Channel other = dial(server, new ChannelInboundHandlerAdapter() {
				@Override
				public void channelRead(ChannelHandlerContext ctx, Object message) {
					((ByteBuf) message).release();
					told.complete(null);
				}
			});
			try (Socket peer = server.accept()) {
				peer.getOutputStream().write(1);
				told.get(10, TimeUnit.SECONDS);
			}
			other.close().sync();
		}
	}

	private void allIsReadWhenResumed() {
		resume();
		Await.until("all is received", () -> this.received.get() == MUCH);
	}

	@Test
	void whatAServerSentBeforeItsEndWaitsUntilReadingIsResumed() throws Exception {
		dial(new Stopping());
		sendMuchAndEnd();
		awaitTold();
		assertThat(this.received).hasValue(READ);
		assertThat(this.channel.isActive()).isTrue();
		allIsReadWhenResumed();
		assertThat(this.channel.closeFuture().await(Await.PATIENCE.toMillis())).isTrue();
	}

	/** As for tunnels. */
	@Test
	void whatAClientSentBeforeItsSidesEndWaitsUntilReadingIsResumed() throws Exception {
		accept(true);
		sendMuchAndEnd();
		awaitTold();
		assertThat(this.received).hasValue(READ);
		assertThat(this.inputEnded).isNotDone();
		allIsReadWhenResumed();
		this.inputEnded.get(10, TimeUnit.SECONDS);
		assertThat(this.channel.isActive()).isTrue();
	}

	/** A client that goes is noticed, whatever of it is unread; by NIO when it reads. */
	@Test
	void endOfAClientIsSeenThoughReadingHasStopped() throws Exception {
		accept(false);
		sendMuchAndEnd();
		if (this.loops.transport() == Transport.NIO) {
			Await.until("reading has stopped", () -> this.received.get() == READ);
			resume();
		}
		assertThat(this.channel.closeFuture().await(Await.PATIENCE.toMillis())).isTrue();
	}

}
