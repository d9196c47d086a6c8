package dev.pingora.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.RequestHeader;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.FailedAttempt;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.ProxyHttp;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.OriginExchange;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import dev.pingora.upstream.HttpPeer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * When an attempt is made again, and when it must not be: RFC 9110 section 9.2.2.
 */
@ExtendWith(EngineExtension.class)
class RetryTests {

	/** A connection that was used before dies as the next request arrives. */
	@AutoClose
	private final RawOrigin origin = RawOrigin.start(RetryTests::dieIfUsedBefore);

	private static void dieIfUsedBefore(OriginExchange exchange) throws Exception {
		if (exchange.request().order() == 1) {
			exchange.respond(200, exchange.readBody());
		}
		else if (exchange.request().parameter("fin", 0) == 1) {
			exchange.finish();
		}
		else {
			exchange.reset();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "/x?fin=1", "/x" })
	void getOnAStaleConnectionIsRetriedTransparently(String target) {
		try (ProxyServer server = Proxies.to(this.origin).start(); RawClient client = Proxies.connect(server)) {
			client.get("/first").readResponse();
			assertThat(client.get(target).readResponse().status()).isEqualTo(200);
			assertThat(this.origin.requests()).extracting((request) -> request.connection() + "." + request.order())
				.containsExactly("1.1", "1.2", "2.1");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "POST", "PATCH", "M-SEARCH" })
	void whatIsNotIdempotentIsSentAtMostOnce(String method) {
		try (ProxyServer server = Proxies.to(this.origin).start(); RawClient client = Proxies.connect(server)) {
			client.get("/first").readResponse();
			client.send(method + " /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
			assertThat(client.readResponse().status()).isEqualTo(502);
			assertThat(this.origin.requestCount()).isEqualTo(2);
		}
	}

	/** What counts is what was sent, not what was received. */
	@Test
	void getThatAFilterHasMadeAPostIsSentAtMostOnce() {
		ProxyFilter posting = new ProxyFilter() {
			@Override
			public void upstreamRequestFilter(Session session, RequestHeader upstreamRequest) {
				upstreamRequest.setMethod("POST");
			}
		};
		try (ProxyServer server = Proxies.to(this.origin).filter(posting).start();
				RawClient client = Proxies.connect(server)) {
			client.get("/first").readResponse();
			assertThat(client.get("/x").readResponse().status()).isEqualTo(502);
			assertThat(this.origin.requestCount()).isEqualTo(2);
		}
	}

	@Test
	void whatWasNotSentAtAllIsSentElsewhereWhateverItIs() {
		CountDownLatch taken = new CountDownLatch(1);
		this.origin.on("/ends", (exchange) -> {
			exchange.respond(200, "ends");
			exchange.await(taken);
			exchange.finish();
		});
		ProxyFilter slow = new ProxyFilter() {
			@Override
			@Blocking
			public void connectedToUpstream(Session session, HttpPeer peer, boolean reused) {
				if (reused) {
					taken.countDown();
					RetryTests.this.origin.awaitClosed(1);
				}
			}
		};
		try (ProxyServer server = Proxies.to(this.origin).filter(slow).start();
				RawClient client = Proxies.connect(server)) {
			client.get("/ends").readResponse();
			client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
			assertThat(client.readResponse().text()).isEqualTo("hi");
			assertThat(this.origin.requestCount()).isEqualTo(2);
		}
	}

	// Nobody would send the rest of the body, so the second attempt would wait for ever.
	@ParameterizedTest
	@CsvSource({ "'Content-Length: 5\r\n\r\nhe', 408", "'Transfer-Encoding: chunked\r\n\r\nx\r\n', 400" })
	void whatTheClientFailsToSendIsNotAskedForAgain(String rest, int status) {
		ProxyFilter eager = new ProxyFilter() {
			@Override
			public ProxyException errorWhileProxy(Session session, FailedAttempt failure) {
				return failure.error().retryable();
			}
		};
		try (ProxyServer server = Proxies.to(this.origin)
			.filter(eager)
			.downstream((it) -> it.readTimeout(Duration.ofMillis(200)))
			.start(); RawClient client = Proxies.connect(server)) {
			client.send("PUT /x HTTP/1.1\r\nHost: a\r\n" + rest);
			assertThat(client.readResponse().status()).isEqualTo(status);
			assertThat(this.origin.acceptedConnections()).isLessThan(2);
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 60_000 })
	void putOnAStaleConnectionIsReplayed(int size) {
		byte[] body = Octets.pattern(size);
		try (ProxyServer server = Proxies.to(this.origin).start(); RawClient client = Proxies.connect(server)) {
			client.get("/first").readResponse();
			client.send("PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: " + size + "\r\n\r\n").send(body);
			assertThat(client.readResponse().body()).isEqualTo(body);
			assertThat(this.origin.requestCount()).isEqualTo(3);
		}
	}

	@Test
	void chunkedPutOnAStaleConnectionIsReplayed() {
		try (ProxyServer server = Proxies.to(this.origin).start(); RawClient client = Proxies.connect(server)) {
			client.get("/first").readResponse();
			client.send("PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
			this.origin.awaitRequest(3);
			assertThat(client.send("2\r\nde\r\n0\r\n\r\n").readResponse().text()).isEqualTo("abcde");
		}
	}

	@Test
	void bodyBeyondTheReplayLimitIsNotRetried() {
		CountDownLatch sent = new CountDownLatch(1);
		this.origin.on("/late", (exchange) -> {
			exchange.await(sent);
			exchange.reset();
		});
		try (ProxyServer server = Proxies.to(this.origin)
			.with((it) -> it.retries(new RetryOptions(3, Duration.ofSeconds(10), 1000)))
			.start(); RawClient client = Proxies.connect(server)) {
			client.get("/first").readResponse();
			client.send("PUT /late HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n").send(Octets.pattern(1500));
			this.origin.awaitRequest(2);
			client.send(Octets.pattern(500));
			sent.countDown();
			assertThat(client.readResponse().status()).isEqualTo(502);
			assertThat(this.origin.requestCount()).isEqualTo(2);
		}
	}

	/** Nothing is left of what has outgrown the buffer, so nobody gets the rest of it. */
	@ParameterizedTest
	@CsvSource({ "65536, 200", "65537, 502" })
	void whatTheBufferHoldsIsReplayedWholeAndWhatItDoesNotIsNotSentAgain(int size, int status) {
		byte[] body = Octets.pattern(size);
		this.origin.on("/read", (exchange) -> {
			byte[] read = exchange.readBody();
			if (exchange.request().order() == 1) {
				exchange.respond(200, read);
			}
			else {
				exchange.reset();
			}
		});
		try (ProxyServer server = Proxies.to(this.origin).start(); RawClient client = Proxies.connect(server)) {
			client.get("/first").readResponse();
			client.send("PUT /read HTTP/1.1\r\nHost: a\r\nContent-Length: " + size + "\r\n\r\n").send(body);
			RawResponse response = client.readResponse();
			assertThat(response.status()).isEqualTo(status);
			assertThat(response.body()).isEqualTo((status == 200) ? body : new byte[0]);
			assertThat(this.origin.requestCount()).isEqualTo((status == 200) ? 3 : 2);
		}
	}

	@Test
	void noRetriesMeansNone() {
		try (ProxyServer server = Proxies.to(this.origin)
			.with((it) -> it.retries(new RetryOptions(0, Duration.ofSeconds(10), 1000)))
			.start(); RawClient client = Proxies.connect(server)) {
			client.get("/first").readResponse();
			assertThat(client.get("/x").readResponse().status()).isEqualTo(502);
		}
	}

	@Test
	void retryFindsAFreshConnectionAmongManyStaleOnes() {
		int many = 8;
		CountDownLatch all = new CountDownLatch(many);
		this.origin.on("/together", (exchange) -> {
			all.countDown();
			exchange.await(all);
			exchange.respond(200, "together");
		});
		try (ProxyServer server = Proxies.to(this.origin).start(); RawClient client = Proxies.connect(server)) {
			List<RawClient> clients = new ArrayList<>();
			for (int i = 0; i < many; i++) {
				clients.add(Proxies.connect(server).get("/together"));
			}
			clients.forEach((each) -> assertThat(each.readResponse().text()).isEqualTo("together"));
			clients.forEach(RawClient::close);
			assertThat(client.get("/x").readResponse().status()).isEqualTo(200);
		}
	}

	@Test
	void retryFitsIntoTheConnectionLimit() {
		try (ProxyServer server = Proxies.to(this.origin).peer((peer) -> peer.maxConnections(1)).start();
				RawClient client = Proxies.connect(server)) {
			client.get("/first").readResponse();
			assertThat(client.get("/x").readResponse().status()).isEqualTo(200);
		}
	}

	@Test
	void deadBackendBesideALiveOneIsNotNoticed() {
		int dead;
		try (RawOrigin gone = RawOrigin.start()) {
			dead = gone.port();
		}
		try (ProxyServer server = Proxies.to(dead, this.origin.port()).start();
				RawClient client = Proxies.connect(server)) {
			for (int i = 0; i < 10; i++) {
				assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
				client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
				assertThat(client.readResponse().text()).isEqualTo("hi");
			}
		}
	}

	@Test
	void retryGoesToABackendThatWasNotTriedHoweverMuchTheDeadOneWeighs() {
		int dead;
		try (RawOrigin gone = RawOrigin.start()) {
			dead = gone.port();
		}
		Upstream upstream = Upstream.of("u", List.of(new Backend(HttpPeer.of("127.0.0.1", dead), 5),
				Backend.of(HttpPeer.of("127.0.0.1", this.origin.port()))));
		Route route = Route.of("r", List.of(), upstream);
		try (ProxyServer server = Proxies.to().with((it) -> it.router((request, trace) -> route)).start();
				RawClient client = Proxies.connect(server)) {
			for (int i = 0; i < 12; i++) {
				assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			}
		}
	}

	@Test
	void responseThatHasBegunIsNotRetried() {
		this.origin.on("/begun", (exchange) -> {
			if (exchange.request().order() == 1) {
				exchange.respond(200, "first");
			}
			else {
				exchange.write("HTTP/1.1 2");
				exchange.finish();
			}
		});
		try (ProxyServer server = Proxies.to(this.origin).start(); RawClient client = Proxies.connect(server)) {
			client.get("/begun").readResponse();
			assertThat(client.get("/begun").readResponse().status()).isEqualTo(502);
			assertThat(this.origin.requestCount()).isEqualTo(2);
		}
	}

	// Pingora's example.

	private static final class Failover implements ProxyHttp<Failover.Context> {

		private final HttpPeer primary;

		private final HttpPeer secondary;

		private final boolean whileProxying;

		private final AtomicInteger attempts = new AtomicInteger();

		static final class Context {

			private int tries;

		}

		Failover(int primary, int secondary, boolean whileProxying) {
			this.primary = HttpPeer.of("127.0.0.1", primary);
			this.secondary = HttpPeer.of("127.0.0.1", secondary);
			this.whileProxying = whileProxying;
		}

		@Override
		public Context newContext() {
			return new Context();
		}

		@Override
		public HttpPeer upstreamPeer(Session session, Context context) {
			this.attempts.incrementAndGet();
			return (context.tries == 0) ? this.primary : this.secondary;
		}

		@Override
		public ProxyException failToConnect(Session session, HttpPeer peer, Context context, ProxyException error) {
			return (!this.whileProxying && context.tries++ == 0) ? error.retryable() : error;
		}

		@Override
		public ProxyException errorWhileProxy(Session session, FailedAttempt failure, Context context) {
			return (this.whileProxying && context.tries++ == 0) ? failure.error().retryable() : failure.error();
		}

	}

	@Test
	void failToConnectMaySendTheRequestElsewhere() {
		int dead;
		try (RawOrigin gone = RawOrigin.start()) {
			dead = gone.port();
		}
		Failover failover = new Failover(dead, this.origin.port(), false);
		try (ProxyServer server = Proxies.serve(failover); RawClient client = Proxies.connect(server)) {
			client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
			assertThat(client.readResponse().text()).isEqualTo("hi");
			assertThat(failover.attempts).hasValue(2);
		}
	}

	@Test
	void errorWhileProxyMaySendTheRequestElsewhere() {
		try (RawOrigin broken = RawOrigin.start((exchange) -> {
			exchange.readBody();
			exchange.reset();
		})) {
			Failover failover = new Failover(broken.port(), this.origin.port(), true);
			try (ProxyServer server = Proxies.serve(failover); RawClient client = Proxies.connect(server)) {
				client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
				assertThat(client.readResponse().text()).isEqualTo("hi");
				assertThat(failover.attempts).hasValue(2);
			}
		}
	}

	@Test
	void retriesOfAFilterAreBounded() {
		AtomicInteger failures = new AtomicInteger();
		ProxyFilter stubborn = new ProxyFilter() {
			@Override
			public ProxyException errorWhileProxy(Session session, FailedAttempt failure) {
				failures.incrementAndGet();
				return failure.error().retryable();
			}
		};
		try (ProxyServer server = Proxies.to(this.origin)
			.filter(stubborn)
			.with((it) -> it.retries(new RetryOptions(4, Duration.ofSeconds(10), 1000)))
			.start(); RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/reset").readResponse().status()).isEqualTo(502);
			assertThat(failures).hasValue(5);
			assertThat(this.origin.requestCount()).isEqualTo(5);
		}
	}

	@Test
	void retriesEndWithTheirBudget() {
		ProxyFilter stubborn = new ProxyFilter() {
			@Override
			public ProxyException errorWhileProxy(Session session, FailedAttempt failure) {
				return failure.error().retryable();
			}
		};
		this.origin.on("/slow-reset", (exchange) -> {
			exchange.pause(Duration.ofMillis(120));
			exchange.reset();
		});
		try (ProxyServer server = Proxies.to(this.origin)
			.filter(stubborn)
			.with((it) -> it.retries(new RetryOptions(16, Duration.ofMillis(100), 1000)))
			.start(); RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/slow-reset").readResponse().status()).isEqualTo(502);
			assertThat(this.origin.requestCount()).isOne();
		}
	}

	@Test
	void failureOfAFilterIsAnsweredWithItsStatus() {
		ProxyFilter refusing = new ProxyFilter() {
			@Override
			public void upstreamRequestFilter(Session session, RequestHeader request) throws ProxyException {
				throw ProxyException.internal(ErrorType.httpStatus(418), "no tea");
			}
		};
		try (ProxyServer server = Proxies.to(this.origin).filter(refusing).start();
				RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(418);
			assertThat(this.origin.requestCount()).isZero();
		}
	}

}
