package dev.pingora.server;

import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.protocol.h1.H1ServerConnection;
import dev.pingora.transport.Buffers;
import dev.pingora.transport.EventLoops;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.Future;

/**
 * A port at which clients are accepted. When there are as many as allowed, accepting
 * pauses, and further clients wait in the system's backlog; since connections are counted
 * by several loops at once, the limit may be exceeded by what one burst of accepts
 * brings.
 */
final class Listener {

	private static final int BACKLOG = 4096;

	private final ListenerOptions options;

	private final PanicIsolation isolation;

	private final Connections connections;

	private final Supplier<H1ServerConnection> connectionFactory;

	private final AtomicInteger count = new AtomicInteger();

	private final Backlog backlog;

	private final Channel channel;

	Listener(ListenerOptions options, EventLoops loops, PanicIsolation isolation, Connections connections,
			Supplier<H1ServerConnection> connectionFactory) {
		this.options = options;
		this.isolation = isolation;
		this.backlog = new Backlog(isolation);
		this.connections = connections;
		this.connectionFactory = connectionFactory;
		this.channel = bind(loops);
		this.channel.config().setAutoRead(true);
	}

	private Channel bind(EventLoops loops) {
		ChannelFuture bound = new ServerBootstrap().group(loops.group())
			.channel(loops.serverChannel())
			.option(ChannelOption.SO_BACKLOG, BACKLOG)
			.option(ChannelOption.SO_REUSEADDR, true)
			.option(ChannelOption.AUTO_READ, false) // until the field is set
			.childOption(ChannelOption.ALLOCATOR, Buffers.allocator())
			.childOption(ChannelOption.TCP_NODELAY, true)
			.childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(128 * 1024, 256 * 1024))
			.handler(this.backlog)
			.childHandler(new ChannelInitializer<>() {

				@Override
				protected void initChannel(Channel client) {
					accepted(client);
				}

			})
			.bind(new InetSocketAddress(this.options.address(), this.options.port()))
			.awaitUninterruptibly();
		Throwable cause = bound.cause();
		if (cause != null) {
			throw new ListenerBindException(this.options, cause);
		}
		return bound.channel();
	}

	private void accepted(Channel client) {
		if (this.isolation.observe(PanicSite.of(PanicSite.ENGINE, "accept"), client, this::serve) != null) {
			client.close();
		}
	}

	private void serve(Channel client) {
		H1ServerConnection connection = this.connectionFactory.get();
		client.closeFuture()
			.addListener((closed) -> this.isolation.observe(PanicSite.of(PanicSite.ENGINE, "accept"), connection,
					this::left));
		if (this.count.incrementAndGet() >= this.options.maxConnections()) {
			this.channel.config().setAutoRead(false);
		}
		client.pipeline().addLast(connection);
		this.connections.add(connection);
	}

	private void left(H1ServerConnection connection) {
		this.connections.remove(connection);
		if (this.count.decrementAndGet() < this.options.maxConnections()) {
			this.channel.config().setAutoRead(true);
		}
	}

	BoundListener describe() {
		InetSocketAddress address = (InetSocketAddress) this.channel.localAddress();
		return new BoundListener(this.options.name(), address.getAddress().getHostAddress(), address.getPort(),
				this.count.get(), this.options.maxConnections());
	}

	/**
	 * Takes the clients whom the system has accepted already, and closes the port.
	 * @return is completed when the port is closed
	 */
	Future<?> drain() {
		this.backlog.takeAndClose(this.channel);
		return this.channel.closeFuture();
	}

	/**
	 * Closes the port at once: clients whom only the system has accepted are reset.
	 * @return is completed when the port is closed
	 */
	Future<?> close() {
		return this.channel.close();
	}

}
