package dev.pingora.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.connector.PoolOptions;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RequestSummary;
import dev.pingora.http.BodyChunk;
import dev.pingora.http.RequestHeader;
import dev.pingora.protocol.ClientLimits;
import dev.pingora.proxy.FailedAttempt;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whose time it is while a client waits for 100 (Continue), RFC 9110 section 10.1.1: the
 * peer's, until it says so or the client begins anyway; and always somebody's.
 */
@ExtendWith(EngineExtension.class)
class ContinueTests {

	private static final Duration SHORT = Duration.ofMillis(200);

	/** Nothing here takes so long, and no client waits for so long. */
	private static final Duration LONG = Duration.ofMinutes(1);

	private static final String POST = "POST /test HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n";

	private static final String FIVE = POST + "Content-Length: 5\r\n\r\n";

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private final List<RequestSummary> finished = new CopyOnWriteArrayList<>();

	private final class Noting implements ProxyListener {

		@Override
		public void requestFinished(FinishedRequest request) {
			ContinueTests.this.finished.add(request.summary());
		}

	}

	private Proxies proxies(Duration upstream, Duration downstream) {
		return Proxies.to(this.origin)
			.with((it) -> it.proxyListener(new Noting()))
			.peer((it) -> it.readTimeout(upstream))
			.downstream((it) -> it.readTimeout(downstream));
	}

	private void failed(ErrorSource source, ErrorType type) {
		Await.until("the end", () -> this.finished.size() == 1);
		ProxyException error = Objects.requireNonNull(this.finished.get(0).error());
		assertThat(error.source()).isEqualTo(source);
		assertThat(error.type()).isEqualTo(type);
	}

	private static void notTooEarly(Runnable task) {
		long start = System.nanoTime();
		task.run();
		assertThat(System.nanoTime() - start).isGreaterThan(SHORT.toNanos() / 2);
	}

	private void onSomeScale(Predicate<Duration> attempt) {
		Await.onSomeScale((time) -> {
			this.finished.clear(); // the server of the attempt before has ended
			return attempt.test(time);
		});
	}

	/** More time than a timeout. */
	private boolean finishesWithin(Duration timeout) {
		return Await.poll(timeout.multipliedBy(2), () -> !this.finished.isEmpty());
	}

	private static boolean isTimeout(RawResponse response) {
		return response.status() == 408 || response.status() == 504;
	}

	/** The last octets of the body leave the peer so little time as all its answers. */
	private static boolean answers(RawClient client, String last) {
		RawResponse response = client.send(last).readResponse();
		if (isTimeout(response)) {
			return false;
		}
		assertThat(response.text()).isEqualTo("hello");
		return true;
	}

	@Test
	void silentPeerIsGatewayTimeout() {
		this.origin.on("/test", (exchange) -> exchange.hang());
		try (ProxyServer server = proxies(SHORT, LONG).start(); RawClient client = Proxies.connect(server)) {
			notTooEarly(() -> {
				RawResponse response = client.send(FIVE).readResponse();
				assertThat(response.status()).isEqualTo(504);
				assertThat(response.headers().lists("connection", "close")).isTrue();
			});
			failed(ErrorSource.UPSTREAM, ErrorType.READ_TIMEDOUT);
		}
	}

	@Test
	void silentPeerThatMayTakeLongerThanTheClientIsGatewayTimeoutToo() {
		this.origin.on("/test", (exchange) -> exchange.hang());
		try (ProxyServer server = proxies(SHORT.multipliedBy(3), SHORT).start();
				RawClient client = Proxies.connect(server)) {
			assertThat(client.send(FIVE).readResponse().status()).isEqualTo(504);
			failed(ErrorSource.UPSTREAM, ErrorType.READ_TIMEDOUT);
		}
	}

	@Test
	void clientThatIsSilentAfterContinueIsRequestTimeout() {
		this.origin.on("/test", (exchange) -> {
			exchange.interim(100);
			exchange.hang();
		});
		onSomeScale((time) -> {
			try (ProxyServer server = proxies(time, time.multipliedBy(2)).start();
					RawClient client = Proxies.connect(server)) {
				RawResponse response = client.send(FIVE).readResponse();
				if (response.interim().isEmpty()) {
					return false;
				}
				assertThat(response.status()).isEqualTo(408);
				failed(ErrorSource.DOWNSTREAM, ErrorType.READ_TIMEDOUT);
				return true;
			}
		});
	}

	@Test
	void clientThatIsSilentAfterContinueIsTooSlow() {
		this.origin.on("/test", (exchange) -> {
			exchange.interim(100);
			exchange.hang();
		});
		ClientLimits limits = ClientLimits.defaults().withMinBodyRate(1000).withRateGrace(SHORT);
		try (ProxyServer server = proxies(LONG, LONG).downstream((it) -> it.limits(limits)).start();
				RawClient client = Proxies.connect(server)) {
			notTooEarly(() -> {
				assertThat(client.send(FIVE).readInterim().status()).isEqualTo(100);
				assertThat(client.readResponse().status()).isEqualTo(408);
			});
			failed(ErrorSource.DOWNSTREAM, ErrorType.READ_TOO_SLOW);
		}
	}

