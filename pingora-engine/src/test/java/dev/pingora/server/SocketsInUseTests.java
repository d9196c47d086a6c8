package dev.pingora.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.connector.PoolStatus;
import dev.pingora.proxy.Route;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.transport.AcceptOptions;
import dev.pingora.transport.DialOptions;
import dev.pingora.transport.KeepAlive;
import dev.pingora.transport.LocalAddress;
import dev.pingora.transport.SocketOptions;
import dev.pingora.transport.Transport;
import dev.pingora.upstream.HttpPeer;
import dev.pingora.upstream.PeerOptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What socket options of listeners and peers do while requests are served.
 */
@ExtendWith(EngineExtension.class)
class SocketsInUseTests {

	private static final SocketOptions ALIVE = SocketOptions.downstream()
		.toBuilder()
		.keepAlive(KeepAlive.of(Duration.ofSeconds(9000), Duration.ZERO, 0))
		.build();

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	static Stream<Transport> transports() {
		return Proxies.transports();
	}

	private Proxies proxies(Transport transport) {
		return Proxies.to(this.origin).with((builder) -> builder.transport(transport));
	}

	private static DialOptions from(String address) {
		return DialOptions.defaults().bindTo(LocalAddress.parse(address));
	}

	@ParameterizedTest
	@MethodSource("transports")
	void originSeesTheAddressThatWasBoundTo(Transport transport) {
		try (ProxyServer server = proxies(transport).peer((options) -> options.dial(from("127.0.0.2"))).start();
				RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
			assertThat(this.origin.clientAddress(1).getAddress().getHostAddress()).isEqualTo("127.0.0.2");
		}
	}

	@Test
	void addressThatIsNotOfThisMachineIs502() {
		try (ProxyServer server = proxies(Transport.AUTO).peer((options) -> options.dial(from("192.0.2.1"))).start();
				RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(502);
			Await.until("no permits", () -> ((DefaultProxyServer) server).upstreamConnections() == 0);
		}
	}

	@Test
	void connectionsFromDifferentAddressesAreNotShared() {
		int port = this.origin.port();
		PeerOptions from2 = PeerOptions.builder().dial(from("127.0.0.2")).build();
		PeerOptions from3 = PeerOptions.builder().dial(from("127.0.0.3")).build();
		Route route = Route.of("r", List.of(), Upstream.of("u", List
			.of(Backend.of(HttpPeer.of("127.0.0.1", port, from2)), Backend.of(HttpPeer.of("127.0.0.1", port, from3)))));
		try (ProxyServer server = Proxies.to().with((builder) -> builder.router((request, trace) -> route)).start();
				RawClient client = Proxies.connect(server)) {
			for (int i = 0; i < 4; i++) {
				assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
			}
			Await.until("two idle connections", () -> server.pools().stream().mapToInt(PoolStatus::idle).sum() == 2);
			assertThat(server.pools()).extracting(PoolStatus::peer)
				.containsExactly("127.0.0.1:" + port + " from 127.0.0.2", "127.0.0.1:" + port + " from 127.0.0.3");
			assertThat(this.origin.requests())
				.extracting((request) -> this.origin.clientAddress(request.connection()).getAddress().getHostAddress())
				.containsExactly("127.0.0.2", "127.0.0.3", "127.0.0.2", "127.0.0.3");
		}
	}

	@Test
	void keyMustTellOfTheSameAddressAsTheOptions() {
		HttpPeer bound = HttpPeer.of("a", 80, PeerOptions.builder().dial(from("127.0.0.2")).build());
		assertThatIllegalArgumentException().isThrownBy(() -> new HttpPeer(bound.key(), PeerOptions.defaults()))
			.withMessage("key.bindTo: 127.0.0.2 (expected: null)");
		HttpPeer unix = HttpPeer.unix("/a", PeerOptions.builder().dial(from("127.0.0.2")).build());
		assertThat(unix.key()).isEqualTo(HttpPeer.unix("/a").key());
	}

	// The kernel's own word: 02 is the keep-alive timer, and when it fires, in hundredths
	// of a second.
	@ParameterizedTest(allowZeroInvocations = true)
	@MethodSource("transportsOfLinux")
	void keepAliveRunsOnBothSides(Transport transport) {
		try (ProxyServer server = proxies(transport).peer((options) -> options.socket(ALIVE))
			.listener((options) -> options.socket(ALIVE))
			.start(); RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			Await.until("both timers", () -> hasTimer(server.port("http"), client.localAddress().getPort())
					&& hasTimer(this.origin.clientAddress(1).getPort(), this.origin.port()));
		}
	}

