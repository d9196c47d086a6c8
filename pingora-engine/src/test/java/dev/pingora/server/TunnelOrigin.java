package dev.pingora.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;

import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;

/**
 * An origin whose connections are in the hands of the test: octets in, octets out.
 */
final class TunnelOrigin implements AutoCloseable {

	static final String AGREED = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

	private final ServerSocket server;

	TunnelOrigin() {
		try {
			this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
			this.server.setSoTimeout(10_000);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	int port() {
		return this.server.getLocalPort();
	}

	/** The proxy's next connection, whose other end is the proxy. */
	RawClient accept() {
		try {
			return RawClient.over(this.server.accept());
		}
		catch (IOException ex) {
			throw new UncheckedIOException("no connection came", ex);
		}
	}

	/** A request's head, with its empty line. */
	static String head(RawClient peer) {
		StringBuilder head = new StringBuilder();
		while (head.indexOf("\r\n\r\n") < 0) {
			head.append(Octets.latin1(peer.read(1)));
		}
		return head.toString();
	}

	@Override
	public void close() {
		try {
			this.server.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
