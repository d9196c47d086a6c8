package dev.pingora.testkit;

import java.io.IOException;
import java.time.Duration;

/**
 * The origin's ready-made behaviours, by path.
 */
final class OriginBehaviours {

	private static final int CHUNK = 8 * 1024;

	private OriginBehaviours() {
	}

	static void install(RawOrigin origin) {
		origin.on("/hello", (exchange) -> exchange.respond(200, "hello", "Content-Type: text/plain"));
		origin.on("/echo", OriginBehaviours::echo);
		origin.on("/bytes", OriginBehaviours::bytes);
		origin.on("/chunked", OriginBehaviours::chunked);
		origin.on("/slow", OriginBehaviours::slow);
		origin.on("/hang", OriginExchange::hang);
		origin.on("/reset", OriginExchange::reset);
		origin.on("/close", OriginExchange::finish);
	}

	private static void echo(OriginExchange exchange) throws IOException {
		byte[] body = exchange.readBody();
		if (!exchange.request().headers().lists("transfer-encoding", "chunked")) {
			exchange.respond(200, body);
			return;
		}
		exchange.head(200, "Transfer-Encoding: chunked");
		if (body.length > 0) {
			exchange.chunk(body);
		}
		exchange.lastChunk(exchange.request()
			.content()
			.trailers()
			.entries()
			.stream()
			.map((entry) -> entry.getKey() + ": " + entry.getValue())
			.toArray(String[]::new));
	}

	private static void bytes(OriginExchange exchange) throws IOException {
		long length = exchange.request().parameter("n", 1024);
		exchange.head(200, "Content-Length: " + length);
		if (!exchange.request().method().equals("HEAD")) {
			exchange.writePattern(exchange.request().parameter("seed", 0), 0, length);
		}
	}

	private static void chunked(OriginExchange exchange) throws IOException {
		long length = exchange.request().parameter("n", 1024);
		long seed = exchange.request().parameter("seed", 0);
		exchange.head(200, "Transfer-Encoding: chunked");
		if (exchange.request().method().equals("HEAD")) {
			return;
		}
		for (long done = 0; done < length; done += CHUNK) {
			exchange.chunk(Octets.pattern(seed, done, (int) Math.min(CHUNK, length - done)));
		}
		exchange.lastChunk();
	}

	private static void slow(OriginExchange exchange) throws IOException, InterruptedException {
		exchange.pause(Duration.ofMillis(exchange.request().parameter("ms", 100)));
		exchange.respond(200, "slow");
	}

}
