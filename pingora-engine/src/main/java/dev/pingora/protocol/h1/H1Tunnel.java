package dev.pingora.protocol.h1;

import dev.pingora.panic.Isolated;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.TaskAction;
import dev.pingora.transport.Buffers;
import dev.pingora.transport.WriteWatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;

/**
 * A connection that speaks another protocol after a 101: raw octets, and each direction
 * has an end (FIN) of its own. As a handler of the channel it notices the end of what is
 * received; what is received is still read by the connection. Owned by the channel's
 * event loop.
 *
 * @param <T> the connection
 */
final class H1Tunnel<T extends Isolated> extends ChannelInboundHandlerAdapter {

	private final Channel channel;

	private final PanicIsolation isolation;

	private final T connection;

	private final TaskAction<T> inputEnded;

	private boolean outputEnded;

	/**
	 * Makes a tunnel of a channel: from now on a FIN does not close it.
	 * @param channel the channel
	 * @param isolation the border
	 * @param connection who reads the channel
	 * @param inputEnded tells it that nothing more is received
	 */
	H1Tunnel(Channel channel, PanicIsolation isolation, T connection, TaskAction<T> inputEnded) {
		this.channel = channel;
		this.isolation = isolation;
		this.connection = connection;
		this.inputEnded = inputEnded;
		channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
		channel.pipeline().addLast(this);
	}

	@Override
	public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
		if (event instanceof ChannelInputShutdownEvent) {
			// Later, as what is wrong with the input, which comes first, is told later.
			ctx.channel().eventLoop().execute(() -> this.isolation.run(this.connection, this.inputEnded));
		}
	}

	/**
	 * Writes octets.
	 * @param data the octets, of which this method becomes the owner
	 * @param end whether a FIN follows them
	 */
	void write(ByteBuf data, boolean end) {
		if (!data.isReadable() || this.outputEnded || !this.channel.isActive()) {
			data.release();
		}
		else {
			this.channel.write(Buffers.direct(this.channel, data), this.channel.voidPromise());
		}
		if (end && !this.outputEnded) {
			this.outputEnded = true;
			// A shutdown would drop what waits to be sent.
			this.channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
				.addListener(
						(flushed) -> this.isolation.run(this.connection, this, (owner, tunnel) -> tunnel.endOutput()));
		}
	}

	private void endOutput() {
		if (this.channel.isActive() && this.channel instanceof DuplexChannel duplex) {
			duplex.shutdownOutput();
		}
	}

	/**
	 * Closes the channel: when all has been sent if both directions have ended, else by a
	 * reset, which tells the other end that something is missing.
	 * @param inputWhole whether all that the other end has sent was taken
	 * @param writeTimeoutNanos how long sending may make no progress
	 */
	void close(boolean inputWhole, long writeTimeoutNanos) {
		if (!inputWhole || !this.outputEnded) {
			if (this.channel.isActive()) {
				this.channel.config().setOption(ChannelOption.SO_LINGER, 0);
			}
			this.channel.close();
			return;
		}
		WriteWatch watch = new WriteWatch(this.channel,
				() -> this.isolation.run(this.connection, this.channel, (owner, stuck) -> stuck.close()));
		watch.start(writeTimeoutNanos);
		this.channel.closeFuture()
			.addListener((closed) -> this.isolation.run(this.connection, watch, (owner, done) -> done.cancel()));
		this.channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
			.addListener((sent) -> this.isolation.run(this.connection, this.channel, (owner, done) -> done.close()));
		watch.flushed();
	}

}
