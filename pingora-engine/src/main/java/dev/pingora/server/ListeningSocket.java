package dev.pingora.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;

import dev.pingora.transport.EventLoops;
import dev.pingora.transport.SocketSetup;
import dev.pingora.transport.SocketSupport;
import dev.pingora.transport.UnixAddress;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The binding of one listener: a port, or a Unix domain socket.
 */
final class ListeningSocket {

	private static final Logger logger = LoggerFactory.getLogger(ProxyServer.class);

	private static final int EVERYBODY = 0666;

	private final ListenerOptions options;

	private final EventLoops loops;

	private @Nullable SocketFile file;

	ListeningSocket(ListenerOptions options, EventLoops loops) {
		this.options = options;
		this.loops = loops;
		List<SocketSupport.Refusal> refusals = SocketSupport.of(loops.transport(), options.address(), options.socket(),
				options.accept());
		if (!refusals.isEmpty()) {
			throw new IllegalArgumentException("listener " + options.name() + ": " + refusals.get(0));
		}
	}

	/**
	 * Binds.
	 * @param bootstrap serves clients
	 * @return the listening channel
	 * @throws ListenerBindException if it can't be bound
	 */
	Channel bind(ServerBootstrap bootstrap) {
		boolean unix = this.options.isUnix();
		bootstrap.channel(unix ? this.loops.serverDomainChannel() : this.loops.serverChannel());
		new SocketSetup(this.loops.transport(), unix).accepting(bootstrap, this.options.socket(),
				this.options.accept());
		return unix ? bindUnix(bootstrap)
				: bind(bootstrap, new InetSocketAddress(this.options.address(), this.options.port()));
	}

	private Channel bind(ServerBootstrap bootstrap, SocketAddress address) {
		ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
		Throwable cause = bound.cause();
		if (cause != null) {
			throw new ListenerBindException(this.options, cause);
		}
		return bound.channel();
	}

	private Channel bindUnix(ServerBootstrap bootstrap) {
		String path = UnixAddress.path(this.options.address());
		SocketFile file = new SocketFile(path);
		Channel bound = null;
		boolean ready = false;
		try {
			file.removeIfStale();
			bound = bind(bootstrap, this.loops.domainAddress(file.whereToBind()));
			UnixAddress.name(bound, path);
			this.file = file;
			int mode = this.options.accept().mode();
			file.publish((mode != 0) ? mode : EVERYBODY);
			ready = true;
			return bound;
		}
		catch (IOException ex) {
			throw new ListenerBindException(this.options, ex);
		}
		finally {
			if (!ready && bound != null) {
				removeFile();
				bound.close().awaitUninterruptibly();
			}
		}
	}

	/**
	 * Removes the file of a Unix domain socket, so that nobody else comes; only once,
	 * since the next file there is another server's. To be called before the channel is
	 * closed.
	 */
	void removeFile() {
		SocketFile file = this.file;
		this.file = null;
		if (file == null) {
			return;
		}
		try {
			file.remove();
		}
		catch (IOException ex) {
			logger.warn("The file of listener {} at {} can't be removed", this.options.name(), this.options.address(),
					ex);
		}
	}

}