	private static boolean hasTimer(int localPort, int remotePort) {
		String ends = String.format(Locale.ROOT, ":%04X [0-9A-F]+:%04X ", localPort, remotePort);
		try (Stream<String> lines = Stream.concat(Files.lines(Path.of("/proc/net/tcp")),
				Files.lines(Path.of("/proc/net/tcp6")))) {
			return lines.filter((line) -> line.matches(".*" + ends + ".*"))
				.map((line) -> line.trim().split("\\s+")[5])
				.anyMatch((timer) -> timer.startsWith("02:") && Long.parseLong(timer.substring(3), 16) > 890_000);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@ParameterizedTest(allowZeroInvocations = true)
	@MethodSource("transportsWithIpv6")
	void anyIpv6AddressTakesIpv4ClientsToo(Transport transport) throws SocketException {
		try (ProxyServer server = serverAtAny6(transport, AcceptOptions.defaults());
				RawClient four = RawClient.connect("127.0.0.1", server.port("http"));
				RawClient six = RawClient.connect("::1", server.port("http"))) {
			assertThat(four.get("/hello").readResponse().status()).isEqualTo(200);
			assertThat(six.get("/hello").readResponse().status()).isEqualTo(200);
		}
	}

	@ParameterizedTest(allowZeroInvocations = true)
	@MethodSource("nativeTransportsWithIpv6")
	void anyIpv6AddressTakesIpv6ClientsOnlyIfAsked(Transport transport) throws SocketException {
		try (ProxyServer server = serverAtAny6(transport, AcceptOptions.defaults().ipv6Only(true));
				RawClient six = RawClient.connect("::1", server.port("http"))) {
			assertThat(six.get("/hello").readResponse().status()).isEqualTo(200);
			assertThatExceptionOfType(UncheckedIOException.class)
				.isThrownBy(() -> RawClient.connect("127.0.0.1", server.port("http")).close());
		}
	}

	static Stream<Transport> nativeTransports() {
		return transports().filter((transport) -> transport == Transport.EPOLL || transport == Transport.IO_URING);
	}

	static Stream<Transport> transportsOfLinux() {
		return Files.isReadable(Path.of("/proc/net/tcp")) ? transports() : Stream.of();
	}

	static Stream<Transport> transportsWithIpv6() throws SocketException {
		return hasIpv6() ? transports() : Stream.of();
	}

	static Stream<Transport> nativeTransportsWithIpv6() throws SocketException {
		return hasIpv6() ? nativeTransports() : Stream.of();
	}

	private static boolean hasIpv6() throws SocketException {
		return NetworkInterface.networkInterfaces()
			.flatMap(NetworkInterface::inetAddresses)
			.filter(InetAddress::isLoopbackAddress)
			.anyMatch(Inet6Address.class::isInstance);
	}

	private ProxyServer serverAtAny6(Transport transport, AcceptOptions accept) {
		Route route = Route.of("r", List.of(),
				Upstream.of("u", List.of(Backend.of(HttpPeer.of("127.0.0.1", this.origin.port())))));
		return ProxyServer.builder()
			.threads(1)
			.transport(transport)
			.listener(ListenerOptions.builder("http", "::", 0).accept(accept).build())
			.router((request, trace) -> route)
			.build()
			.start();
	}

	@ParameterizedTest
	@MethodSource("transports")
	void serversMayShareAPort(Transport transport) {
		AcceptOptions shared = AcceptOptions.defaults().reusePort(true);
		try (ProxyServer first = proxies(transport).listener((options) -> options.accept(shared)).start();
				ProxyServer second = server(transport, first.port("http"), shared)) {
			assertThat(second.port("http")).isEqualTo(first.port("http"));
			assertThatExceptionOfType(ListenerBindException.class)
				.isThrownBy(() -> server(transport, first.port("http"), AcceptOptions.defaults()));
			for (int i = 0; i < 10; i++) {
				try (RawClient client = Proxies.connect(first)) {
					assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
				}
			}
		}
	}

	private ProxyServer server(Transport transport, int port, AcceptOptions accept) {
		Route route = Route.of("r", List.of(),
				Upstream.of("u", List.of(Backend.of(HttpPeer.of("127.0.0.1", this.origin.port())))));
		return ProxyServer.builder()
			.threads(1)
			.transport(transport)
			.listener(ListenerOptions.builder("http", "127.0.0.1", port).accept(accept).build())
			.router((request, trace) -> route)
			.build()
			.start();
	}

	@Test
	void optionThatTheTransportLacksStopsTheStart() {
		SocketOptions impatient = SocketOptions.downstream().toBuilder().userTimeout(Duration.ofSeconds(9)).build();
		try (ProxyServer server = proxies(Transport.NIO).listener((options) -> options.socket(impatient)).build()) {
			assertThatIllegalArgumentException().isThrownBy(server::start)
				.withMessage("listener http: userTimeout: PT9S (expected: 0s, or transport epoll or io_uring; "
						+ "nio does not have it)");
		}
	}

	@Test
	void peerMadeInCodeThatTheTransportLacksOptionsOfIsAPanic() {
		SocketOptions impatient = SocketOptions.upstream().toBuilder().userTimeout(Duration.ofSeconds(9)).build();
		try (ProxyServer server = proxies(Transport.NIO).peer((options) -> options.socket(impatient)).start();
				RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/hello").awaitEnd()).isEqualTo(End.RESET);
			assertThat(server.isolation().recent().get(0).cause()).hasMessageContaining("userTimeout: PT9S");
			Await.until("no permits", () -> ((DefaultProxyServer) server).upstreamConnections() == 0);
		}
	}

	@ParameterizedTest(allowZeroInvocations = true)
	@MethodSource("nativeTransports")
	void fastOpenServesAsEver(Transport transport) {
		try (ProxyServer server = proxies(transport)
			.peer((options) -> options.dial(DialOptions.defaults().fastOpen(true)))
			.listener((options) -> options.accept(AcceptOptions.defaults().fastOpenQueue(16)))
			.start()) {
			for (int i = 0; i < 3; i++) {
				try (RawClient client = Proxies.connect(server)) {
					assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
				}
			}
		}
	}

}
