package dev.pingora.server;

import java.io.ByteArrayOutputStream;
import java.util.List;

import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.OriginRequest;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What goes in at one end comes out at the other: heads, bodies and trailers.
 */
@ExtendWith(EngineExtension.class)
class ForwardingTests {

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	@AutoClose
	private final ProxyServer server = Proxies.to(this.origin).start();

	@AutoClose
	private final RawClient client = Proxies.connect(this.server);

	@Test
	void getIsAnswered() {
		RawResponse response = this.client.get("/hello").readResponse();
		assertThat(response.status()).isEqualTo(200);
		assertThat(response.text()).isEqualTo("hello");
		assertThat(response.header("content-type")).isEqualTo("text/plain");
	}

	@Test
	void headIsAnsweredWithoutBodyAndTheConnectionGoesOn() {
		for (int i = 0; i < 2; i++) {
			RawResponse response = this.client.send("HEAD /bytes?n=77 HTTP/1.1\r\nHost: a\r\n\r\n")
				.readResponseTo("HEAD");
			assertThat(response.status()).isEqualTo(200);
			assertThat(response.header("content-length")).isEqualTo("77");
		}
		assertThat(this.client.get("/hello").readResponse().text()).isEqualTo("hello");
		assertThat(this.origin.acceptedConnections()).isOne();
	}

