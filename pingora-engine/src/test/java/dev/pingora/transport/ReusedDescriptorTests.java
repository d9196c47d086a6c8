package dev.pingora.transport;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

import dev.pingora.testkit.EngineExtension;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link EdgeTriggeredEpoll}: what has happened to a socket is not told to the
 * one that has its descriptor after it.
 */
@EnabledOnOs(OS.LINUX)
@ExtendWith(EngineExtension.class)
class ReusedDescriptorTests {

	private static final int MANY = 64;

	private final EventLoops loops = EventLoops.start(Transport.EPOLL, 1);

	private final List<Socket> peers = new ArrayList<>();

	private final List<ChannelFuture> dials = new ArrayList<>();

	private ServerSocket server;

	@BeforeEach
	void listen() throws Exception {
		this.server = new ServerSocket(0, 2 * MANY, InetAddress.getLoopbackAddress());
	}

	@AfterEach
	void close() throws Exception {
		for (ChannelFuture dial : this.dials) {
			dial.channel().close().sync();
		}
		for (Socket peer : this.peers) {
			peer.close();
		}
		this.server.close();
		this.loops.close();
	}

	private ChannelFuture dial(ChannelHandler handler) {
		ChannelFuture dial = new Bootstrap().group(this.loops.loops().get(0))
			.channel(this.loops.channel())
			.handler(handler)
			.connect(this.server.getLocalSocketAddress());
		this.dials.add(dial);
		return dial;
	}

	private Channel connected(ChannelHandler handler) throws Exception {
		Channel channel = dial(handler).sync().channel();
		this.peers.add(this.server.accept());
		return channel;
	}

	private static int descriptor(Channel channel) {
		return ((UnixChannel) channel).fd().intValue();
	}

	@Test
	void endOfAClosedSocketDoesNotEndTheDialThatHasItsDescriptorNow() throws Exception {
		ChannelFuture dial = null;
		for (int i = 0; i < 10 && dial == null; i++) { // another thread may be quicker
			dial = dialWithTheDescriptorOfOneThatEnds();
		}
		assertThat(dial).isNotNull();
		assertThat(dial.await().cause()).isNull();
		assertThat(dial.channel().isActive()).isTrue();
	}

	private @Nullable ChannelFuture dialWithTheDescriptorOfOneThatEnds() throws Exception {
		CompletableFuture<@Nullable ChannelFuture> successor = new CompletableFuture<>();
		Channel predecessor = connected(new ChannelInboundHandlerAdapter());
		Socket end = this.peers.get(this.peers.size() - 1);
		int descriptor = descriptor(predecessor);
		Channel first = connected(new ChannelInboundHandlerAdapter() {
			@Override
			public void channelRead(ChannelHandlerContext ctx, Object message) {
				ReferenceCountUtil.release(message);
				predecessor.close();
				for (int i = 0; i < MANY && !successor.isDone(); i++) {
					ChannelFuture dial = dial(new ChannelInboundHandlerAdapter());
					if (descriptor(dial.channel()) == descriptor) {
						successor.complete(dial);
					}
				}
				successor.complete(null);
			}
		});
		// The loop is told of both at once, in this order.
		CountDownLatch happened = new CountDownLatch(1);
		first.eventLoop().execute(() -> await(happened));
		this.peers.get(this.peers.size() - 1).getOutputStream().write(1);
		end.close();
		happened.countDown();
		return successor.get();
	}

	private static void await(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
