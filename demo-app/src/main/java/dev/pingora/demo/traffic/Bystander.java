package dev.pingora.demo.traffic;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client that calls steadily on one kept connection, and never tries again: what goes
 * wrong once is counted. A slow answer delays the next call, but no calls pile up. Runs
 * on a thread of its own.
 */
final class Bystander implements Runnable {

	private static final Logger logger = LoggerFactory.getLogger(Bystander.class);

	private static final int PATIENCE_MILLIS = 5000;

	private final InetSocketAddress gateway;

	private final long intervalNanos;

	private final TrafficCounts counts;

	private final CountDownLatch stop;

	// All below belong to the thread.

	private @Nullable Socket socket;

	private @Nullable InputStream input;

	Bystander(InetSocketAddress gateway, long intervalNanos, TrafficCounts counts, CountDownLatch stop) {
		this.gateway = gateway;
		this.intervalNanos = intervalNanos;
		this.counts = counts;
		this.stop = stop;
	}

	@Override
	public void run() {
		long next = System.nanoTime();
		try {
			for (int turn = 0; !this.stop.await(next - System.nanoTime(), TimeUnit.NANOSECONDS); turn++) {
				call(Call.of(turn));
				next = Math.max(next + this.intervalNanos, System.nanoTime());
			}
		}
		catch (InterruptedException told) {
			Thread.currentThread().interrupt();
		}
		finally {
			disconnect();
		}
	}

	private void call(Call call) {
		String complaint;
		try {
			Answer answer = exchange(call);
			complaint = call.complaint(answer);
			if (answer.isLast()) {
				disconnect();
			}
		}
		catch (IOException failed) {
			complaint = failed.toString();
			disconnect();
		}
		if (complaint.isEmpty()) {
			this.counts.succeeded();
		}
		else {
			this.counts.failed(complaint);
			logger.warn("A bystander was disturbed: {}", complaint);
		}
	}

	private Answer exchange(Call call) throws IOException {
		Socket socket = this.socket;
		InputStream input = this.input;
		if (socket == null || input == null) {
			socket = new Socket();
			this.socket = socket;
			socket.connect(this.gateway, PATIENCE_MILLIS);
			socket.setSoTimeout(PATIENCE_MILLIS);
			socket.setTcpNoDelay(true);
			input = new BufferedInputStream(socket.getInputStream());
			this.input = input;
		}
		socket.getOutputStream().write(call.request().getBytes(StandardCharsets.UTF_8));
		return Answer.read(input);
	}

	private void disconnect() {
		Socket closing = this.socket;
		this.socket = null;
		this.input = null;
		if (closing != null) {
			try {
				closing.close();
			}
			catch (IOException failed) {
				logger.debug("Closing has failed", failed);
			}
		}
	}

}
