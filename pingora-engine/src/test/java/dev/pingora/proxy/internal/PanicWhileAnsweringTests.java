package dev.pingora.proxy.internal;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.event.RequestOutcome;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.PanicResponse;
import dev.pingora.panic.PanicSite;
import dev.pingora.panic.PanicTotals;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.RequestEnd;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.Bystanders;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the engine answers by itself can panic too: there is no second answer then, but a
 * reset, and all that the request has is released.
 */
@ExtendWith(EngineExtension.class)
class PanicWhileAnsweringTests {

	private static final int HEAD = 2048;

	private final BlockingQueue<RequestEnd> ends = new LinkedBlockingQueue<>();

	private final AtomicInteger released = new AtomicInteger();

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	/** Fails when the response is there, unless it is a bystander's. */
	private abstract class Failing implements ProxyFilter {

		private MemoryStand stand;

		abstract void fail() throws ProxyException;

		@Override
		public Outcome requestFilter(Session session) {
			if (isVictim(session)) {
				session.onRelease(PanicWhileAnsweringTests.this.released::incrementAndGet);
			}
			return Outcome.CONTINUE;
		}

		@Override
		public void upstreamResponseFilter(Session session, ResponseHeader response) throws ProxyException {
			if (isVictim(session)) {
				this.stand.memory.failOnce(HEAD, new AssertionError("a bug"));
				fail();
			}
		}

		@Override
		public void logging(Session session, RequestEnd end) {
			if (isVictim(session)) {
				PanicWhileAnsweringTests.this.ends.add(end);
			}
		}

		private static boolean isVictim(Session session) {
			return session.request().path().equals("/hello") && !session.request().hasHeader("x-later");
		}

	}

	private final class Anticipating extends Failing {

		@Override
		void fail() throws ProxyException {
			throw ProxyException.internal(ErrorType.httpStatus(418), "no tea");
		}

	}

	private final class Panicking extends Failing {

		@Override
		void fail() {
			throw new IllegalStateException("a bug");
		}

	}

	private MemoryStand stand(Failing filter, PanicResponse panicResponse) {
		MemoryStand stand = new MemoryStand(this.origin, filter, panicResponse);
		filter.stand = stand;
		return stand;
	}

	private void assertOnlyTheVictimIsReset(MemoryStand stand) {
		try (Bystanders bystanders = Bystanders.start(stand.portOfOthers(), 20);
				RawClient beside = RawClient.connect(stand.port());
				RawClient victim = RawClient.connect(stand.port())) {
			assertThat(victim.get("/hello").awaitEnd()).isEqualTo(End.RESET);
			assertThat(victim.received()).isEmpty();
			assertThat(stand.memory.hasFailed()).isTrue();
			beside.send("GET /hello HTTP/1.1\r\nHost: a\r\nX-Later: yes\r\n\r\n");
			assertThat(beside.readResponse().text()).isEqualTo("hello");
			bystanders.awaitProgress(2);
			bystanders.assertUndisturbed();
		}
		Await.until("all requests have ended", () -> stand.engine.activeRequests() == 0);
		assertThat(this.released).hasValue(1);
		assertThat(this.ends).singleElement().extracting(RequestEnd::outcome).isEqualTo(RequestOutcome.PANIC);
		int connection = this.origin.requests()
			.stream()
			.filter((request) -> request.path().equals("/hello") && request.header("x-later") == null)
			.findFirst()
			.orElseThrow()
			.connection();
		assertThat(this.origin.awaitClosed(connection)).isNotEqualTo(End.OPEN);
	}

	private static long panics(MemoryStand stand, String phase, String filter) {
		return stand.isolation.totals().total(new PanicTotals.Key(phase, filter, "r"));
	}

	@ParameterizedTest
	@EnumSource(PanicResponse.class)
	void panicWhileAnErrorIsAnsweredEndsInAReset(PanicResponse panicResponse) {
		try (MemoryStand stand = stand(new Anticipating(), panicResponse)) {
			assertOnlyTheVictimIsReset(stand);
			assertThat(panics(stand, PanicSite.ENGINE, PanicTotals.NONE)).isOne();
			assertThat(stand.panics()).isOne();
		}
		RequestEnd end = this.ends.remove();
		assertThat(end.error()).isNotNull().extracting(ProxyException::status).isEqualTo(418);
		assertThat(end.panic()).isNotNull();
	}

	/** It counts beside the one that it should have told of. */
	@Test
	void panicOfTheErrorPageEndsInAReset() {
		try (MemoryStand stand = stand(new Panicking(), PanicResponse.ERROR_PAGE)) {
			assertOnlyTheVictimIsReset(stand);
			assertThat(panics(stand, "upstreamResponseFilter", "f")).isOne();
			assertThat(stand.panics()).isEqualTo(2);
		}
		assertThat(this.ends.remove().panic()).isNotNull()
			.extracting((panic) -> panic.site().phase())
			.isEqualTo("upstreamResponseFilter");
	}

}
