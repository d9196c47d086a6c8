package dev.pingora.autoconfigure.sentry;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;

import com.jayway.jsonpath.JsonPath;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * Takes what the Sentry SDK sends, on the loopback interface.
 */
final class FakeSentry implements AutoCloseable {

	private final HttpServer server;

	private final List<String> events = new CopyOnWriteArrayList<>();

	private FakeSentry(HttpServer server) {
		this.server = server;
		server.createContext("/api/1/envelope/", this::take);
		server.start();
	}

	static FakeSentry start() throws IOException {
		return new FakeSentry(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16));
	}

	String dsn() {
		return "http://key@127.0.0.1:" + this.server.getAddress().getPort() + "/1";
	}

	/**
	 * Returns the events that came.
	 * @return one JSON text for each event
	 */
	List<String> events() {
		return this.events;
	}

	// An envelope: a header line, then pairs of an item's header and the item.
	private void take(HttpExchange exchange) throws IOException {
		try (exchange) {
			boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
			InputStream body = zipped ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody();
			List<String> lines = new String(body.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
			for (int i = 1; i + 1 < lines.size(); i += 2) {
				Map<String, Object> header = JsonPath.read(lines.get(i), "$");
				if ("event".equals(header.get("type"))) {
					this.events.add(lines.get(i + 1));
				}
			}
			exchange.sendResponseHeaders(200, 2);
			exchange.getResponseBody().write("{}".getBytes(StandardCharsets.UTF_8));
		}
	}

	@Override
	public void close() {
		this.server.stop(0);
	}

}
