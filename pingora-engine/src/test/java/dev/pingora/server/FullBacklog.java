package dev.pingora.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

import dev.pingora.testkit.Await;

/**
 * A listening socket that takes no more connections.
 */
final class FullBacklog implements AutoCloseable {

	private final ServerSocket listening;

	private final List<SocketChannel> waiting = new ArrayList<>();

	FullBacklog() throws IOException {
		this(InetAddress.getLoopbackAddress(), 0);
	}

	FullBacklog(InetAddress address, int port) throws IOException {
		this.listening = new ServerSocket(port, 1, address);
		for (int i = 0; i < 8; i++) {
			SocketChannel channel = SocketChannel.open();
			this.waiting.add(channel);
			channel.configureBlocking(false);
			channel.connect(this.listening.getLocalSocketAddress());
		}
		Await.until("connections that wait", () -> this.waiting.stream().filter(this::isConnected).count() >= 2);
	}

	private boolean isConnected(SocketChannel channel) {
		try {
			return channel.finishConnect();
		}
		catch (IOException ex) {
			return false;
		}
	}

	int port() {
		return this.listening.getLocalPort();
	}

	@Override
	public void close() throws IOException {
		for (SocketChannel channel : this.waiting) {
			channel.close();
		}
		this.listening.close();
	}

}
