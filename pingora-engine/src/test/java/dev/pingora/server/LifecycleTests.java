package dev.pingora.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.pingora.connector.DnsOptions;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.Router;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.transport.Transport;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * How a server starts, how many clients it takes, and how it ends.
 */
@ExtendWith(EngineExtension.class)
class LifecycleTests {

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private final CountDownLatch gate = new CountDownLatch(1);

	private void installGate() {
		this.origin.on("/gated", (exchange) -> {
			exchange.await(this.gate);
			exchange.respond(200, "gated");
		});
	}

	@Test
	void serverDescribesWhatItWasBuiltFrom() {
		Route route = Route.of("r", List.of(), null);
		RetryOptions retries = new RetryOptions(1, Duration.ofSeconds(1), 0);
		ProxyServer server = ProxyServer.builder()
			.listener(ListenerOptions.builder("a", "127.0.0.1", 0).maxConnections(7).build())
			.retries(retries)
			.router(Router.to(route))
			.build();
		ServerDescription description = server.description();
		assertThat(description.eventLoops()).isEqualTo(Runtime.getRuntime().availableProcessors());
		assertThat(description.transport()).isEqualTo(Transport.AUTO);
		assertThat(description.retries()).isEqualTo(retries);
		assertThat(description.router().routes()).containsExactly(route);
		try (server) {
			assertThat(server.start().listeners()).extracting(BoundListener::maxConnections).containsExactly(7);
		}
	}

	@Test
	void drainLetsARequestInFlightFinish() {
		installGate();
		try (ProxyServer server = Proxies.to(this.origin).start(); RawClient client = Proxies.connect(server)) {
			client.get("/gated");
			this.origin.awaitRequest(1);
			CompletableFuture<Integer> drained = CompletableFuture
				.supplyAsync(() -> server.drain(Duration.ofSeconds(10)));
			Await.until("draining", () -> !server.isRunning());
			assertThat(server.activeRequests()).isOne();
			this.gate.countDown();
			assertThat(client.readResponse().text()).isEqualTo("gated");
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			assertThat(drained.join()).isZero();
		}
	}

	@Test
	void drainClosesIdleConnectionsAndRefusesNewOnes() {
		installGate();
		try (ProxyServer server = Proxies.to(this.origin).start();
				RawClient busy = Proxies.connect(server);
				RawClient idle = Proxies.connect(server);
				RawClient silent = Proxies.connect(server)) {
			int port = server.port("http");
			idle.get("/hello").readResponse();
			busy.get("/gated");
			this.origin.awaitRequest(2);
			CompletableFuture<Integer> drained = CompletableFuture
				.supplyAsync(() -> server.drain(Duration.ofSeconds(10)));
			assertThat(idle.readAll()).isEmpty();
			assertThat(silent.readAll()).isEmpty();
			Await.until("refusal", () -> isRefused(port));
			this.gate.countDown();
			assertThat(busy.readResponse().headers().lists("connection", "close")).isTrue();
			assertThat(drained.join()).isZero();
		}
	}

	@Test
	void whatIsLeftAfterTheGraceIsAbortedAndCounted() {
		try (ProxyServer server = Proxies.to(this.origin).start();
				RawClient first = Proxies.connect(server);
				RawClient second = Proxies.connect(server)) {
			first.get("/hang");
			second.get("/hang");
			this.origin.awaitRequest(2);
			assertThat(server.drain(Duration.ofMillis(100))).isEqualTo(2);
			assertThat(first.readResponse().status()).isEqualTo(503);
			assertThat(first.awaitEnd()).isEqualTo(End.FIN);
			assertThat(second.readResponse().status()).isEqualTo(503);
			assertThat(server.activeRequests()).isZero();
			assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
		}
	}

	@Test
	void drainOfAnIdleServerTakesNoTime() {
		try (ProxyServer server = Proxies.to(this.origin).start(); RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			assertThat(CompletableFuture.supplyAsync(() -> server.drain(Duration.ofMinutes(5))))
				.succeedsWithin(Await.PATIENCE)
				.isEqualTo(0);
			assertThat(server.drain(Duration.ofMinutes(5))).isZero();
		}
	}

