package dev.pingora.demo.origin;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;

/**
 * Servers on ephemeral ports of the loopback interface. Their threads are daemons: the
 * gateway decides how long the process lives.
 */
final class DemoOrigins implements AutoCloseable {

	private static final int MAX_BODY = 16 * 1024 * 1024;

	private final EventLoopGroup loops;

	private final List<Channel> servers = new ArrayList<>();

	private DemoOrigins(int count) {
		this.loops = new MultiThreadIoEventLoopGroup(count, new DefaultThreadFactory("demo-origin", true),
				NioIoHandler.newFactory());
		for (int i = 1; i <= count; i++) {
			this.servers.add(bind("origin-" + i));
		}
	}

	static DemoOrigins start(int count) {
		return new DemoOrigins(count);
	}

	private Channel bind(String name) {
		return new ServerBootstrap().group(this.loops)
			.channel(NioServerSocketChannel.class)
			.option(ChannelOption.SO_BACKLOG, 1024)
			.childOption(ChannelOption.TCP_NODELAY, true)
			.childHandler(new ChannelInitializer<>() {

				@Override
				protected void initChannel(Channel client) {
					client.pipeline()
						.addLast(new HttpServerCodec())
						.addLast(new HttpObjectAggregator(MAX_BODY))
						.addLast(new OriginHandler(name, MAX_BODY));
				}

			})
			.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
			.syncUninterruptibly()
			.channel();
	}

	List<Integer> ports() {
		return this.servers.stream().map((server) -> ((InetSocketAddress) server.localAddress()).getPort()).toList();
	}

	@Override
	public void close() {
		this.loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
	}

}
