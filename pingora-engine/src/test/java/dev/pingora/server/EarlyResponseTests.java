package dev.pingora.server;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawResponse;
import dev.pingora.transport.Transport;
import io.netty.channel.EventLoop;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Responses that come while the request is still being sent: RFC 9112 sections 9.3, 9.5
 * and 9.6.
 */
@ExtendWith(EngineExtension.class)
class EarlyResponseTests {

	private static final String POST = "POST /say HTTP/1.1\r\nHost: a\r\n";

	private static final int LARGE = 100_000_000;

	@ParameterizedTest
	@ValueSource(ints = { 200, 413 })
	void clientGetsItAndNeitherConnectionIsUsedAgain(int status) {
		try (SaidResponse said = SaidResponse.of("HTTP/1.1 " + status + " X\r\nContent-Length: 5\r\n\r\nearly");
				RawClient client = said.client()) {
			client.send(POST + "Content-Length: 1000\r\n\r\nhello");
			RawResponse response = client.readResponse();
			assertThat(response.status()).isEqualTo(status);
			assertThat(response.text()).isEqualTo("early");
			assertThat(response.headers().all("connection")).containsExactly("close");
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			said.assertNoFailure();
			said.assertClosed();
			assertThat(said.origin().awaitRequest(1).content().isComplete()).isFalse();
		}
	}

	@Test
	void bothGoOnIfTheRequestEndsBeforeTheResponse() {
		CountDownLatch ended = new CountDownLatch(1);
		try (SaidResponse said = SaidResponse.by((exchange) -> {
			exchange.head(200, "Content-Length: 10").write("early");
			exchange.readBody();
			exchange.await(ended);
			exchange.write("later");
		}); RawClient client = said.client()) {
			client.send(POST + "Content-Length: 10\r\n\r\nhello");
			// What is known when the head is written: the request is not complete.
			assertThat(client.readHead().headers().all("connection")).containsExactly("close");
			client.send("world");
			ended.countDown();
			assertThat(Octets.latin1(client.read(10))).isEqualTo("earlylater");
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			assertThat(said.origin().awaitRequest(1).body()).isEqualTo(Octets.latin1("helloworld"));
			said.assertReused();
		}
	}

	@Test
	void originThatAnswersAndClosesIsHeard() {
		try (SaidResponse said = SaidResponse
			.thenFin("HTTP/1.1 413 X\r\nContent-Length: 5\r\nConnection: close\r\n\r\nearly");
				RawClient client = said.client()) {
			client.send(POST + "Content-Length: 1000\r\n\r\nhello");
			assertThat(client.readResponse().text()).isEqualTo("early");
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			said.assertNoFailure();
			said.assertClosed();
		}
	}

	@Test
	void closeEndsABodyUntilTheEndThatComesEarly() {
		try (SaidResponse said = SaidResponse.thenFin("HTTP/1.1 413 X\r\n\r\nearly");
				RawClient client = said.client()) {
			client.send(POST + "Content-Length: 1000\r\n\r\nhello");
			assertThat(client.readResponse().text()).isEqualTo("early");
			said.assertNoFailure();
			said.assertClosed();
		}
	}

	static Stream<Transport> transports() {
		return Proxies.transports();
	}

	@ParameterizedTest
	@MethodSource("transports")
	void answerBeforeAResetReachesAClientThatIsStillSending(Transport transport) {
		// The origin has octets that it did not read, so its kernel resets the
		// connection.
		try (SaidResponse said = SaidResponse.by((exchange) -> {
			exchange.write("HTTP/1.1 413 X\r\nContent-Length: 60000\r\n\r\n").writePattern(1, 0, 60_000);
			exchange.resetUnread(exchange.request().connection() % 2 == 0);
		}, (proxies) -> proxies.with((it) -> it.transport(transport)))) {
			for (int i = 0; i < 20; i++) {
				try (RawClient client = said.client()) {
					client.send(POST + "Content-Length: " + LARGE + "\r\n\r\n");
					CompletableFuture<Void> sending = client.sendInBackground(new byte[2_000_000]);
					RawResponse response = client.readResponse();
					assertThat(response.status()).isEqualTo(413);
					assertThat(response.body()).isEqualTo(Octets.pattern(1, 0, 60_000));
					client.abort();
					sending.exceptionally((closed) -> null).join();
				}
			}
			said.assertNoFailure();
		}
	}

