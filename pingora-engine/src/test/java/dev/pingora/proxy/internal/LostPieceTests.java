package dev.pingora.proxy.internal;

import java.util.concurrent.CountDownLatch;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.PanicResponse;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.FailedAttempt;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A piece of a request's body for which there is no memory while it has to wait: what is
 * left of the body must not be sent as if it were the body.
 */
@ExtendWith(EngineExtension.class)
class LostPieceTests {

	/** In which small pieces wait. */
	private static final int JOINED = 8 * 1024;

	private final CountDownLatch entered = new CountDownLatch(1);

	private final CountDownLatch gate = new CountDownLatch(1);

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	/** Takes its time over the first response, and wants to see another one. */
	private final class Picky implements ProxyFilter {

		private final boolean fails;

		private Picky(boolean fails) {
			this.fails = fails;
		}

		@Override
		@Blocking
		public void upstreamResponseFilter(Session session, ResponseHeader response) throws ProxyException {
			if (LostPieceTests.this.entered.getCount() > 0) {
				LostPieceTests.this.entered.countDown();
				Await.until("the gate is open", () -> LostPieceTests.this.gate.getCount() == 0);
				if (this.fails) {
					throw ProxyException.internal(ErrorType.httpStatus(503), "not good enough");
				}
			}
		}

		@Override
		public ProxyException errorWhileProxy(Session session, FailedAttempt failure) {
			return failure.error().retryable();
		}

	}

	/** Whether the filter itself fails, or it is only the loss that does. */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void bodyOfWhichAPieceIsLostIsNotSentAgain(boolean filterFails) {
		this.origin.on("/early", (exchange) -> exchange.respond(200, "early"));
		try (MemoryStand stand = new MemoryStand(this.origin, new Picky(filterFails), PanicResponse.RESET);
				RawClient client = RawClient.connect(stand.port())) {
			client.send("PUT /early HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
			Await.until("the call has begun", () -> this.entered.getCount() == 0);
			stand.memory.failOnce(JOINED,
					new OutOfMemoryError("Cannot reserve " + JOINED + " bytes of direct buffer memory"));
			client.send("4\r\nlost\r\n2\r\nde\r\n0\r\n\r\n");
			Await.until("a piece is lost", stand.memory::hasFailed);
			this.gate.countDown();
			assertThat(client.readResponse().status()).isEqualTo(503);
			Await.until("nothing is active", () -> stand.engine.activeRequests() == 0);
			assertThat(this.origin.requestCount()).isOne();
			assertThat(stand.panics()).isZero();
		}
	}

}