	@Test
	void closeAbortsWhatIsInFlight() {
		ProxyServer server = Proxies.to(this.origin).start();
		try (RawClient client = Proxies.connect(server)) {
			client.get("/hang");
			this.origin.awaitRequest(1);
			server.close();
			assertThat(client.readResponse().status()).isEqualTo(503);
			server.close();
			assertThat(server.isRunning()).isFalse();
			assertThat(server.listeners()).isEmpty();
		}
	}

	@Test
	void portThatIsTakenFailsTheStartAndNothingIsLeft() throws IOException {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			ProxyServer server = Proxies.to(this.origin)
				.with((it) -> it.listener(ListenerOptions.of("free", "127.0.0.1", 0))
					.listener(ListenerOptions.of("taken", "127.0.0.1", taken.getLocalPort())))
				.build();
			assertThatExceptionOfType(ListenerBindException.class).isThrownBy(server::start).satisfies((thrown) -> {
				assertThat(thrown.listener()).isEqualTo("taken");
				assertThat(thrown.port()).isEqualTo(taken.getLocalPort());
				assertThat(thrown).hasMessageContaining("taken").hasMessageContaining(taken.getLocalPort() + "");
			});
			assertThat(server.isRunning()).isFalse();
			assertThat(server.listeners()).isEmpty();
		}
	}

	@Test
	void addressThatIsNotOursFailsTheStart() {
		ProxyServer server = Proxies.to(this.origin)
			.with((it) -> it.listener(ListenerOptions.of("foreign", "192.0.2.1", 0)))
			.build();
		assertThatExceptionOfType(ListenerBindException.class).isThrownBy(server::start);
	}

	// The event loops are there by then; those of io_uring can be counted.
	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void nameServerThatCannotBeAskedFailsTheStartAndNothingIsLeft(Transport transport) {
		DnsOptions dns = DnsOptions.builder().servers(InetSocketAddress.createUnresolved("dns.test", 53)).build();
		ProxyServer server = Proxies.to(this.origin).with((it) -> it.transport(transport).dns(dns)).build();
		assertThatIllegalArgumentException().isThrownBy(server::start).withMessageContaining("dns.test");
		assertThat(server.isRunning()).isFalse();
	}

	@Test
	void stepOfTheEndThatFailsKeepsNoOtherFromBeingMade() throws InterruptedException {
		AtomicReference<EventLoop> loop = new AtomicReference<>();
		ProxyServer server = Proxies.to(this.origin).with((it) -> ((ServerBuilder) it).upstreamLoop((home) -> {
			loop.set(home);
			return home;
		})).start();
		try (RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			loop.get().parent().shutdownGracefully(0, 5, TimeUnit.SECONDS).await();
			server.close(); // the pool can't be told any more
			assertThat(server.isolation().totals().total()).isPositive();
			assertThat(Thread.getAllStackTraces().keySet()).noneMatch((it) -> it.getName().equals("pingora-watchdog"));
		}
	}

	@Test
	void graceMayBeEndless() {
		try (ProxyServer server = Proxies.to(this.origin).start()) {
			assertThat(server.drain(ChronoUnit.FOREVER.getDuration())).isZero();
			assertThat(server.isRunning()).isFalse();
		}
	}

	@Test
	void serverThatWasNeverStartedClosesToo() {
		try (ProxyServer server = Proxies.to(this.origin).build()) {
			assertThat(server.isRunning()).isFalse();
			assertThatIllegalArgumentException().isThrownBy(() -> server.port("http"));
		}
	}

	/** Sends a request to the first listener as soon as it is bound. */
	private final class TooEarly extends AppenderBase<ILoggingEvent> {

		private final ProxyServer server;

		private @Nullable RawClient client;

		private boolean served;

		private boolean running;

		private int shown;

		private int seen;

		TooEarly(ProxyServer server) {
			this.server = server;
		}

		@Override
		protected void append(ILoggingEvent event) {
			if (!(event.getArgumentArray()[1] instanceof BoundListener bound)) {
				return;
			}
			this.seen++;
			if (this.client == null) {
				this.client = RawClient.connect(bound.port()).get("/hello");
				this.served = Await.poll(Duration.ofMillis(200),
						() -> !LifecycleTests.this.origin.requests().isEmpty());
			}
			this.running |= this.server.isRunning();
			this.shown += this.server.listeners().size();
		}

	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void nobodyIsServedBeforeAllListenersAreBound(Transport transport) {
		Logger logger = (Logger) LoggerFactory.getLogger(ProxyServer.class);
		try (ProxyServer server = Proxies.to(this.origin)
			.with((it) -> it.transport(transport).listener(ListenerOptions.of("other", "127.0.0.1", 0)))
			.build()) {
			TooEarly early = new TooEarly(server);
			early.start();
			logger.addAppender(early);
			logger.setAdditive(false);
			logger.setLevel(Level.INFO);
			try {
				server.start();
			}
			finally {
				logger.detachAppender(early);
				logger.setAdditive(true);
				logger.setLevel(null);
			}
			try (RawClient client = Objects.requireNonNull(early.client)) {
				assertThat(client.readResponse().status()).isEqualTo(200);
			}
			assertThat(early.seen).isEqualTo(2);
			assertThat(early.served).isFalse();
			assertThat(early.running).isFalse();
			assertThat(early.shown).isZero();
			assertThat(server.listeners()).hasSize(2);
		}
	}

	@Test
	void serverStartsOnce() {
		try (ProxyServer server = Proxies.to(this.origin).start()) {
			assertThatIllegalStateException().isThrownBy(server::start);
			assertThat(server.isRunning()).isTrue();
		}
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void everyTransportServes(Transport transport) {
		try (ProxyServer server = Proxies.to(this.origin).with((it) -> it.transport(transport).threads(2)).start()) {
			for (int i = 0; i < 4; i++) {
				try (RawClient client = Proxies.connect(server)) {
					client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n");
					client.sendInBackground(Octets.pattern(300_000));
					assertThat(client.readResponse().body()).isEqualTo(Octets.pattern(300_000));
					assertThat(client.get("/chunked?n=300000").readResponse().body())
						.isEqualTo(Octets.pattern(300_000));
					assertThat(client.get("/close").readResponse().status()).isEqualTo(502);
					assertThat(client.send("GET\r\n\r\n").readResponse().status()).isEqualTo(400);
				}
			}
			if (transport != Transport.AUTO) {
				assertThat(server.transport()).startsWith(transport.name().toLowerCase(Locale.ROOT));
			}
		}
	}

	@Test
	void listenerThatIsFullPausesAndGoesOn() {
		try (ProxyServer server = Proxies.to(this.origin).listener((listener) -> listener.maxConnections(2)).start()) {
			RawClient first = Proxies.connect(server).get("/hello");
			first.readResponse();
			RawClient second = Proxies.connect(server).get("/hello");
			second.readResponse();
			try (RawClient third = Proxies.connect(server)) {
				third.get("/hello");
				assertThat(third.patience(Duration.ofMillis(300)).awaitEnd()).isEqualTo(End.OPEN);
				assertThat(third.received()).isEmpty();
				assertThat(server.listeners().get(0).connections()).isEqualTo(2);
				first.close();
				assertThat(third.patience(Await.PATIENCE).readResponse().text()).isEqualTo("hello");
			}
			second.close();
			for (int i = 0; i < 5; i++) {
				try (RawClient next = Proxies.connect(server)) {
					assertThat(next.get("/hello").readResponse().text()).isEqualTo("hello");
				}
			}
		}
	}

	private static boolean isRefused(int port) {
		try (Socket socket = new Socket()) {
			socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
			return false;
		}
		catch (IOException ex) {
			return true;
		}
	}

}
