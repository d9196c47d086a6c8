package dev.pingora.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * A request at the origin and the means to answer it: raw octets, or the usual shapes.
 * Every write is flushed at once. Used by the connection's thread.
 */
public final class OriginExchange {

	private static final int PIECE = 16 * 1024;

	private final OriginConnection connection;

	private final OriginRequest request;

	private boolean closing;

	OriginExchange(OriginConnection connection, OriginRequest request) {
		this.connection = connection;
		this.request = request;
	}

	/**
	 * Returns the request.
	 * @return the request; its body is there after {@link #readBody()}
	 */
	public OriginRequest request() {
		return this.request;
	}

	/**
	 * Reads the request's body to its end. A body that no behaviour has read is read
	 * after it.
	 * @return the octets without their framing
	 * @throws IOException if the connection ends
	 */
	public byte[] readBody() throws IOException {
		OriginBody body = this.request.content();
		if (body.isComplete()) {
			return body.octets();
		}
		WireInput input = this.connection.input();
		ByteArrayOutputStream octets = new ByteArrayOutputStream();
		Fields trailers = Fields.NONE;
		String length = this.request.header("content-length");
		if (this.request.headers().lists("transfer-encoding", "chunked")) {
			trailers = input.chunked(octets);
		}
		else if (length != null) {
			octets.write(input.exactly(Long.parseLong(length)));
		}
		body.complete(octets.toByteArray(), trailers);
		return body.octets();
	}

	/**
	 * Writes octets as they are.
	 * @param text one octet per character
	 * @return this
	 * @throws IOException if the connection has ended
	 */
	public OriginExchange write(String text) throws IOException {
		return write(Octets.latin1(text));
	}

	/**
	 * Writes octets as they are.
	 * @param octets the octets
	 * @return this
	 * @throws IOException if the connection has ended
	 */
	public OriginExchange write(byte[] octets) throws IOException {
		this.connection.write(octets);
		return this;
	}

	/**
	 * Writes a piece of a pattern, in pieces.
	 * @param seed which pattern
	 * @param offset where it starts
	 * @param length the number of octets
	 * @return this
	 * @throws IOException if the connection has ended
	 * @see Octets#pattern(long, long, int)
	 */
	public OriginExchange writePattern(long seed, long offset, long length) throws IOException {
		for (long done = 0; done < length; done += PIECE) {
			write(Octets.pattern(seed, offset + done, (int) Math.min(PIECE, length - done)));
		}
		return this;
	}

	/**
	 * Writes a response head.
	 * @param status the status code
	 * @param fieldLines the field lines, without line ends
	 * @return this
	 * @throws IOException if the connection has ended
	 */
	public OriginExchange head(int status, String... fieldLines) throws IOException {
		StringBuilder head = new StringBuilder("HTTP/1.1 ").append(status).append(" Status\r\n");
		for (String line : fieldLines) {
			head.append(line).append("\r\n");
		}
		return write(head.append("\r\n").toString());
	}

	/**
	 * Writes an interim response: 100, 103 ...
	 * @param status the status code
	 * @param fieldLines the field lines
	 * @return this
	 * @throws IOException if the connection has ended
	 */
	public OriginExchange interim(int status, String... fieldLines) throws IOException {
		return head(status, fieldLines);
	}

	/**
	 * Writes a whole response with a Content-Length, without the body if it answers HEAD.
	 * @param status the status code
	 * @param body the body
	 * @param fieldLines further field lines
	 * @throws IOException if the connection has ended
	 */
	public void respond(int status, byte[] body, String... fieldLines) throws IOException {
		String[] lines = new String[fieldLines.length + 1];
		lines[0] = "Content-Length: " + body.length;
		System.arraycopy(fieldLines, 0, lines, 1, fieldLines.length);
		head(status, lines);
		if (!this.request.method().equals("HEAD")) {
			write(body);
		}
	}

	/**
	 * Writes a whole response with a text.
	 * @param status the status code
	 * @param body the text, one octet per character
	 * @param fieldLines further field lines
	 * @throws IOException if the connection has ended
	 */
	public void respond(int status, String body, String... fieldLines) throws IOException {
		respond(status, Octets.latin1(body), fieldLines);
	}

	/**
	 * Writes one chunk of a chunked body, whose head said so.
	 * @param octets the octets, at least one
	 * @return this
	 * @throws IOException if the connection has ended
	 */
	public OriginExchange chunk(byte[] octets) throws IOException {
		ByteArrayOutputStream chunk = new ByteArrayOutputStream(octets.length + 16);
		chunk.write(Octets.latin1(Integer.toHexString(octets.length) + "\r\n"));
		chunk.write(octets);
		chunk.write(Octets.latin1("\r\n"));
		return write(chunk.toByteArray());
	}

	/**
	 * Ends a chunked body.
	 * @param trailerLines the trailers' field lines
	 * @throws IOException if the connection has ended
	 */
	public void lastChunk(String... trailerLines) throws IOException {
		StringBuilder end = new StringBuilder("0\r\n");
		for (String line : trailerLines) {
			end.append(line).append("\r\n");
		}
		write(end.append("\r\n").toString());
	}

	/**
	 * Waits at a latch, {@link Await#PATIENCE} at most.
	 * @param latch the latch
	 * @throws AssertionError if it is not opened, or the origin closes before
	 */
	public void await(CountDownLatch latch) {
		Await.until(Await.PATIENCE, () -> "the latch that " + this.request + " waits at",
				() -> latch.getCount() == 0 || this.connection.isStopped());
		if (latch.getCount() != 0) {
			throw new AssertionError("The origin was closed while " + this.request + " waited at a latch");
		}
	}

	/**
	 * Lets time pass, or the origin close.
	 * @param time how much
	 * @throws InterruptedException if the thread is interrupted
	 */
	public void pause(Duration time) throws InterruptedException {
		this.connection.pause(time);
	}

	/**
	 * Answers nothing until the peer ends the connection or the origin closes.
	 * @throws IOException if the connection fails
	 */
	public void hang() throws IOException {
		this.closing = true;
		this.connection.awaitPeer();
	}

	/**
	 * Ends the connection orderly, with FIN, as a close-delimited body needs it.
	 * @throws IOException if the connection has ended
	 */
	public void finish() throws IOException {
		this.closing = true;
		this.connection.shutdownOutput();
	}

	/**
	 * Ends the connection with a TCP reset, at once.
	 * @throws IOException if the connection has ended
	 */
	public void reset() throws IOException {
		this.closing = true;
		this.connection.reset();
	}

	/**
	 * Ends the connection as soon as octets have come that nobody has read, as a server
	 * does that has made up its mind: by a reset, behind what was written.
	 * @param fin whether there is a FIN before the reset
	 * @throws IOException if the connection has ended
	 */
	public void resetUnread(boolean fin) throws IOException {
		this.closing = true;
		this.connection.awaitUnread();
		if (fin) {
			this.connection.shutdownOutput();
		}
		this.connection.reset();
	}

	boolean isClosing() {
		return this.closing;
	}

}
