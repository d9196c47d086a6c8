package dev.pingora.testkit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

import org.jspecify.annotations.Nullable;

/**
 * One keep-alive connection of {@link Bystanders}, with a parser of its own. Used by the
 * driving thread, but for the counts.
 */
final class Bystander {

	private static final int LARGEST_HEAD = 64 * 1024;

	private final int number;

	private final Bystanders.Plan plan;

	private final SocketChannel channel;

	private final SelectionKey key;

	private ByteBuffer request = ByteBuffer.allocate(0);

	private final StringBuilder head = new StringBuilder();

	private long seed;

	private long bodyLength = -1;

	private long bodyRead;

	private long due;

	private volatile long completed;

	private volatile @Nullable String error;

	Bystander(int number, Bystanders.Plan plan, Selector selector) throws IOException {
		this.number = number;
		this.plan = plan;
		this.channel = SocketChannel.open();
		this.channel.configureBlocking(false);
		this.key = this.channel.register(selector, SelectionKey.OP_CONNECT, this);
		this.channel.connect(new InetSocketAddress(plan.host(), plan.port()));
	}

	long completed() {
		return this.completed;
	}

	/** What went wrong, or null. */
	@Nullable String error() {
		return this.error;
	}

	/** When the next request is due. */
	long due() {
		return this.due;
	}

	/** Does what the selector found; returns whether a response is complete. */
	boolean ready(ByteBuffer buffer) {
		try {
			if (this.key.isConnectable() && this.channel.finishConnect()) {
				return true;
			}
			if (this.key.isWritable()) {
				write();
			}
			return this.key.isReadable() && read(buffer);
		}
		catch (IOException ex) {
			fail(ex.toString());
			return false;
		}
	}

	void pauseUntil(long due) {
		this.due = due;
		this.key.interestOps(SelectionKey.OP_READ); // so that an unasked end is seen
	}

	void nextRequest() {
		if (this.error != null) {
			return;
		}
		this.seed = this.number * 1_000_000_007L + this.completed; // nobody else's body
		this.head.setLength(0);
		this.bodyLength = -1;
		this.bodyRead = 0;
		String target = this.plan.path() + "?n=" + this.plan.size() + "&seed=" + this.seed;
		this.request = ByteBuffer
			.wrap(Octets.latin1("GET " + target + " HTTP/1.1\r\nHost: " + this.plan.hostHeader() + "\r\n\r\n"));
		try {
			write();
		}
		catch (IOException ex) {
			fail(ex.toString());
		}
	}

	private void write() throws IOException {
		this.channel.write(this.request);
		this.key.interestOps(
				this.request.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
	}

	private boolean read(ByteBuffer buffer) throws IOException {
		buffer.clear();
		int count = this.channel.read(buffer);
		if (count < 0) {
			fail("the connection was closed");
			return false;
		}
		buffer.flip();
		boolean complete = false;
		while (buffer.hasRemaining() && this.error == null) {
			if (complete || this.due != 0) {
				fail("octets that nobody asked for");
			}
			else if (this.bodyLength < 0) {
				readHead((char) (buffer.get() & 0xFF));
			}
			else {
				readBody(buffer);
			}
			complete = this.bodyLength >= 0 && this.bodyRead == this.bodyLength;
		}
		if (complete && this.error == null) {
			this.completed = this.completed + 1;
			return true;
		}
		return false;
	}

	private void readHead(char next) {
		this.head.append(next);
		int length = this.head.length();
		if (length > LARGEST_HEAD) {
			fail("a head without end");
		}
		if (next != '\n' || length < 4 || !this.head.substring(length - 4).equals("\r\n\r\n")) {
			return;
		}
		String[] lines = this.head.toString().split("\r\n");
		if (!lines[0].startsWith("HTTP/1.1 200 ")) {
			fail(lines[0]);
			return;
		}
		for (String line : lines) {
			if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
				this.bodyLength = Long.parseLong(line.substring(15).strip());
			}
		}
		if (this.bodyLength != this.plan.size()) {
			fail("Content-Length " + this.bodyLength + " (expected: " + this.plan.size() + ")");
		}
	}

	private void readBody(ByteBuffer buffer) {
		while (buffer.hasRemaining() && this.bodyRead < this.bodyLength) {
			byte expected = Octets.at(this.seed, this.bodyRead);
			byte actual = buffer.get();
			if (actual != expected) {
				fail("octet %d of the body is %02x (expected: %02x)".formatted(this.bodyRead, actual, expected));
				return;
			}
			this.bodyRead++;
		}
	}

	void clearPause() {
		this.due = 0;
	}

	private void fail(String what) {
		this.error = "bystander " + this.number + ", request " + (this.completed + 1) + ": " + what;
		close();
	}

	void close() {
		try {
			this.channel.close();
		}
		catch (IOException ex) {
			if (this.error == null) {
				this.error = ex.toString();
			}
		}
	}

}
