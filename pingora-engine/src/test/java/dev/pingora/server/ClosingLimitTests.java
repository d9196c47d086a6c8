package dev.pingora.server;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RejectedRequest;
import dev.pingora.event.RequestOutcome;
import dev.pingora.protocol.ClientLimits;
import dev.pingora.protocol.ClosingLimit;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.transport.SocketOptions;
import dev.pingora.transport.Transport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A connection that a limit closes while no request is there to fail by it is counted:
 * once, by the limit.
 */
@ExtendWith(EngineExtension.class)
class ClosingLimitTests {

	private static final Duration SHORT = Duration.ofMillis(300);

	/**
	 * Fits into the proxy's write buffer, so that the request ends, but not into the
	 * kernels' small ones, so that there is something that the client does not read.
	 */
	private static final int SIZE = 400_000;

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private final List<RequestOutcome> finished = new CopyOnWriteArrayList<>();

	private final List<String> rejected = new CopyOnWriteArrayList<>();

	private final class Noting implements ProxyListener {

		@Override
		public void requestFinished(FinishedRequest request) {
			ClosingLimitTests.this.finished.add(request.outcome());
		}

		@Override
		public void requestRejected(RejectedRequest request) {
			ClosingLimitTests.this.rejected.add(request.error().type().name());
		}

	}

	private Proxies proxies(Consumer<DownstreamOptions.Builder> downstream) {
		return Proxies.to(this.origin).downstream(downstream).with((it) -> it.proxyListener(new Noting()));
	}

	private static Map<ClosingLimit, Long> closed(ProxyServer server) {
		return server.listeners().get(0).closed();
	}

	private static void assertClosedOnceBy(ClosingLimit limit, ProxyServer server) {
		Await.until("the connection is gone", () -> server.listeners().get(0).connections() == 0);
		Await.until("the connection is counted", () -> closed(server).get(limit) == 1);
		assertThat(closed(server).values().stream().mapToLong(Long::longValue).sum()).isOne();
		assertThat(closed(server)).containsOnlyKeys(ClosingLimit.values());
	}

	private void assertNobodyIsToldOfAFailure() {
		assertThat(this.finished).isSubsetOf(RequestOutcome.PROXIED);
		assertThat(this.rejected).isEmpty();
	}

	private void assertUnreadRestIsReset(Transport transport, Consumer<DownstreamOptions.Builder> downstream,
			ClosingLimit limit) {
		try (ProxyServer server = proxies(downstream).with((it) -> it.transport(transport))
			.listener((it) -> it.socket(SocketOptions.downstream().toBuilder().sendBuffer(4096).build()))
			.start(); RawClient client = RawClient.connect("127.0.0.1", server.port("http"), 4096)) {
			client.get("/bytes?n=" + SIZE);
			Await.until("the request has ended", () -> !this.finished.isEmpty());
			assertClosedOnceBy(limit, server);
			assertThat(client.awaitEnd()).isEqualTo(End.RESET);
			assertThat(client.received()).hasSizeLessThan(SIZE);
			assertNobodyIsToldOfAFailure();
		}
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void clientThatDoesNotReadTheRestOfAResponse(Transport transport) {
		assertUnreadRestIsReset(transport, (it) -> it.writeTimeout(SHORT), ClosingLimit.WRITE_TIMEDOUT);
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void clientThatReadsTheRestOfAResponseTooSlowly(Transport transport) {
		ClientLimits fast = ClientLimits.defaults().withMinResponseRate(1 << 30).withRateGrace(SHORT);
		assertUnreadRestIsReset(transport, (it) -> it.limits(fast), ClosingLimit.WRITE_TOO_SLOW);
	}

	/** The connection is idle at first, and what ends it counts. */
	@Test
	void clientThatIsIdleButHasNotReadItsResponse() {
		assertUnreadRestIsReset(Transport.AUTO, (it) -> it.idleTimeout(Duration.ofMillis(50)).writeTimeout(SHORT),
				ClosingLimit.WRITE_TIMEDOUT);
	}

	@Test
	void clientThatIsIdle() {
		try (ProxyServer server = proxies((it) -> it.idleTimeout(SHORT)).start();
				RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			assertThat(client.readAll()).isEmpty();
			assertClosedOnceBy(ClosingLimit.IDLE_TIMEOUT, server);
			assertNobodyIsToldOfAFailure();
		}
	}

	@Test
	void clientThatNeverSpeaks() {
		try (ProxyServer server = proxies((it) -> it.headerTimeout(SHORT)).start();
				RawClient client = Proxies.connect(server)) {
			assertThat(client.readAll()).isEmpty();
			assertClosedOnceBy(ClosingLimit.NEVER_SPOKE, server);
			assertNobodyIsToldOfAFailure();
		}
	}

	@Test
	void clientThatHasHadAllItsRequests() {
		try (ProxyServer server = proxies((it) -> it.limits(ClientLimits.defaults().withMaxKeepaliveRequests(2)))
			.start(); RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			assertThat(closed(server)).containsEntry(ClosingLimit.MAX_KEEPALIVE_REQUESTS, 0L);
			client.get("/hello").readResponse();
			assertThat(client.readAll()).isEmpty();
			assertClosedOnceBy(ClosingLimit.MAX_KEEPALIVE_REQUESTS, server);
			assertNobodyIsToldOfAFailure();
		}
	}

	/** It is not the limit that ends a connection which its client ends. */
	@Test
	void clientThatWantsNoMoreRequestsIsNotCounted() {
		try (ProxyServer server = proxies((it) -> it.limits(ClientLimits.defaults().withMaxKeepaliveRequests(2)))
			.start(); RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			client.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").readResponse();
			assertThat(client.readAll()).isEmpty();
			assertNoneIsClosedByALimit(server);
		}
	}

	@Test
	void clientThatGoesAwayIsNotCounted() {
		try (ProxyServer server = proxies((it) -> {
		}).start()) {
			try (RawClient idle = Proxies.connect(server); RawClient silent = Proxies.connect(server)) {
				idle.get("/hello").readResponse();
				silent.shutdownOutput();
			}
			assertNoneIsClosedByALimit(server);
		}
	}

	@Test
	void requestThatIsRefusedIsToldAndNotCounted() {
		try (ProxyServer server = proxies((it) -> it.headerTimeout(Duration.ofSeconds(2))).start();
				RawClient client = Proxies.connect(server)) {
			assertThat(client.send("GET").readResponse().status()).isEqualTo(408);
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			assertNoneIsClosedByALimit(server);
			assertThat(this.rejected).containsExactly("read_timedout");
		}
	}

	private static void assertNoneIsClosedByALimit(ProxyServer server) {
		Await.until("the connection is gone", () -> server.listeners().get(0).connections() == 0);
		try (RawClient other = Proxies.connect(server)) {
			other.get("/hello").readResponse(); // by when the loop has told of the end
		}
		assertThat(closed(server).values()).containsOnly(0L);
	}

}
