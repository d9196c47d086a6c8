package dev.pingora.testkit;

import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link RawClient}, against {@link RawOrigin}.
 */
class RawClientTests {

	@Test
	void readsAllFramings() {
		try (RawOrigin origin = RawOrigin.start(RawClientTests::interimThenTrailers);
				RawClient client = RawClient.connect(origin.port())) {
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			RawResponse chunked = client.get("/chunked?n=20000&seed=7").readResponse();
			assertThat(chunked.body()).isEqualTo(Octets.pattern(7, 0, 20_000));
			RawResponse last = client.get("/other").readResponse();
			assertThat(last.interim()).extracting(RawResponse::status).containsExactly(100, 103);
			assertThat(last.interim().get(1).header("LINK")).isEqualTo("</style.css>");
			assertThat(last.text()).isEqualTo("abc");
			assertThat(last.trailers().first("digest")).isEqualTo("x");
			assertThat(origin.acceptedConnections()).isOne();
		}
	}

	private static void interimThenTrailers(OriginExchange exchange) throws Exception {
		exchange.interim(100).interim(103, "Link: </style.css>");
		exchange.head(200, "Transfer-Encoding: chunked").chunk(Octets.latin1("ab")).chunk(Octets.latin1("c"));
		exchange.lastChunk("Digest: x");
	}

	@Test
	void readsNoBodyWhereNoneIsAllowed() {
		try (RawOrigin origin = RawOrigin.start((exchange) -> exchange.head(304, "Content-Length: 5"));
				RawClient client = RawClient.connect(origin.port())) {
			client.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n");
			RawResponse response = client.readResponseTo("HEAD");
			assertThat(response.header("content-length")).isEqualTo("5");
			assertThat(response.body()).isEmpty();
			assertThat(client.get("/not-modified").readResponse().status()).isEqualTo(304);
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
		}
	}

	@Test
	void readsBodyThatFinDelimits() {
		try (RawOrigin origin = RawOrigin.start((exchange) -> {
			exchange.head(200).write("until the end");
			exchange.finish();
		}); RawClient client = RawClient.connect(origin.port())) {
			assertThat(client.get("/").readResponse().text()).isEqualTo("until the end");
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
		}
	}

	@Test
	void tellsFinFromResetFromOpen() {
		try (RawOrigin origin = RawOrigin.start()) {
			try (RawClient client = RawClient.connect(origin.port())) {
				assertThat(client.get("/close").awaitEnd()).isEqualTo(End.FIN);
			}
			try (RawClient client = RawClient.connect(origin.port())) {
				assertThat(client.get("/reset").awaitEnd()).isEqualTo(End.RESET);
			}
			try (RawClient client = RawClient.connect(origin.port())) {
				client.patience(Duration.ofMillis(50));
				assertThat(client.get("/hang").awaitEnd()).isEqualTo(End.OPEN);
			}
		}
	}

	@Test
	void resetThatTheSenderWasToldOfIsNoFin() {
		CountDownLatch sending = new CountDownLatch(1);
		try (RawOrigin origin = RawOrigin.start((exchange) -> {
			exchange.await(sending);
			exchange.resetUnread(false);
		}); RawClient client = RawClient.connect(origin.port())) {
			client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\n");
			CompletableFuture<Void> sent = client.sendInBackground(new byte[50_000_000]);
			sending.countDown();
			assertThat(sent.handle((done, failure) -> failure).join()).isNotNull();
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
		}
	}

	@Test
	void readsWhatCameBeforeReset() {
		CountDownLatch read = new CountDownLatch(1);
		try (RawOrigin origin = RawOrigin.start((exchange) -> {
			exchange.head(200, "Content-Length: 10").write("half");
			exchange.await(read);
			exchange.reset();
		}); RawClient client = RawClient.connect(origin.port())) {
			assertThat(client.get("/").readHead().status()).isEqualTo(200);
			assertThat(client.read(2)).isEqualTo(Octets.latin1("ha"));
			read.countDown();
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
			assertThat(client.received()).isEqualTo(Octets.latin1("lf"));
		}
	}

