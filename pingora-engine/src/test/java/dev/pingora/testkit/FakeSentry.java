package dev.pingora.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * Takes what the Sentry SDK sends, on the loopback interface, and behaves as told.
 */
public final class FakeSentry implements AutoCloseable {

	/**
	 * How it behaves.
	 */
	public enum Mode {

		/** Takes everything. */
		OK,

		/** Accepts, reads, and never answers. */
		HANG,

		/** Has its port closed. */
		REFUSE,

		/** Says that it is too much. */
		RATE_LIMIT

	}

	private final HttpServer server;

	private final Mode mode;

	private final List<String> events = new CopyOnWriteArrayList<>();

	private final AtomicInteger requests = new AtomicInteger();

	private final CountDownLatch closed = new CountDownLatch(1);

	private FakeSentry(HttpServer server, Mode mode) {
		this.server = server;
		this.mode = mode;
		server.createContext("/api/1/envelope/", this::take);
		server.start();
		if (mode == Mode.REFUSE) {
			server.stop(0);
		}
	}

	/**
	 * Starts one that takes everything.
	 * @return the running server
	 */
	public static FakeSentry start() {
		return start(Mode.OK);
	}

	/**
	 * Starts one.
	 * @param mode how it behaves
	 * @return the running server
	 */
	public static FakeSentry start(Mode mode) {
		try {
			return new FakeSentry(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16),
					mode);
		}
		catch (IOException failure) {
			throw new IllegalStateException("no port", failure);
		}
	}

	/**
	 * Returns what an application sets as {@code sentry.dsn}.
	 * @return the DSN
	 */
	public String dsn() {
		return "http://key@127.0.0.1:" + this.server.getAddress().getPort() + "/1";
	}

	/**
	 * Returns the events that came.
	 * @return one JSON text for each event
	 */
	public List<String> events() {
		return this.events;
	}

	/**
	 * Returns how many requests came, answered or not.
	 * @return the number
	 */
	public int requests() {
		return this.requests.get();
	}

	// An envelope: a header line, then pairs of an item's header and the item.
	private void take(HttpExchange exchange) throws IOException {
		this.requests.incrementAndGet();
		try (exchange) {
			boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
			InputStream body = zipped ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody();
			List<String> lines = new String(body.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
			if (this.mode == Mode.HANG) {
				this.closed.await();
				return;
			}
			if (this.mode == Mode.RATE_LIMIT) {
				exchange.getResponseHeaders().add("Retry-After", "60");
				exchange.sendResponseHeaders(429, -1);
				return;
			}
			keepEvents(lines);
			exchange.sendResponseHeaders(200, 2);
			exchange.getResponseBody().write("{}".getBytes(StandardCharsets.UTF_8));
		}
		catch (InterruptedException interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	private void keepEvents(List<String> lines) {
		for (int i = 1; i + 1 < lines.size(); i += 2) {
			if (lines.get(i).contains("\"type\":\"event\"")) {
				this.events.add(lines.get(i + 1));
			}
		}
	}

	@Override
	public void close() {
		this.closed.countDown();
		this.server.stop(0);
	}

}
