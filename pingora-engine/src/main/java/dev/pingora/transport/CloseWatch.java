package dev.pingora.transport;

import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.Future;

/**
 * Sees to it that a connection on io_uring closes. Netty cancels what is under way there,
 * and closes when that has ended. But io_uring takes the other side's FIN for readiness:
 * a write that has to wait after it is tried again and again, then given to a thread that
 * blocks; and what is just about to be tried again is not found by a cancellation, whose
 * answer (ENOENT) Netty ignores. Such a write would keep the connection open for as long
 * as the other side likes. What is still open after a while is shut down in both
 * directions, which ends whatever is under way. Holds no state: there is one for all
 * channels.
 */
@Sharable
public final class CloseWatch extends ChannelDuplexHandler {

	private static final CloseWatch INSTANCE = new CloseWatch();

	private static final long PATIENCE_MILLIS = 10;

	private static final long TURN_MILLIS = 1;

	// Somebody may hold a loop.
	private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(1);

	private CloseWatch() {
	}

	/**
	 * Watches a channel, if its transport is io_uring. To be called on its event loop.
	 * @param channel the channel
	 */
	public static void watch(Channel channel) {
		if (channel instanceof IoUringSocketChannel || channel instanceof IoUringDomainSocketChannel) {
			channel.pipeline().addFirst(INSTANCE);
		}
	}

	/**
	 * Waits until those channels have been looked at which are being closed: a loop that
	 * ends forgets what it was to do later, then waits for ever for whatever is under
	 * way. Not to be called on a loop.
	 * @param loops the loops
	 */
	static void awaitLooks(List<EventLoop> loops) {
		List<Future<?>> looks = new ArrayList<>();
		for (EventLoop loop : loops) {
			if (!loop.isShuttingDown()) {
				looks.add(loop.schedule(() -> {
				}, PATIENCE_MILLIS + 2 * TURN_MILLIS, TimeUnit.MILLISECONDS));
			}
		}
		long deadline = System.nanoTime() + MOST_NANOS;
		looks.forEach(
				(look) -> look.awaitUninterruptibly(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS));
	}

	@Override
	public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
		ctx.close(promise);
		lookLater(ctx.channel());
	}

	@Override
	public void channelReadComplete(ChannelHandlerContext ctx) {
		Channel channel = ctx.channel();
		if (channel.unsafe().recvBufAllocHandle().lastBytesRead() < 0 && endsAtInputsEnd(channel)) {
			lookLater(channel);
		}
		ctx.fireChannelReadComplete();
	}

	private static boolean endsAtInputsEnd(Channel channel) {
		return !Boolean.TRUE.equals(channel.config().getOption(ChannelOption.ALLOW_HALF_CLOSURE));
	}

	private static void lookLater(Channel channel) {
		if (channel.isOpen()) {
			channel.eventLoop().schedule(() -> awaitTurn(channel), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
		}
	}

	// What was cancelled with success ends in the loop's next turn, and somebody may have
	// held the loop: shut down before it, a connection to be reset would end with a FIN.
	private static void awaitTurn(Channel channel) {
		if (channel.isOpen()) {
			channel.eventLoop().schedule(() -> shutDown(channel), TURN_MILLIS, TimeUnit.MILLISECONDS);
		}
	}

	private static void shutDown(Channel channel) {
		if (channel.isOpen() && channel instanceof UnixChannel unix && unix.fd() instanceof Socket socket) {
			try {
				socket.shutdown();
			}
			catch (IOException | NotYetConnectedException ended) {
				// Nothing is under way then.
			}
		}
	}

}
