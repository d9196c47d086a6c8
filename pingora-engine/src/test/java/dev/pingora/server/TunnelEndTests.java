package dev.pingora.server;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.pingora.event.RequestOutcome;
import dev.pingora.event.RequestSummary;
import dev.pingora.protocol.UpgradeOptions;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;
import dev.pingora.transport.Transport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The ways in which a tunnel ends.
 */
@ExtendWith(EngineExtension.class)
class TunnelEndTests {

	@AutoClose
	private final TunnelStand stand = new TunnelStand();

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void resetOfTheClientIsAResetOfThePeer(Transport transport) {
		try (ProxyServer server = this.stand.proxies().with((it) -> it.transport(transport)).start();
				TunnelStand.Ends ends = this.stand.tunnel(server)) {
			ends.client().abort();
			assertThat(ends.peer().awaitEnd()).isEqualTo(End.RESET);
			assertThat(this.stand.awaitFinished().outcome()).isEqualTo(RequestOutcome.ABORTED);
		}
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void resetOfThePeerIsAResetOfTheClient(Transport transport) {
		try (ProxyServer server = this.stand.proxies().with((it) -> it.transport(transport)).start();
				TunnelStand.Ends ends = this.stand.tunnel(server)) {
			ends.peer().abort();
			assertThat(ends.client().awaitEnd()).isEqualTo(End.RESET);
			assertThat(this.stand.awaitFinished().outcome()).isEqualTo(RequestOutcome.ERROR);
		}
	}

	@Test
	void peerThatIsGoneAfterItsEndIsNoFailure() {
		try (ProxyServer server = this.stand.proxies().start(); TunnelStand.Ends ends = this.stand.tunnel(server)) {
			ends.peer().send("last words").close();
			assertThat(Octets.latin1(ends.client().readAll())).isEqualTo("last words");
			sendUntilFinished(ends.client());
			assertThat(this.stand.awaitFinished().outcome()).isEqualTo(RequestOutcome.PROXIED);
		}
	}

	@Test
	void clientThatIsGoneAfterItsEndIsNoFailure() {
		try (ProxyServer server = this.stand.proxies().start(); TunnelStand.Ends ends = this.stand.tunnel(server)) {
			ends.client().send("last words").close();
			assertThat(Octets.latin1(ends.peer().readAll())).isEqualTo("last words");
			sendUntilFinished(ends.peer());
			assertThat(this.stand.awaitFinished().outcome()).isEqualTo(RequestOutcome.PROXIED);
			assertThat(ends.peer().awaitEnd()).isNotEqualTo(End.OPEN);
		}
	}

	// The first octets cause a reset, which the next ones meet.
	private void sendUntilFinished(RawClient side) {
		Await.until("the end of the request", () -> {
			try {
				side.send("nobody");
			}
			catch (UncheckedIOException ended) {
				return !this.stand.finished().isEmpty();
			}
			return !this.stand.finished().isEmpty();
		});
	}

	@Test
	void sideThatStaysSilentAfterTheOthersEndIsClosed() {
		UpgradeOptions options = UpgradeOptions.defaults().withHalfCloseTimeout(Duration.ofMillis(200));
		try (ProxyServer server = this.stand.proxies(options).start();
				TunnelStand.Ends ends = this.stand.tunnel(server)) {
			ends.client().shutdownOutput();
			assertThat(ends.client().awaitEnd()).isEqualTo(End.FIN);
			assertThat(ends.peer().awaitEnd()).isEqualTo(End.FIN);
			RequestSummary end = this.stand.awaitFinished();
			assertThat(end.outcome()).isEqualTo(RequestOutcome.PROXIED);
			assertThat(end.timings().total()).isGreaterThan(Duration.ofMillis(190).toNanos());
		}
	}

	@Test
	void silenceEndsTheTunnelAndOctetsOfEitherSideKeepItOpen() {
		Await.onSomeScale((time) -> {
			this.stand.finished().clear();
			UpgradeOptions options = UpgradeOptions.defaults().withIdleTimeout(time);
			try (ProxyServer server = this.stand.proxies(options).start();
					TunnelStand.Ends ends = this.stand.tunnel(server)) {
				if (!staysOpen(ends.client(), time) || !staysOpen(ends.peer(), time)) {
					return false;
				}
				assertThat(ends.client().awaitEnd()).isEqualTo(End.RESET);
				assertThat(ends.peer().awaitEnd()).isEqualTo(End.RESET);
				RequestSummary end = this.stand.awaitFinished();
				assertThat(end.outcome()).isEqualTo(RequestOutcome.ERROR);
				assertThat(String.valueOf(end.error()))
					.contains("no octet of either side within " + time.toMillis() + " ms");
				return true;
			}
		});
	}

	// One side sends for longer than the tunnel may be silent.
	private boolean staysOpen(RawClient side, Duration idleTimeout) {
		long start = System.nanoTime();
		boolean open = true;
		while (open && System.nanoTime() - start < idleTimeout.toNanos() * 3 / 2) {
			open = side.trySend(Octets.latin1("x"))
					&& !Await.poll(idleTimeout.dividedBy(8), () -> !this.stand.finished().isEmpty());
		}
		return open;
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void lifetimeEndsTheTunnelHoweverBusy(boolean client) {
		UpgradeOptions options = UpgradeOptions.defaults().withMaxLifetime(Duration.ofMillis(300));
		try (ProxyServer server = this.stand.proxies(options).start();
				TunnelStand.Ends ends = this.stand.tunnel(server)) {
			RawClient busy = client ? ends.client() : ends.peer();
			RawClient silent = client ? ends.peer() : ends.client();
			Await.until("the end of the request",
					() -> !busy.trySend(Octets.latin1("x")) || !this.stand.finished().isEmpty());
			assertThat(silent.awaitEnd()).isEqualTo(End.RESET);
			assertThat(silent.received()).isNotEmpty();
			RequestSummary end = this.stand.awaitFinished();
			assertThat(String.valueOf(end.error())).contains("open for 300 ms");
			assertThat(end.timings().total()).isGreaterThan(Duration.ofMillis(290).toNanos());
		}
	}

	@Test
	void timeoutsOfRequestsAndResponsesDoNotApply() {
		Await.onSomeScale((time) -> {
			this.stand.finished().clear();
			Proxies proxies = this.stand.proxies()
				.peer((it) -> it.readTimeout(time))
				.downstream((it) -> it.readTimeout(time).idleTimeout(time).headerTimeout(time).maxBodySize(10));
			try (ProxyServer server = proxies.start(); RawClient client = Proxies.connect(server)) {
				if (!client.trySend(Octets.latin1(TunnelStand.ASKED))
						|| !Await.poll(Await.PATIENCE, () -> server.activeRequests() > 0)) {
					return false;
				}
				try (RawClient peer = this.stand.accept()) {
					assertThat(TunnelStand.head(peer)).startsWith("GET /chat ");
					if (!peer.trySend(Octets.latin1(TunnelStand.AGREED)) || client.readHead().status() != 101) {
						return false;
					}
					assertThat(Await.poll(time.multipliedBy(3), () -> !this.stand.finished().isEmpty())).isFalse();
					new TunnelStand.Ends(client, peer).echo(Octets.pattern(1000));
					return true;
				}
			}
		});
	}

	@Test
	void drainLeavesTunnelsUntilTheGracePeriodIsOver() {
		try (ProxyServer server = this.stand.proxies().start(); TunnelStand.Ends ends = this.stand.tunnel(server)) {
			CompletableFuture<Integer> drained = CompletableFuture
				.supplyAsync(() -> server.drain(Duration.ofMinutes(1)));
			Await.until("the drain", () -> !server.isRunning());
			ends.echo(Octets.pattern(100_000));
			assertThat(drained).isNotDone();
			ends.client().abort();
			assertThat(drained.orTimeout(10, TimeUnit.SECONDS).join()).isZero();
		}
	}

	@Test
	void drainResetsTunnelsWhenTheGracePeriodIsOver() {
		try (ProxyServer server = this.stand.proxies().start(); TunnelStand.Ends ends = this.stand.tunnel(server)) {
			long start = System.nanoTime();
			CompletableFuture<Integer> drained = CompletableFuture
				.supplyAsync(() -> server.drain(Duration.ofMillis(200)));
			assertThat(ends.client().awaitEnd()).isEqualTo(End.RESET);
			assertThat(System.nanoTime() - start).isGreaterThan(Duration.ofMillis(190).toNanos());
			assertThat(ends.peer().awaitEnd()).isEqualTo(End.RESET);
			assertThat(drained.join()).isEqualTo(1);
		}
	}

	@Test
	void drainEndsWithItsTunnels() {
		try (ProxyServer server = this.stand.proxies().start(); TunnelStand.Ends ends = this.stand.tunnel(server)) {
			CompletableFuture<Integer> drained = CompletableFuture
				.supplyAsync(() -> server.drain(Duration.ofMinutes(1)));
			ends.client().shutdownOutput();
			ends.peer().shutdownOutput();
			assertThat(drained.orTimeout(10, TimeUnit.SECONDS).join()).isZero();
		}
	}

}