	private static EventLoop next(EventLoop loop) {
		EventLoop next = loop.parent().next();
		return (next != loop) ? next : loop.parent().next();
	}

	@Test
	void answerBeforeAResetArrivesFromAnotherLoopToo() {
		try (SaidResponse said = SaidResponse.by((exchange) -> {
			exchange.write("HTTP/1.1 413 X\r\nContent-Length: 60000\r\n\r\n").writePattern(1, 0, 60_000);
			exchange.resetUnread(false);
		}, (proxies) -> proxies.with((it) -> ((ServerBuilder) it.threads(2)).upstreamLoop(EarlyResponseTests::next)));
				RawClient client = said.client()) {
			client.send(POST + "Content-Length: " + LARGE + "\r\n\r\n");
			CompletableFuture<Void> sending = client.sendInBackground(new byte[2_000_000]);
			assertThat(client.readResponse().body()).isEqualTo(Octets.pattern(1, 0, 60_000));
			client.abort();
			sending.exceptionally((closed) -> null).join();
			said.assertNoFailure();
		}
	}

	@Test
	void resetInTheMiddleOfAnEarlyAnswerTruncatesIt() {
		try (SaidResponse said = SaidResponse.by((exchange) -> {
			exchange.write("HTTP/1.1 413 X\r\nContent-Length: 100\r\n\r\nearly");
			exchange.resetUnread(false);
		}); RawClient client = said.client()) {
			client.send(POST + "Content-Length: " + LARGE + "\r\n\r\n");
			CompletableFuture<Void> sending = client.sendInBackground(new byte[2_000_000]);
			assertThat(client.readHead().status()).isEqualTo(413);
			assertThat(Octets.latin1(client.read(5))).isEqualTo("early");
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
			sending.exceptionally((closed) -> null).join();
			said.assertFailure("read_error");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "1.0", "1.1" })
	void resetInTheMiddleOfAnEarlyAnswerUntilTheEndTruncatesIt(String version) {
		try (SaidResponse said = SaidResponse.by((exchange) -> {
			exchange.write("HTTP/1.1 413 X\r\n\r\nearly");
			exchange.resetUnread(false);
		}); RawClient client = said.client()) {
			client.send("POST /say HTTP/" + version + "\r\nHost: a\r\nContent-Length: " + LARGE + "\r\n\r\n");
			CompletableFuture<Void> sending = client.sendInBackground(new byte[2_000_000]);
			assertThat(client.readHead().status()).isEqualTo(413);
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
			assertThat(Octets.latin1(client.received())).contains("early").doesNotContain("\r\n0\r\n");
			sending.exceptionally((closed) -> null).join();
		}
	}

	@Test
	void resetWithoutAnAnswerIsBadGatewayWhileTheClientIsSending() {
		try (SaidResponse said = SaidResponse.by((exchange) -> exchange.resetUnread(false));
				RawClient client = said.client()) {
			client.send(POST + "Content-Length: " + LARGE + "\r\n\r\n");
			CompletableFuture<Void> sending = client.sendInBackground(new byte[2_000_000]);
			assertThat(client.readResponse().status()).isEqualTo(502);
			client.abort();
			sending.exceptionally((closed) -> null).join();
			said.assertFailure("read_error");
			assertThat(said.origin().requestCount()).isOne();
		}
	}

	@Test
	void uploadOfAClientStopsWhenTheAnswerIsThere() {
		try (SaidResponse said = SaidResponse.by((exchange) -> {
			exchange.respond(413, "no");
			exchange.hang();
		}); RawClient client = said.client()) {
			client.send(POST + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
			assertThat(client.readResponse().text()).isEqualTo("no");
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			said.assertClosed();
		}
	}

}