	@Test
	void headOfChunkedResponseHasNoBody() {
		RawResponse response = this.client.send("HEAD /chunked HTTP/1.1\r\nHost: a\r\n\r\n").readResponseTo("HEAD");
		assertThat(response.status()).isEqualTo(200);
		assertThat(this.client.get("/hello").readResponse().text()).isEqualTo("hello");
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 1023, 8192, 131_072, 131_073, 1_000_003, 5_242_880 })
	void bodyWithLengthComesThroughBothWays(int size) {
		byte[] body = Octets.pattern(size);
		this.client.sendInBackground(request("Content-Length: " + size, body));
		RawResponse response = this.client.readResponse();
		assertThat(response.status()).isEqualTo(200);
		assertThat(response.header("content-length")).isEqualTo(String.valueOf(size));
		assertThat(response.body()).isEqualTo(body);
		assertThat(this.origin.awaitRequest(1).header("content-length")).isEqualTo(String.valueOf(size));
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 1023, 8192, 131_072, 131_073, 1_000_003, 5_242_880 })
	void chunkedBodyComesThroughBothWays(int size) {
		byte[] body = Octets.pattern(size);
		this.client.sendInBackground(request("Transfer-Encoding: chunked", chunked(body, 7_777)));
		RawResponse response = this.client.readResponse();
		assertThat(response.status()).isEqualTo(200);
		assertThat(response.body()).isEqualTo(body);
		OriginRequest request = this.origin.awaitRequest(1);
		assertThat(request.headers().all("transfer-encoding")).containsExactly("chunked");
		assertThat(request.headers().has("content-length")).isFalse();
		assertThat(this.client.get("/hello").readResponse().text()).isEqualTo("hello");
	}

	@Test
	void tinyChunksComeThrough() {
		byte[] body = Octets.pattern(2_000);
		this.client.sendInBackground(request("Transfer-Encoding: chunked", chunked(body, 1)));
		assertThat(this.client.readResponse().body()).isEqualTo(body);
	}

	@Test
	void octetByOctetIsTheSameAsAtOnce() {
		byte[] request = request("Transfer-Encoding: chunked", chunked(Octets.pattern(20), 3));
		for (byte octet : request) {
			this.client.send(new byte[] { octet });
		}
		assertThat(this.client.readResponse().body()).isEqualTo(Octets.pattern(20));
	}

	@Test
	void trailersComeThroughBothWays() {
		this.client
			.send("POST /echo HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTrailer: X-Sum\r\n"
					+ "Transfer-Encoding: chunked\r\n\r\n")
			.send("3\r\nabc\r\n0\r\nX-Sum: 42\r\nX-Other: b\r\n\r\n");
		RawResponse response = this.client.readResponse();
		assertThat(response.text()).isEqualTo("abc");
		assertThat(this.origin.awaitRequest(1).content().trailers().first("x-sum")).isEqualTo("42");
		assertThat(response.trailers().first("x-sum")).isEqualTo("42");
		assertThat(response.trailers().first("x-other")).isEqualTo("b");
	}

	@Test
	void trailersThatComeLateComeThrough() {
		this.client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
		this.origin.awaitRequest(1);
		this.client.send("0\r\nX-Sum: 42\r\n\r\n");
		assertThat(this.client.readResponse().trailers().first("x-sum")).isEqualTo("42");
		assertThat(this.client.get("/hello").readResponse().text()).isEqualTo("hello");
	}

	@ParameterizedTest
	@ValueSource(ints = { 204, 304 })
	void responsesWithoutBodyAreNotFollowedByOne(int status) {
		this.origin.on("/none", (exchange) -> exchange.head(status, "ETag: \"x\""));
		RawResponse response = this.client.get("/none").readResponse();
		assertThat(response.status()).isEqualTo(status);
		assertThat(response.header("etag")).isEqualTo("\"x\"");
		assertThat(response.headers().has("transfer-encoding")).isFalse();
		assertThat(this.client.get("/hello").readResponse().text()).isEqualTo("hello");
		assertThat(this.origin.acceptedConnections()).isOne();
	}

	@Test
	void notModifiedKeepsTheLengthOfWhatItDoesNotSend() {
		this.origin.on("/none", (exchange) -> exchange.head(304, "Content-Length: 1000"));
		assertThat(this.client.get("/none").readResponse().header("content-length")).isEqualTo("1000");
		assertThat(this.client.get("/hello").readResponse().text()).isEqualTo("hello");
	}

	@Test
	void clientThatWaitsForContinueGetsIt() {
		this.origin.on("/wait", (exchange) -> {
			exchange.interim(100);
			exchange.respond(200, exchange.readBody());
		});
		this.client.send("POST /wait HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
		assertThat(this.client.readInterim().status()).isEqualTo(100);
		assertThat(this.origin.awaitRequest(1).header("expect")).isEqualTo("100-continue");
		assertThat(this.client.send("hello").readResponse().text()).isEqualTo("hello");
	}

	@Test
	void refusedExpectationIsAnsweredWithoutTheBody() {
		this.origin.on("/refuse", (exchange) -> {
			exchange.respond(417, "no", "Connection: close");
			exchange.finish();
		});
		this.client.send("POST /refuse HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
		RawResponse response = this.client.readResponse();
		assertThat(response.status()).isEqualTo(417);
		assertThat(response.interim()).isEmpty();
		this.client.awaitEnd();
		assertThat(this.client.received()).isEmpty();
	}

	@Test
	void interimResponsesArePassedOn() {
		this.origin.on("/hints", (exchange) -> {
			exchange.interim(103, "Link: </a.css>; rel=preload");
			exchange.interim(103, "Link: </b.css>; rel=preload");
			exchange.respond(200, "done");
		});
		RawResponse response = this.client.get("/hints").readResponse();
		assertThat(response.text()).isEqualTo("done");
		assertThat(response.interim()).extracting((interim) -> interim.header("link"))
			.containsExactly("</a.css>; rel=preload", "</b.css>; rel=preload");
	}

	@Test
	void interimResponsesAreNotSentToAnOldClient() {
		this.origin.on("/hints", (exchange) -> {
			exchange.interim(103, "Link: </a.css>; rel=preload");
			exchange.respond(200, "done");
		});
		RawResponse response = this.client.send("GET /hints HTTP/1.0\r\nHost: a\r\n\r\n").readResponse();
		assertThat(response.text()).isEqualTo("done");
		assertThat(response.interim()).isEmpty();
	}

	@Test
	void statusAndReasonAreUntouched() {
		this.origin.on("/odd",
				(exchange) -> exchange.write("HTTP/1.1 299 Rather \u00e4 fine\r\nContent-Length: 0\r\n\r\n"));
		assertThat(this.client.get("/odd").readResponse().statusLine()).isEqualTo("HTTP/1.1 299 Rather \u00e4 fine");
	}

	@Test
	void everyPieceOfAStreamIsPassedOnAtOnce() {
		List<String> events = List.of("one", "two", "three");
		this.origin.on("/events", (exchange) -> {
			exchange.head(200, "Transfer-Encoding: chunked", "Content-Type: text/event-stream");
			for (String event : events) {
				exchange.chunk(Octets.latin1(event));
				exchange.readBody();
				this.origin.awaitRequest(1 + events.indexOf(event) + 1);
			}
			exchange.lastChunk();
		});
		try (RawClient other = Proxies.connect(this.server)) {
			this.client.get("/events").readHead();
			for (String event : events) {
				String piece = Integer.toHexString(event.length()) + "\r\n" + event + "\r\n";
				assertThat(Octets.latin1(this.client.read(piece.length()))).isEqualTo(piece);
				other.get("/hello").readResponse(); // only now the origin goes on
			}
			assertThat(Octets.latin1(this.client.read(5))).isEqualTo("0\r\n\r\n");
		}
	}

	@Test
	void interimResponsesAreLimitedForEachRequest() {
		this.origin.on("/interim", (exchange) -> {
			for (long i = exchange.request().parameter("n", 0); i > 0; i--) {
				exchange.interim(103, "X-Left: " + i);
			}
			exchange.respond(200, "done");
		});
		for (int i = 0; i < 3; i++) {
			RawResponse response = this.client.get("/interim?n=32").readResponse();
			assertThat(response.status()).isEqualTo(200);
			assertThat(response.interim()).hasSize(32);
		}
		assertThat(this.origin.acceptedConnections()).isOne();
		assertThat(this.client.get("/interim?n=33").readResponse().status()).isEqualTo(502);
	}

	@Test
	void floodOfInterimResponsesIsCutOff() {
		this.origin.on("/flood", (exchange) -> {
			while (this.origin.ended(exchange.request().connection()) == End.OPEN) {
				exchange.interim(102);
			}
		});
		RawResponse response = this.client.get("/flood").readResponse();
		assertThat(response.status()).isEqualTo(502);
		assertThat(response.interim()).hasSizeLessThanOrEqualTo(32);
	}

	@Test
	void optionsWithoutAPathGoesUpstreamWithAnAsterisk() {
		this.origin.on("*", (exchange) -> exchange.respond(200, "star"));
		assertThat(this.client.send("OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n").readResponse().text())
			.isEqualTo("star");
		assertThat(this.origin.awaitRequest(1).target()).isEqualTo("*");
		assertThat(this.client.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").readResponse().text()).isEqualTo("star");
		assertThat(this.client.send("options * HTTP/1.1\r\nHost: a\r\n\r\n").readResponse().status()).isEqualTo(400);
		assertThat(this.origin.requestCount()).isEqualTo(2);
	}

	private static byte[] request(String framing, byte[] content) {
		ByteArrayOutputStream request = new ByteArrayOutputStream();
		request.writeBytes(Octets.latin1("POST /echo HTTP/1.1\r\nHost: a\r\n" + framing + "\r\n\r\n"));
		request.writeBytes(content);
		return request.toByteArray();
	}

	private static byte[] chunked(byte[] body, int size) {
		ByteArrayOutputStream chunks = new ByteArrayOutputStream();
		for (int done = 0; done < body.length; done += size) {
			int length = Math.min(size, body.length - done);
			chunks.writeBytes(Octets.latin1(Integer.toHexString(length) + "\r\n"));
			chunks.write(body, done, length);
			chunks.writeBytes(Octets.latin1("\r\n"));
		}
		chunks.writeBytes(Octets.latin1("0\r\n\r\n"));
		return chunks.toByteArray();
	}

}
