package dev.pingora.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads HTTP/1 from a socket by a deadline, and knows how the stream ended. Used by one
 * thread.
 */
final class WireInput {

	private static final int LARGEST_LINE = 1 << 20;

	private static final int LARGEST_BODY = 512 << 20;

	private final Socket socket;

	private final InputStream stream;

	private final byte[] buffer = new byte[16 * 1024];

	private int position;

	private int limit;

	private long deadline;

	private volatile End end = End.OPEN;

	WireInput(Socket socket) throws IOException {
		this.socket = socket;
		this.stream = socket.getInputStream();
	}

	/** How the stream has ended, as far as it was read. */
	End end() {
		return this.end;
	}

	/** Sets the time by which the following reads must be done. */
	void within(Duration patience) {
		this.deadline = System.nanoTime() + patience.toNanos();
	}

	/** Whether octets are there; waits for them. */
	boolean fill() throws IOException {
		if (this.position < this.limit) {
			return true;
		}
		if (this.end != End.OPEN) {
			return false;
		}
		long left = (this.deadline - System.nanoTime()) / 1_000_000;
		if (left <= 0) {
			throw new SocketTimeoutException("time is up");
		}
		try {
			this.socket.setSoTimeout((int) Math.min(left, Integer.MAX_VALUE));
			int count = this.stream.read(this.buffer);
			this.position = 0;
			this.limit = Math.max(count, 0);
			this.end = (count < 0) ? End.FIN : End.OPEN;
		}
		catch (SocketTimeoutException ex) {
			throw ex;
		}
		catch (IOException ex) {
			if (!isReset(ex)) {
				throw ex;
			}
			this.end = End.RESET;
		}
		return this.end == End.OPEN;
	}

	/** Whether a failure is the peer's reset, seen by a read or by a write. */
	static boolean isReset(IOException failure) {
		String message = failure.getMessage();
		return message != null && (message.contains("reset") || message.contains("Broken pipe"));
	}

	/** Whether octets were read from the socket and by nobody yet. */
	boolean hasBuffered() {
		return this.position < this.limit;
	}

	private int next(String what) throws IOException {
		if (!fill()) {
			throw new Truncated("the connection ended with " + this.end + " in " + what);
		}
		return this.buffer[this.position++] & 0xFF;
	}

	/** A head, from the start line to the empty line, with its line ends. */
	byte[] head() throws IOException {
		ByteArrayOutputStream head = new ByteArrayOutputStream();
		int lineLength = 0;
		while (true) {
			int octet = next("a head after " + Octets.show(head.toByteArray()));
			head.write(octet);
			if (octet == '\n') {
				if (lineLength == 0) {
					return head.toByteArray();
				}
				lineLength = 0;
			}
			else if (octet != '\r') {
				lineLength++;
			}
			if (head.size() > LARGEST_LINE) {
				throw new AssertionError("A head without end: " + Octets.show(head.toByteArray()));
			}
		}
	}

	private String line() throws IOException {
		StringBuilder line = new StringBuilder();
		for (int octet = next("a line"); octet != '\n'; octet = next("a line")) {
			line.append((char) octet);
			if (line.length() > LARGEST_LINE) {
				throw new AssertionError("A line without end: " + Octets.show(Octets.latin1(line.toString())));
			}
		}
		int length = line.length();
		return (length > 0 && line.charAt(length - 1) == '\r') ? line.substring(0, length - 1) : line.toString();
	}

	/** So many octets exactly. */
	byte[] exactly(long length) throws IOException {
		if (length < 0 || length > LARGEST_BODY) {
			throw new AssertionError("Too long to be read: " + length + " (expected: 0.." + LARGEST_BODY + ")");
		}
		byte[] octets = new byte[(int) length];
		int done = 0;
		while (done < octets.length) {
			if (!fill()) {
				throw new Truncated("the connection ended with " + this.end + " after " + done + " of " + length
						+ " octets of a body");
			}
			int count = Math.min(this.limit - this.position, octets.length - done);
			System.arraycopy(this.buffer, this.position, octets, done, count);
			this.position += count;
			done += count;
		}
		return octets;
	}

	/** Everything to the end of the stream, however it ends, or to the deadline. */
	void rest(ByteArrayOutputStream target) throws IOException {
		while (fill()) {
			target.write(this.buffer, this.position, this.limit - this.position);
			this.position = this.limit;
			if (target.size() > LARGEST_BODY) {
				throw new AssertionError("A stream without end: more than " + LARGEST_BODY + " octets");
			}
		}
	}

	/** A chunked body (RFC 9112 section 7.1); returns its trailers. */
	Fields chunked(ByteArrayOutputStream target) throws IOException {
		while (true) {
			String line = line();
			int size;
			try {
				size = Integer.parseInt(line.split(";", 2)[0].strip(), 16);
			}
			catch (NumberFormatException ex) {
				throw new AssertionError("Not a chunk size: \"" + line + "\"", ex);
			}
			if (size == 0) {
				return trailers();
			}
			target.write(exactly(size));
			String end = line();
			if (!end.isEmpty()) {
				throw new AssertionError("Not the end of a chunk: \"" + end + "\"");
			}
		}
	}

	private Fields trailers() throws IOException {
		List<String> lines = new ArrayList<>();
		for (String line = line(); !line.isEmpty(); line = line()) {
			lines.add(line);
		}
		return Fields.parse(lines);
	}

	/** The stream ended within a message. */
	static final class Truncated extends IOException {

		private static final long serialVersionUID = 1L;

		Truncated(String message) {
			super(message);
		}

	}

}
