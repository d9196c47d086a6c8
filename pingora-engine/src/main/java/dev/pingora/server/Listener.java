package dev.pingora.server;

import java.net.InetSocketAddress;
import java.util.function.Function;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.protocol.ClosingLimitCounts;
import dev.pingora.protocol.h1.H1ServerConnection;
import dev.pingora.transport.EventLoops;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.Future;

/**
 * A port at which clients are accepted. {@link Admission} decides who is served.
 */
final class Listener {

	private final ListenerOptions options;

	private final PanicIsolation isolation;

	private final Connections connections;

	private final Function<ClosingLimitCounts, H1ServerConnection> connectionFactory;

	private final ClosingLimitCounts closed = new ClosingLimitCounts();

	private final Admission admission;

	private final Backlog backlog;

	private final ListeningSocket socket;

	private final Channel channel;

	Listener(ListenerOptions options, EventLoops loops, PanicIsolation isolation, Connections connections,
			Function<ClosingLimitCounts, H1ServerConnection> connectionFactory) {
		this.options = options;
		this.isolation = isolation;
		this.admission = new Admission(options, isolation);
		this.backlog = new Backlog(isolation, this.admission);
		this.connections = connections;
		this.connectionFactory = connectionFactory;
		this.socket = new ListeningSocket(options, loops);
		this.channel = bind(loops);
	}

	/**
	 * Begins to accept clients.
	 */
	void open() {
		this.channel.config().setAutoRead(true);
	}

	private Channel bind(EventLoops loops) {
		ServerBootstrap bootstrap = new ServerBootstrap().group(loops.group())
			.option(ChannelOption.AUTO_READ, false) // until all are bound
			.handler(this.backlog)
			.childHandler(new ChannelInitializer<>() {

				@Override
				protected void initChannel(Channel client) {
					accepted(client);
				}

			});
		return this.socket.bind(bootstrap);
	}

	private void accepted(Channel client) {
		if (this.isolation.observe(PanicSite.of(PanicSite.ENGINE, "accept"), client, this::serve) != null) {
			client.close();
		}
	}

	private void serve(Channel client) {
		H1ServerConnection connection = this.connectionFactory.apply(this.closed);
		client.pipeline().addLast(connection);
		this.connections.add(connection);
		// Last: a handler that could not be added has closed the channel already.
		client.closeFuture()
			.addListener((closed) -> this.isolation.observe(PanicSite.of(PanicSite.ENGINE, "accept"), connection,
					this.connections::remove));
	}

	BoundListener describe() {
		String address = this.options.address(); // of a Unix domain socket
		int port = 0;
		if (this.channel.localAddress() instanceof InetSocketAddress bound) {
			address = bound.getAddress().getHostAddress();
			port = bound.getPort();
		}
		return new BoundListener(this.options.name(), address, port, this.admission.connections(),
				this.options.maxConnections(), this.admission.pauses(), this.admission.rejected(), this.closed.all());
	}

	/**
	 * Takes the clients whom the system has accepted already, and closes the port.
	 * @return is completed when the port is closed
	 */
	Future<?> drain() {
		this.socket.removeFile();
		this.backlog.takeAndClose(this.channel);
		return this.channel.closeFuture();
	}

	/**
	 * Closes the port at once: clients whom only the system has accepted are reset.
	 * @return is completed when the port is closed
	 */
	Future<?> close() {
		this.socket.removeFile();
		return this.channel.close();
	}

}
