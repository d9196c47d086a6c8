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
		UpgradeOptions options = UpgradeOptions.defaults().withIdleTimeout(Duration.ofMillis(400));
		try (ProxyServer server = this.stand.proxies(options).start();
				TunnelStand.Ends ends = this.stand.tunnel(server)) {
			long start = System.nanoTime();
			while (System.nanoTime() - start < 1_000_000_000L) {
				ends.client().send("x");
				ends.peer().read(1);
				Await.poll(Duration.ofMillis(50), () -> false);
			}
			assertThat(this.stand.finished()).isEmpty();
			assertThat(ends.client().awaitEnd()).isEqualTo(End.RESET);
			assertThat(ends.peer().awaitEnd()).isEqualTo(End.RESET);
			RequestSummary end = this.stand.awaitFinished();
			assertThat(end.outcome()).isEqualTo(RequestOutcome.ERROR);
			assertThat(String.valueOf(end.error())).contains("no octet of either side within 400 ms");
		}
	}

	@Test
	void lifetimeEndsTheTunnelHoweverBusy() {
		UpgradeOptions options = UpgradeOptions.defaults().withMaxLifetime(Duration.ofMillis(300));
		try (ProxyServer server = this.stand.proxies(options).start();
				TunnelStand.Ends ends = this.stand.tunnel(server)) {
			assertThat(ends.client().awaitEnd()).isEqualTo(End.RESET);
			assertThat(ends.peer().awaitEnd()).isEqualTo(End.RESET);
			assertThat(String.valueOf(this.stand.awaitFinished().error())).contains("open for 300 ms");
		}
	}

	@Test
	void timeoutsOfRequestsAndResponsesDoNotApply() {
		Proxies proxies = this.stand.proxies()
			.peer((it) -> it.readTimeout(Duration.ofMillis(100)))
			.downstream((it) -> it.readTimeout(Duration.ofMillis(100))
				.idleTimeout(Duration.ofMillis(100))
				.headerTimeout(Duration.ofMillis(100))
				.maxBodySize(10));
		try (ProxyServer server = proxies.start(); TunnelStand.Ends ends = this.stand.tunnel(server)) {
			Await.poll(Duration.ofMillis(400), () -> !this.stand.finished().isEmpty());
			ends.echo(Octets.pattern(1000));
		}
	}

	@Test
	void drainLeavesTunnelsUntilTheGracePeriodIsOverAndThenResetsThem() {
		try (ProxyServer server = this.stand.proxies().start(); TunnelStand.Ends ends = this.stand.tunnel(server)) {
			CompletableFuture<Integer> drained = CompletableFuture
				.supplyAsync(() -> server.drain(Duration.ofMillis(700)));
			Await.until("the drain", () -> !server.isRunning());
			ends.echo(Octets.pattern(100_000));
			assertThat(ends.client().awaitEnd()).isEqualTo(End.RESET);
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