	@Test
	void saysWhyThereIsNoWholeResponse() {
		try (RawOrigin origin = RawOrigin.start((exchange) -> {
			exchange.head(200, "Content-Length: 10").write("half");
			exchange.finish();
		}); RawClient client = RawClient.connect(origin.port())) {
			client.get("/");
			assertThatExceptionOfType(AssertionError.class).isThrownBy(client::readResponse)
				.withMessageContaining("FIN after 4 of 10 octets");
		}
		try (RawOrigin origin = RawOrigin.start();
				RawClient client = RawClient.connect(origin.port()).patience(Duration.ofMillis(100))) {
			client.get("/hang");
			assertThatExceptionOfType(AssertionError.class).isThrownBy(client::readResponse)
				.withMessageContaining("a response within 100 ms");
		}
	}

	@Test
	void originSeesHowClientEnds() throws Exception {
		try (RawOrigin origin = RawOrigin.start()) {
			RawClient orderly = RawClient.connect(origin.port());
			orderly.get("/hello").readResponse();
			orderly.close();
			assertThat(origin.awaitClosed(1)).isEqualTo(End.FIN);
			RawClient abrupt = RawClient.connect(origin.port());
			abrupt.get("/hang");
			origin.awaitRequest(2);
			assertThat(origin.ended(2)).isEqualTo(End.OPEN);
			abrupt.abort();
			assertThat(origin.awaitClosed(2)).isEqualTo(End.RESET);
			Await.until("no open connection", () -> origin.openConnections() == 0);
		}
	}

	@Test
	void slowReaderLetsOriginBlock() {
		CountDownLatch written = new CountDownLatch(1);
		try (RawOrigin origin = RawOrigin.start((exchange) -> {
			exchange.head(200, "Content-Length: 30000000").writePattern(3, 0, 30_000_000);
			written.countDown();
		}); RawClient client = RawClient.connect("127.0.0.1", origin.port(), 4096)) {
			client.get("/");
			assertThat(Await.poll(Duration.ofMillis(200), () -> written.getCount() == 0)).isFalse();
			assertThat(client.patience(Duration.ofSeconds(30)).readResponse().body())
				.isEqualTo(Octets.pattern(3, 0, 30_000_000));
		}
	}

	@Test
	void sendingIsBoundedAndCanGoOnInBackground() {
		CountDownLatch blocked = new CountDownLatch(1);
		byte[] large = new byte[20_000_000];
		String head = "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: " + large.length + "\r\n\r\n";
		try (RawOrigin origin = RawOrigin.start((exchange) -> {
			exchange.await(blocked);
			exchange.respond(200, String.valueOf(exchange.readBody().length));
		}); RawClient client = RawClient.connect(origin.port()); RawClient other = RawClient.connect(origin.port())) {
			CompletableFuture<Void> sent = client.send(head).sendInBackground(large);
			other.send(head).patience(Duration.ofMillis(100));
			assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(() -> other.send(large))
				.withMessageStartingWith("can't send 20000000 octets");
			assertThat(sent).isNotDone();
			blocked.countDown();
			assertThat(client.readResponse().text()).isEqualTo("20000000");
			assertThat(sent).succeedsWithin(Duration.ofSeconds(5));
			assertThat(origin.awaitClosed(2)).isEqualTo(End.RESET);
		}
	}

	@Test
	void usesGivenSocket() throws Exception {
		try (RawOrigin origin = RawOrigin.start(); Socket socket = new Socket("127.0.0.1", origin.port())) {
			OutputStream early = socket.getOutputStream();
			early.write(Octets.latin1("GET /hello HTTP/1.1\r\n"));
			RawClient client = RawClient.over(socket);
			assertThat(client.send("Host: a\r\n\r\n").readResponse().status()).isEqualTo(200);
		}
	}

}
