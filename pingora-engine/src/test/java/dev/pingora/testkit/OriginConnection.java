package dev.pingora.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One connection at the origin: its thread reads request after request and lets the
 * origin's behaviours answer.
 */
final class OriginConnection implements Runnable {

	/** A connection that tests keep longer than this is a mistake. */
	private static final Duration LONGEST = Duration.ofMinutes(5);

	private final int number;

	private final Socket socket;

	private final WireInput input;

	private final RawOrigin origin;

	private final CountDownLatch stopped;

	private volatile boolean resetByUs;

	private volatile boolean resetSeen;

	private volatile boolean done;

	OriginConnection(int number, Socket socket, RawOrigin origin, CountDownLatch stopped) throws IOException {
		this.number = number;
		this.socket = socket;
		this.input = new WireInput(socket);
		this.origin = origin;
		this.stopped = stopped;
		socket.setTcpNoDelay(true);
	}

	/** Where the connection comes from. */
	InetSocketAddress clientAddress() {
		return (InetSocketAddress) this.socket.getRemoteSocketAddress();
	}

	@Override
	public void run() {
		this.input.within(LONGEST);
		try {
			for (int order = 1; this.input.fill(); order++) {
				OriginRequest request = OriginRequest.parse(this.number, order, this.input.head());
				OriginExchange exchange = new OriginExchange(this, request);
				this.origin.serve(exchange);
				if (exchange.isClosing()) {
					awaitPeer();
					return;
				}
				exchange.readBody();
			}
		}
		catch (IOException ex) {
			this.resetSeen = !this.resetByUs && WireInput.isReset(ex);
		}
		finally {
			this.done = true;
			close();
		}
	}

	/** Reads until the peer ends the connection, so that its end is known. */
	void awaitPeer() throws IOException {
		if (!this.resetByUs) {
			this.input.rest(new Discarding());
		}
	}

	WireInput input() {
		return this.input;
	}

	void write(byte[] octets) throws IOException {
		this.socket.getOutputStream().write(octets);
	}

	void shutdownOutput() throws IOException {
		this.socket.shutdownOutput();
	}

	void reset() throws IOException {
		this.resetByUs = true;
		this.socket.setSoLinger(true, 0);
		this.socket.close();
	}

	void awaitUnread() throws IOException {
		InputStream unread = this.socket.getInputStream();
		for (int i = 0; unread.available() == 0 && i < Await.PATIENCE.toMillis() && !isStopped(); i++) {
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
		}
	}

	void pause(Duration time) throws InterruptedException {
		this.stopped.await(time.toNanos(), TimeUnit.NANOSECONDS);
	}

	boolean isStopped() {
		return this.stopped.getCount() == 0;
	}

	boolean isDone() {
		return this.done;
	}

	/** How the peer ended it, as far as the origin has noticed. */
	End endedByPeer() {
		return this.resetSeen ? End.RESET : this.input.end();
	}

	void close() {
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			this.done = true; // closed enough
		}
	}

	/** Throws away what comes. */
	private static final class Discarding extends ByteArrayOutputStream {

		@Override
		public synchronized void write(byte[] octets, int offset, int length) {
			this.count = 0;
		}

	}

}