	@Test
	void peerThatShowsThatItWorksMayTakeLonger() {
		onSomeScale((time) -> {
			this.origin.on("/test", (exchange) -> {
				for (int i = 0; i < 5; i++) {
					exchange.pause(time.dividedBy(2));
					exchange.interim(102);
				}
				exchange.interim(100);
				exchange.respond(200, exchange.readBody());
			});
			try (ProxyServer server = proxies(time, time).start(); RawClient client = Proxies.connect(server)) {
				client.send(FIVE);
				for (int i = 0; i < 5; i++) {
					RawResponse interim = client.readInterim();
					if (isTimeout(interim)) {
						return false;
					}
					assertThat(interim.status()).isEqualTo(102);
				}
				RawResponse last = client.readInterim();
				assertThat(last.status()).isIn(100, 504);
				return last.status() == 100 && answers(client, "hello");
			}
		});
	}

	@Test
	void peerThatFallsSilentAfterAnotherInterimResponseIsGatewayTimeout() {
		this.origin.on("/test", (exchange) -> {
			exchange.interim(102);
			exchange.hang();
		});
		onSomeScale((time) -> {
			try (ProxyServer server = proxies(time, LONG).start(); RawClient client = Proxies.connect(server)) {
				List<RawResponse> interim = new ArrayList<>();
				notTooEarly(() -> {
					RawResponse response = client.send(FIVE).readResponse();
					assertThat(response.status()).isEqualTo(504);
					interim.addAll(response.interim());
				});
				failed(ErrorSource.UPSTREAM, ErrorType.READ_TIMEDOUT);
				return !interim.isEmpty();
			}
		});
	}

	@Test
	void clientThatDoesNotWaitHasItsTime() {
		this.origin.on("/test", (exchange) -> exchange.respond(200, exchange.readBody()));
		onSomeScale((time) -> {
			try (ProxyServer server = proxies(time, LONG).start(); RawClient client = Proxies.connect(server)) {
				client.send(FIVE + "he");
				assertThat(finishesWithin(time)).isFalse();
				return answers(client, "llo");
			}
		});
	}

	@Test
	void clientThatStopsWaitingHasItsTime() {
		this.origin.on("/test", (exchange) -> exchange.respond(200, exchange.readBody()));
		onSomeScale((time) -> {
			try (ProxyServer server = proxies(time, LONG).start(); RawClient client = Proxies.connect(server)) {
				int next = (int) this.origin.requestCount() + 1;
				client.send(FIVE);
				this.origin.awaitRequest(next);
				client.send("he");
				return !finishesWithin(time) && answers(client, "llo");
			}
		});
	}

	@Test
	void clientThatDoesNotWaitAndStopsIsRequestTimeout() {
		this.origin.on("/test", (exchange) -> exchange.respond(200, exchange.readBody()));
		try (ProxyServer server = proxies(LONG, SHORT).start(); RawClient client = Proxies.connect(server)) {
			notTooEarly(() -> assertThat(client.send(FIVE + "he").readResponse().status()).isEqualTo(408));
			failed(ErrorSource.DOWNSTREAM, ErrorType.READ_TIMEDOUT);
		}
	}

	// The peer has got nothing of the body, but the client sends it.
	@Test
	void filterThatKeepsTheBodyBackCostsThePeerNothing() {
		this.origin.on("/test", (exchange) -> exchange.respond(200, exchange.readBody()));
		ProxyFilter filter = new ProxyFilter() {

			@Override
			public void requestBodyFilter(Session session, BodyChunk chunk) {
				if (!chunk.isLast()) {
					chunk.clear();
				}
			}

		};
		onSomeScale((time) -> {
			try (ProxyServer server = proxies(time, LONG).filter(filter).start();
					RawClient client = Proxies.connect(server)) {
				client.send(POST + "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n");
				assertThat(finishesWithin(time)).isFalse();
				int status = client.send("3\r\nllo\r\n0\r\n\r\n").readResponse().status();
				assertThat(status).isIn(200, 504);
				return status == 200;
			}
		});
	}

	@Test
	void clientWhoseExpectationWasNotPassedOnIsRequestTimeout() {
		this.origin.on("/test", (exchange) -> exchange.respond(200, exchange.readBody()));
		ProxyFilter filter = new ProxyFilter() {

			@Override
			public void upstreamRequestFilter(Session session, RequestHeader request) {
				request.headers().remove("expect");
			}

		};
		try (ProxyServer server = proxies(LONG, SHORT).filter(filter).start();
				RawClient client = Proxies.connect(server)) {
			notTooEarly(() -> assertThat(client.send(FIVE).readResponse().status()).isEqualTo(408));
			failed(ErrorSource.DOWNSTREAM, ErrorType.READ_TIMEDOUT);
		}
	}

