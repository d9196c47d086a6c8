package dev.pingora.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import dev.pingora.limits.AddressRange;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.transport.Transport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * A listener has no more connections than it may, and a client no more than its share.
 */
@ExtendWith(EngineExtension.class)
class ConnectionLimitTests {

	private static final ConnectionLimits TWO_EACH = new ConnectionLimits(2, List.of());

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private final Endings endings = new Endings();

	private Proxies proxies(ConnectionLimits limits) {
		return Proxies.to(this.origin).listener((it) -> it.limits(limits)).with((it) -> it.proxyListener(this.endings));
	}

	private static RawClient connectFrom(String address, ProxyServer server) {
		Socket socket = new Socket();
		try {
			socket.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
			socket.connect(new InetSocketAddress("127.0.0.1", server.port("http")));
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		return RawClient.over(socket);
	}

	private static BoundListener listener(ProxyServer server) {
		return server.listeners().get(0);
	}

	private static void assertServed(RawClient client) {
		assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
	}

	// The reset may come before the client has had a look at its socket.
	private static void assertReset(ProxyServer server) {
		assertThatIOException().isThrownBy(() -> {
			try (Socket socket = new Socket("127.0.0.1", server.port("http"))) {
				socket.getInputStream().read();
			}
		}).withMessageContaining("Connection reset");
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void clientThatHasEnoughConnectionsIsReset(Transport transport) {
		try (ProxyServer server = proxies(TWO_EACH).with((it) -> it.transport(transport)).start();
				RawClient first = Proxies.connect(server);
				RawClient second = Proxies.connect(server)) {
			assertServed(first);
			assertServed(second);
			for (int i = 1; i <= 20; i++) {
				assertReset(server);
				assertThat(listener(server).rejected()).isEqualTo(i);
			}
			assertThat(listener(server).connections()).isEqualTo(2);
			try (RawClient other = connectFrom("127.0.0.2", server)) {
				assertServed(other);
			}
			assertServed(first);
			first.abort();
			Await.until("one connection", () -> listener(server).connections() == 1);
			try (RawClient third = Proxies.connect(server)) {
				assertServed(third);
			}
			// Nobody else has seen anything of those that were reset.
			assertThat(listener(server).rejected()).isEqualTo(20);
			assertThat(this.origin.requestCount()).isEqualTo(5);
			this.endings.assertNothingBut(5);
		}
	}

	@Test
	void exemptClientMayHaveAnyNumber() {
		ConnectionLimits limits = TWO_EACH.withUnlimited(List.of(AddressRange.of("127.0.0.1")));
		List<RawClient> clients = new ArrayList<>();
		try (ProxyServer server = proxies(limits).start()) {
			for (int i = 0; i < 10; i++) {
				clients.add(Proxies.connect(server));
			}
			clients.forEach(ConnectionLimitTests::assertServed);
			assertThat(listener(server).rejected()).isZero();
		}
		finally {
			clients.forEach(RawClient::close);
		}
	}

	@Test
	void limitOfZeroIsNone() {
		try (ProxyServer server = proxies(TWO_EACH.withMaxPerAddress(0)).start();
				RawClient first = Proxies.connect(server);
				RawClient second = Proxies.connect(server);
				RawClient third = Proxies.connect(server)) {
			List.of(first, second, third).forEach(ConnectionLimitTests::assertServed);
		}
	}

	@Test
	void onesOwnNetworkIsExemptByDefault() throws IOException {
		ConnectionLimits limits = ConnectionLimits.defaults();
		assertThat(limits.maxPerAddress()).isEqualTo(1024);
		for (String own : List.of("127.0.0.1", "::1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "100.127.0.1",
				"169.254.1.1", "fd00::1", "fe80::1")) {
			InetAddress address = InetAddress.getByName(own);
			assertThat(limits.unlimited()).anyMatch((range) -> range.contains(address));
		}
		for (String foreign : List.of("203.0.113.1", "172.32.0.1", "2001:db8::1")) {
			InetAddress address = InetAddress.getByName(foreign);
			assertThat(limits.unlimited()).noneMatch((range) -> range.contains(address));
		}
	}

	@Test
	void negativeLimitIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> TWO_EACH.withMaxPerAddress(-1))
			.withMessage("maxPerAddress: -1 (expected: >= 1, or 0 for any number)");
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void fullListenerPausesAndServesWhoHasWaited(Transport transport) {
		try (ProxyServer server = Proxies.to(this.origin)
			.listener((it) -> it.maxConnections(1))
			.with((it) -> it.transport(transport))
			.start()) {
			RawClient first = Proxies.connect(server);
			assertServed(first);
			try (RawClient second = Proxies.connect(server).get("/hello")) {
				assertThat(listener(server).connections()).isOne();
				assertThat(listener(server).pauses()).isPositive();
				first.close();
				assertThat(second.readResponse().text()).isEqualTo("hello");
			}
		}
	}

	/** Pausing on one loop and leaving on others must not miss each other. */
	@Test
	void listenerThatIsOftenFullNeverStaysPaused() throws Exception {
		int threads = 6;
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try (ProxyServer server = Proxies.to(this.origin)
			.listener((it) -> it.maxConnections(2))
			.with((it) -> it.threads(3))
			.start(); RawClient longLived = Proxies.connect(server)) {
			assertServed(longLived);
			List<Future<?>> all = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				all.add(executor.submit(() -> {
					for (int turn = 0; turn < 100; turn++) {
						try (RawClient client = Proxies.connect(server)) {
							assertServed(client);
						}
					}
				}));
			}
			for (Future<?> one : all) {
				one.get();
			}
			assertThat(listener(server).pauses()).isPositive();
			Await.until("one connection", () -> listener(server).connections() == 1);
		}
		finally {
			executor.shutdownNow();
		}
	}

}
