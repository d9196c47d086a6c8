package dev.pingora.server;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.ResponseHeader;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.FailedAttempt;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.RequestEnd;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a client is told that sends a malformed body while a filter thinks of an error.
 */
@ExtendWith(EngineExtension.class)
class ClientFailureAnswerTests {

	private final CountDownLatch entered = new CountDownLatch(1);

	private final CountDownLatch gate = new CountDownLatch(1);

	private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

	private final BlockingQueue<RequestEnd> ends = new LinkedBlockingQueue<>();

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	/** Takes its time to find a response not good enough. */
	private final class Picky implements ProxyFilter {

		private final boolean retryable;

		private final boolean retried;

		private Picky(boolean retryable, boolean retried) {
			this.retryable = retryable;
			this.retried = retried;
		}

		@Override
		@Blocking
		public void upstreamResponseFilter(Session session, ResponseHeader response) throws ProxyException {
			if (session.request().path().equals("/early")) {
				ClientFailureAnswerTests.this.entered.countDown();
				Await.until("the gate is open", () -> ClientFailureAnswerTests.this.gate.getCount() == 0);
				ProxyException error = ProxyException.internal(ErrorType.httpStatus(503), "not good enough");
				throw this.retryable ? error.retryable() : error;
			}
		}

		@Override
		public ProxyException errorWhileProxy(Session session, FailedAttempt failure) {
			return this.retried ? failure.error().retryable() : failure.error();
		}

		@Override
		public int failToProxy(Session session, ProxyException error, int status) {
			ClientFailureAnswerTests.this.answers.add(error.source().tag() + " " + status);
			return status;
		}

		@Override
		public void logging(Session session, RequestEnd end) {
			if (session.request().path().equals("/early")) {
				ClientFailureAnswerTests.this.ends.add(end);
			}
		}

	}

	/**
	 * Whoever asks for another attempt does not have the last word: it is the client who
	 * forbids the attempt. An error that is final is as good as an answer.
	 */
	@ParameterizedTest
	@CsvSource({ "true, false, 400, downstream 400", "false, true, 400, downstream 400",
			"false, false, 503, internal 503" })
	void errorThatAsksForAnotherAttemptGivesWayToTheClients(boolean retryable, boolean retried, int status,
			String answer) {
		this.origin.on("/early", (exchange) -> exchange.respond(200, "early"));
		try (ProxyServer server = Proxies.to(this.origin).filter(new Picky(retryable, retried)).start();
				RawClient client = Proxies.connect(server);
				RawClient bystander = Proxies.connect(server)) {
			client.send("POST /early HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
			Await.until("the call has begun", () -> this.entered.getCount() == 0);
			client.send("ZZ\r\n");
			for (int i = 0; i < 2; i++) { // by when the loop has seen it
				assertThat(bystander.send("OPTIONS * HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n")
					.readResponse()
					.status()).isEqualTo(200);
			}
			this.gate.countDown();
			assertThat(client.readResponse().status()).isEqualTo(status);
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			Await.until("nothing is active", () -> server.activeRequests() == 0);
			assertThat(this.answers).containsExactly(answer);
			assertThat(this.ends).singleElement()
				.extracting(RequestEnd::error)
				.extracting(ProxyException::status)
				.isEqualTo(status);
			assertThat(this.origin.requestCount()).isOne();
		}
	}

}
