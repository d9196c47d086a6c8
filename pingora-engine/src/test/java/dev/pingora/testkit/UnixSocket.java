package dev.pingora.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * A connection to a Unix domain socket in the shape of a {@link Socket}, which the JDK
 * doesn't offer: for {@link RawClient}. One thread may read while another one writes.
 */
public final class UnixSocket extends Socket {

	private final SocketChannel channel;

	private final Selector readable;

	private final Selector writable;

	private volatile int timeout;

	private UnixSocket(SocketChannel channel) throws IOException {
		this.channel = channel;
		channel.configureBlocking(false);
		this.readable = Selector.open();
		this.writable = Selector.open();
		channel.register(this.readable, SelectionKey.OP_READ);
		channel.register(this.writable, SelectionKey.OP_WRITE);
	}

	/**
	 * Connects a client.
	 * @param path the path of the socket
	 * @return the connected client
	 */
	public static RawClient connect(Path path) {
		try {
			SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
			boolean connected = false;
			try {
				channel.connect(UnixDomainSocketAddress.of(path));
				connected = true;
			}
			finally {
				if (!connected) {
					channel.close();
				}
			}
			return RawClient.over(new UnixSocket(channel));
		}
		catch (IOException ex) {
			throw new UncheckedIOException("can't connect to " + path, ex);
		}
	}

	@Override
	public void setSoTimeout(int timeout) {
		this.timeout = timeout;
	}

	@Override
	public InputStream getInputStream() {
		return new InputStream() {

			@Override
			public int read() throws IOException {
				byte[] one = new byte[1];
				return (read(one, 0, 1) < 0) ? -1 : one[0] & 0xFF;
			}

			@Override
			public int read(byte[] octets, int start, int length) throws IOException {
				return receive(ByteBuffer.wrap(octets, start, length));
			}

		};
	}

	private int receive(ByteBuffer into) throws IOException {
		int count = this.channel.read(into);
		if (count == 0) {
			this.readable.select(this.timeout);
			this.readable.selectedKeys().clear();
			count = this.channel.read(into);
			if (count == 0) {
				throw new SocketTimeoutException("nothing came");
			}
		}
		return count;
	}

	@Override
	public OutputStream getOutputStream() {
		return new OutputStream() {

			@Override
			public void write(int octet) throws IOException {
				write(new byte[] { (byte) octet });
			}

			@Override
			public void write(byte[] octets, int start, int length) throws IOException {
				send(ByteBuffer.wrap(octets, start, length));
			}

		};
	}

	private void send(ByteBuffer octets) throws IOException {
		while (octets.hasRemaining()) {
			if (this.channel.write(octets) == 0) {
				this.writable.select();
				this.writable.selectedKeys().clear();
			}
		}
	}

	@Override
	public void shutdownOutput() throws IOException {
		this.channel.shutdownOutput();
	}

	@Override
	public synchronized void close() throws IOException {
		this.channel.close();
		this.readable.close();
		this.writable.close();
	}

}
