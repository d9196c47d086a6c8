package dev.pingora.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A client that sends whatever octets it is told to, and sees exactly what comes back and
 * how the connection ends. Every read is bounded in time, and what does not come fails
 * the test with an {@link AssertionError} that says what came instead.
 * <p>
 * Nothing is read before a method is called that reads: a client with a small receive
 * buffer is a slow reader. Used by one thread.
 */
public final class RawClient implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofSeconds(5);

	private final Socket socket;

	private final WireInput input;

	private final ByteArrayOutputStream received = new ByteArrayOutputStream();

	private Duration patience = PATIENCE;

	private CompletableFuture<Void> sending = CompletableFuture.completedFuture(null);

	private RawClient(Socket socket) throws IOException {
		this.socket = socket;
		this.input = new WireInput(socket);
	}

	/**
	 * Connects to a port of this host.
	 * @param port the port
	 * @return the connected client
	 */
	public static RawClient connect(int port) {
		return connect("127.0.0.1", port);
	}

	/**
	 * Connects.
	 * @param host the host
	 * @param port the port
	 * @return the connected client
	 */
	public static RawClient connect(String host, int port) {
		return connect(host, port, 0);
	}

	/**
	 * Connects with a receive buffer of a given size.
	 * @param host the host
	 * @param port the port
	 * @param receiveBuffer the size in octets, which the kernel may round up; 0 for its
	 * default
	 * @return the connected client
	 */
	public static RawClient connect(String host, int port, int receiveBuffer) {
		Socket socket = new Socket();
		try {
			if (receiveBuffer > 0) {
				// before connecting: it limits the window
				socket.setReceiveBufferSize(receiveBuffer);
			}
			socket.setTcpNoDelay(true);
			socket.connect(new InetSocketAddress(host, port), (int) PATIENCE.toMillis());
			return new RawClient(socket);
		}
		catch (IOException ex) {
			close(socket);
			throw new UncheckedIOException("can't connect to " + host + ":" + port, ex);
		}
	}

	/**
	 * Uses a connected socket, a TLS one for example.
	 * @param socket the socket; the client becomes its owner
	 * @return the client
	 */
	public static RawClient over(Socket socket) {
		try {
			return new RawClient(socket);
		}
		catch (IOException ex) {
			close(socket);
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Sets how long each of the following calls may take, instead of 5 seconds.
	 * @param patience the time
	 * @return this
	 */
	public RawClient patience(Duration patience) {
		this.patience = patience;
		return this;
	}

	/**
	 * Sends octets.
	 * @param text one octet per character
	 * @return this
	 * @throws UncheckedIOException if the connection has ended
	 */
	public RawClient send(String text) {
		return send(Octets.latin1(text));
	}

	/**
	 * Sends octets. If they can't be sent in time because nobody reads them, the
	 * connection is reset.
	 * @param octets the octets
	 * @return this
	 * @throws UncheckedIOException if the connection has ended
	 */
	public RawClient send(byte[] octets) {
		CompletableFuture<Boolean> late = new CompletableFuture<>();
		late.thenRun(this::abort);
		late.completeOnTimeout(true, this.patience.toMillis(), TimeUnit.MILLISECONDS);
		try {
			write(octets);
			return this;
		}
		finally {
			late.cancel(false);
		}
	}

	private void write(byte[] octets) {
		try {
			this.socket.getOutputStream().write(octets);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("can't send " + Octets.show(octets), ex);
		}
	}

	/**
	 * Sends octets, unless the connection has ended.
	 * @param octets the octets
	 * @return whether they were sent
	 */
	public boolean trySend(byte[] octets) {
		try {
			this.socket.getOutputStream().write(octets);
			return true;
		}
		catch (IOException ended) {
			return false;
		}
	}

	/**
	 * Returns whether octets are there to be read.
	 * @return whether a read would not wait; {@code false} at the end
	 */
	public boolean hasInput() {
		try {
			return this.input.hasBuffered() || this.socket.getInputStream().available() > 0;
		}
		catch (IOException ended) {
			return false;
		}
	}

	/**
	 * Sends octets while this thread does something else, however long it takes; closing
	 * the client ends it.
	 * @param octets the octets
	 * @return is completed when all are sent, which a peer that doesn't read delays
	 */
	public CompletableFuture<Void> sendInBackground(byte[] octets) {
		this.sending = CompletableFuture.runAsync(() -> write(octets), (work) -> {
			Thread thread = new Thread(work, "client-sender");
			thread.setDaemon(true);
			thread.start();
		});
		return this.sending;
	}

	/**
	 * Sends a GET request without anything special.
	 * @param target the request target
	 * @return this
	 */
	public RawClient get(String target) {
		return send("GET " + target + " HTTP/1.1\r\nHost: test.example\r\n\r\n");
	}

	/**
	 * Ends the sending side (FIN); reading goes on.
	 * @return this
	 */
	public RawClient shutdownOutput() {
		try {
			this.socket.shutdownOutput();
			return this;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Reads the response to a request other than HEAD or CONNECT.
	 * @return the final response, with the interim ones before it
	 */
	public RawResponse readResponse() {
		return readResponseTo("GET");
	}

	/**
	 * Reads the response to a request.
	 * @param method the request's method, on which the body's framing depends
	 * @return the final response, with the interim ones before it
	 */
	public RawResponse readResponseTo(String method) {
		return bounded("a response", () -> {
			RawResponse head = finalHead();
			return hasBody(method, head.status()) ? withBody(head) : head;
		});
	}

	/**
	 * Reads a final response's head, and the interim responses before it, but no body.
	 * @return the response with an empty body
	 */
	public RawResponse readHead() {
		return bounded("a response head", this::finalHead);
	}

	/**
	 * Reads one head, be it interim or final.
	 * @return the response with an empty body
	 */
	public RawResponse readInterim() {
		return bounded("an interim response", () -> head(List.of()));
	}

	/**
	 * Reads a number of octets exactly.
	 * @param count how many
	 * @return the octets
	 */
	public byte[] read(int count) {
		return bounded(count + " octets", () -> this.input.exactly(count));
	}

	/**
	 * Reads everything up to the orderly end of the connection.
	 * @return the octets
	 * @throws AssertionError if it is reset, or does not end in time
	 */
	public byte[] readAll() {
		End end = awaitEnd();
		if (end != End.FIN) {
			throw new AssertionError("Expected the connection to end with FIN, not " + end + ", after "
					+ Octets.show(this.received.toByteArray()));
		}
		return this.received.toByteArray();
	}

	/**
	 * Reads until the connection ends or the time is up.
	 * @return how it ended
	 */
	public End awaitEnd() {
		this.received.reset();
		this.input.within(this.patience);
		try {
			this.input.rest(this.received);
			return (this.input.end() == End.FIN && senderWasReset()) ? End.RESET : this.input.end();
		}
		catch (SocketTimeoutException ex) {
			return End.OPEN;
		}
		catch (IOException ex) {
			throw new AssertionError("The connection ended neither with FIN nor RESET: " + ex, ex);
		}
	}

	// The kernel tells of a reset once, be it to who reads or to who sends.
	private boolean senderWasReset() {
		try {
			this.sending.get(200, TimeUnit.MILLISECONDS);
			return false;
		}
		catch (ExecutionException ex) {
			return ex.getCause() instanceof UncheckedIOException failed
					&& String.valueOf(failed.getCause().getMessage()).contains("reset");
		}
		catch (TimeoutException ex) {
			return false;
		}
		catch (InterruptedException ex) {
			throw new AssertionError("interrupted", ex);
		}
	}

	/**
	 * Returns what the last {@link #awaitEnd()} or {@link #readAll()} read before the
	 * end.
	 * @return the octets, perhaps none
	 */
	public byte[] received() {
		return this.received.toByteArray();
	}

	/**
	 * Returns the client's own address.
	 * @return the address
	 */
	public InetSocketAddress localAddress() {
		return (InetSocketAddress) this.socket.getLocalSocketAddress();
	}

	/**
	 * Resets the connection.
	 */
	public void abort() {
		try {
			this.socket.setSoLinger(true, 0);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		close();
	}

	/**
	 * Closes the connection: with FIN, or the kernel makes it a reset if octets have come
	 * that were not read.
	 */
	@Override
	public void close() {
		close(this.socket);
	}

	private static void close(Socket socket) {
		try {
			socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static boolean hasBody(String method, int status) { // RFC 9112 section 6.3
		return !method.equals("HEAD") && status != 204 && status != 304 && status != 101;
	}

	private RawResponse finalHead() throws IOException {
		List<RawResponse> interim = new ArrayList<>();
		RawResponse head = head(interim);
		while (head.status() < 200 && head.status() != 101) {
			interim.add(head);
			head = head(interim);
		}
		return head;
	}

	private RawResponse head(List<RawResponse> interim) throws IOException {
		String[] lines = Octets.latin1(this.input.head()).split("\r?\n");
		if (!lines[0].matches("HTTP/1\\.[01] [1-9][0-9][0-9]( .*)?")) {
			throw new AssertionError("Not a status line: \"" + lines[0] + "\"");
		}
		Fields headers = Fields.parse(List.of(lines).subList(1, lines.length));
		return new RawResponse(lines[0], Integer.parseInt(lines[0].substring(9, 12)), headers, new byte[0], Fields.NONE,
				List.copyOf(interim));
	}

	private RawResponse withBody(RawResponse head) throws IOException {
		ByteArrayOutputStream body = new ByteArrayOutputStream();
		Fields trailers = Fields.NONE;
		String length = head.header("content-length");
		if (head.headers().lists("transfer-encoding", "chunked")) {
			trailers = this.input.chunked(body);
		}
		else if (length != null) {
			body.write(this.input.exactly(Long.parseLong(length)));
		}
		else {
			this.input.rest(body);
			if (this.input.end() != End.FIN) {
				throw new WireInput.Truncated("the connection ended with " + this.input.end() + " after "
						+ Octets.show(body.toByteArray()) + " of a body that FIN delimits");
			}
		}
		return new RawResponse(head.statusLine(), head.status(), head.headers(), body.toByteArray(), trailers,
				head.interim());
	}

	private <T> T bounded(String what, Reading<T> reading) {
		this.input.within(this.patience);
		try {
			return reading.read();
		}
		catch (SocketTimeoutException ex) {
			throw new AssertionError("Expected " + what + " within " + this.patience.toMillis() + " ms", ex);
		}
		catch (IOException ex) {
			throw new AssertionError("Expected " + what + ", but " + ex.getMessage(), ex);
		}
	}

	private interface Reading<T> {

		T read() throws IOException;

	}

}