	@Test
	void emptyExpectationIsNone() {
		this.origin.on("/test", (exchange) -> exchange.hang());
		try (ProxyServer server = proxies(LONG, SHORT).start(); RawClient client = Proxies.connect(server)) {
			String empty = "POST /test HTTP/1.1\r\nHost: a\r\nExpect:\r\nContent-Length: 5\r\n\r\n";
			notTooEarly(() -> assertThat(client.send(empty).readResponse().status()).isEqualTo(408));
			failed(ErrorSource.DOWNSTREAM, ErrorType.READ_TIMEDOUT);
		}
	}

	// The final answer says what the client waited for; its body has the peer's time.
	@Test
	void clientThatIsRefusedMayReadTheAnswerForLong() {
		CountDownLatch go = new CountDownLatch(1);
		this.origin.on("/test", (exchange) -> {
			exchange.head(413, "Content-Length: 2");
			exchange.await(go);
			exchange.write("no".getBytes());
		});
		try (ProxyServer server = proxies(LONG, SHORT).start(); RawClient client = Proxies.connect(server)) {
			assertThat(client.send(FIVE).readHead().status()).isEqualTo(413);
			assertThat(finishesWithin(SHORT)).isFalse();
			go.countDown();
			assertThat(client.read(2)).isEqualTo("no".getBytes());
		}
	}

	@Test
	void secondPeerIsWaitedForLikeTheFirst() {
		onSomeScale((time) -> {
			long before = this.origin.requestCount();
			failFirst(time);
			try (ProxyServer server = proxies(time.multipliedBy(3), time).filter(new Retrying(false)).start();
					RawClient client = Proxies.connect(server).patience(Await.PATIENCE)) {
				RawResponse interim = client.send(FIVE).readInterim();
				if (isTimeout(interim)) {
					return false;
				}
				assertThat(interim.status()).isEqualTo(100);
				assertThat(this.origin.requestCount() - before).isEqualTo(2);
				return answers(client, "hello");
			}
		});
	}

	@Test
	void clientIsWaitedForIfTheSecondPeerIsNotTold() {
		failFirst(SHORT);
		try (ProxyServer server = proxies(LONG, SHORT.multipliedBy(3)).filter(new Retrying(true)).start();
				RawClient client = Proxies.connect(server)) {
			notTooEarly(() -> assertThat(client.send(FIVE).readResponse().status()).isEqualTo(408));
			failed(ErrorSource.DOWNSTREAM, ErrorType.READ_TIMEDOUT);
			assertThat(this.origin.requestCount()).isEqualTo(2);
		}
	}

	private void failFirst(Duration time) {
		long first = this.origin.requestCount() + 1;
		this.origin.on("/test", (exchange) -> {
			boolean fails = this.origin.requestCount() == first;
			exchange.pause(time.multipliedBy(2));
			if (fails) {
				exchange.reset();
				return;
			}
			exchange.interim(100);
			exchange.respond(200, exchange.readBody());
		});
	}

	@Test
	void silentPeerOfAnotherLoopIsGatewayTimeout() {
		this.origin.on("/test", (exchange) -> exchange.hang());
		this.origin.on("/continue", (exchange) -> {
			exchange.interim(100);
			exchange.respond(200, exchange.readBody());
		});
		PoolOptions patient = new PoolOptions(100, true, Duration.ofSeconds(5));
		onSomeScale((time) -> {
			int before = this.origin.acceptedConnections();
			try (ProxyServer server = proxies(time, LONG).with((it) -> it.threads(2).upstreamPool(patient)).start();
					RawClient first = Proxies.connect(server);
					RawClient second = Proxies.connect(server)) {
				if (!continuesOnAnotherLoop(server, first, second, time)) {
					return false;
				}
				this.finished.clear();
				notTooEarly(() -> assertThat(second.send(FIVE).readResponse().status()).isEqualTo(504));
				failed(ErrorSource.UPSTREAM, ErrorType.READ_TIMEDOUT);
				assertThat(this.origin.acceptedConnections() - before).isOne();
				return true;
			}
		});
	}

	private static boolean continuesOnAnotherLoop(ProxyServer server, RawClient first, RawClient second,
			Duration time) {
		if (isTimeout(first.get("/hello").readResponse())) {
			return false;
		}
		Await.until("the connection is idle", () -> server.pools().get(0).idle() == 1);
		RawResponse interim = second.send(FIVE.replace("/test", "/continue")).readInterim();
		if (isTimeout(interim)) {
			return false;
		}
		assertThat(interim.status()).isEqualTo(100);
		assertThat(Await.poll(time.multipliedBy(2), second::hasInput)).isFalse();
		if (!answers(second, "hello")) {
			return false;
		}
		Await.until("the connection is idle", () -> server.pools().get(0).idle() == 1);
		return true;
	}

	/** Asks once more, and may keep from the second peer what the client expects. */
	private record Retrying(boolean keepBack) implements ProxyFilter {

		@Override
		public void upstreamRequestFilter(Session session, RequestHeader request) {
			if (this.keepBack && session.attempts() > 1) {
				request.headers().remove("expect");
			}
		}

		@Override
		public ProxyException errorWhileProxy(Session session, FailedAttempt failure) {
			return failure.error().retryable();
		}

	}

}
