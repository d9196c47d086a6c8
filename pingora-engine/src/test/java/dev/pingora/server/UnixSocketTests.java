package dev.pingora.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.pingora.connector.PoolStatus;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RejectedRequest;
import dev.pingora.forwarding.ForwardedOptions;
import dev.pingora.forwarding.TrustedProxies;
import dev.pingora.protocol.ClosingLimitCounts;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.Bystanders;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.UnixSocket;
import dev.pingora.transport.AcceptOptions;
import dev.pingora.transport.Transport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Unix domain sockets, to clients and to backends, with every transport that works here.
 */
@ExtendWith(EngineExtension.class)
class UnixSocketTests extends SocketFileStand {

	private static final String REQUEST = "GET /hello HTTP/1.1\r\nHost: test.example\r\n\r\n";

	private final List<String> clients = new CopyOnWriteArrayList<>();

	private final List<SocketAddress> addresses = new CopyOnWriteArrayList<>();

	/** Notes who the clients are. */
	private final class Noting implements ProxyListener {

		@Override
		public void requestFinished(FinishedRequest request) {
			UnixSocketTests.this.clients.add(request.summary().clientAddress());
		}

		@Override
		public void requestRejected(RejectedRequest request) {
			UnixSocketTests.this.addresses.add(request.clientAddress());
		}

	}

	@ParameterizedTest
	@MethodSource("transports")
	void requestsTravelBetweenUnixSockets(Transport transport) {
		try (ProxyServer inner = atSocket(transport).start();
				ProxyServer outer = Proxies.to(socket()).with((builder) -> builder.transport(transport)).start();
				RawClient client = Proxies.connect(outer)) {
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
			byte[] large = client.get("/bytes?n=3000000&seed=7").readResponse().body();
			assertThat(large).hasSize(3_000_000).isEqualTo(Octets.pattern(7, 0, 3_000_000));
			PoolStatus reused = new PoolStatus("unix:" + socket(), 0, 1, 1, 1, 0);
			Await.until("an idle connection", () -> outer.pools().equals(List.of(reused)));
			assertThat(inner.listeners().get(0).connections()).isEqualTo(1);
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void slowReaderOfAUnixSocketGetsAll(Transport transport) {
		try (ProxyServer server = atSocket(transport).start(); RawClient client = UnixSocket.connect(socket())) {
			client.get("/bytes?n=20000000&seed=3");
			this.origin.awaitRequest(1);
			byte[] body = client.readResponse().body();
			assertThat(body).isEqualTo(Octets.pattern(3, 0, 20_000_000));
			byte[] upload = Octets.pattern(5, 0, 5_000_000);
			client
				.sendInBackground(concat("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n", upload));
			assertThat(client.readResponse().body()).isEqualTo(upload);
			assertThat(server.listeners().get(0).connections()).isEqualTo(1);
		}
	}

	private static byte[] concat(String head, byte[] body) {
		byte[] start = Octets.latin1(head);
		byte[] all = new byte[start.length + body.length];
		System.arraycopy(start, 0, all, 0, start.length);
		System.arraycopy(body, 0, all, start.length, body.length);
		return all;
	}

	@ParameterizedTest
	@MethodSource("transports")
	void clientsHaveAnEmptyNameAndTheServerItsPath(Transport transport) {
		ProxyFilter filter = new ProxyFilter() {
			@Override
			public Outcome requestFilter(Session session) {
				UnixSocketTests.this.addresses.add(session.clientAddress());
				UnixSocketTests.this.addresses.add(session.serverAddress());
				return Outcome.CONTINUE;
			}
		};
		try (ProxyServer server = atSocket(transport).filter(filter)
			.with((builder) -> builder.proxyListener(new Noting()))
			.start(); RawClient client = UnixSocket.connect(socket())) {
			client.get("/hello").readResponse();
			Await.until("a summary", () -> this.clients.equals(List.of("unix:")));
			assertThat(this.addresses).containsExactly(UnixDomainSocketAddress.of(""),
					UnixDomainSocketAddress.of(socket()));
			assertThat(client.send("NONSENSE\r\n\r\n").readResponse().status()).isEqualTo(400);
			Await.until("the rejection", () -> this.addresses.size() == 3);
			assertThat(this.addresses.get(2)).isEqualTo(UnixDomainSocketAddress.of(""));
			assertThat(server.listeners()).containsExactly(new BoundListener("http", "unix:" + socket(), 0,
					server.listeners().get(0).connections(), 100_000, 0, 0, new ClosingLimitCounts().all()));
			assertThatIllegalArgumentException().isThrownBy(() -> server.port("http"))
				.withMessage("listener: http (expected: one that is bound to a port)");
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void requestWithoutHostIsForLocalhost(Transport transport) {
		try (ProxyServer inner = atSocket(transport).start();
				ProxyServer outer = Proxies.to(socket()).with((builder) -> builder.transport(transport)).start();
				RawClient client = Proxies.connect(outer)) {
			client.send("GET /hello HTTP/1.0\r\n\r\n").readResponse();
			assertThat(inner.isRunning()).isTrue();
			assertThat(this.origin.awaitRequest(1).header("Host")).isEqualTo("localhost");
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void panicEndsOnlyItsOwnConnection(Transport transport) {
		ProxyFilter filter = new ProxyFilter() {
			@Override
			public Outcome requestFilter(Session session) {
				if (session.request().path().equals("/panic")) {
					throw new IllegalStateException("a bug");
				}
				return Outcome.CONTINUE;
			}
		};
		try (ProxyServer inner = atSocket(transport).filter(filter).start();
				ProxyServer outer = Proxies.to(socket()).with((builder) -> builder.transport(transport)).start();
				Bystanders bystanders = Bystanders.start(outer.port("http"), 4);
				RawClient first = UnixSocket.connect(socket());
				RawClient second = UnixSocket.connect(socket())) {
			// A Unix domain socket can't be reset, it is closed.
			assertThat(first.get("/panic").awaitEnd()).isEqualTo(End.FIN);
			assertThat(first.received()).isEmpty();
			second.send(REQUEST + REQUEST + "GET /panic HTTP/1.1\r\nHost: a\r\n\r\n");
			assertThat(second.readResponse().status()).isEqualTo(200);
			assertThat(second.readResponse().status()).isEqualTo(200);
			assertThat(second.awaitEnd()).isEqualTo(End.FIN);
			bystanders.awaitProgress(3);
			assertThat(inner.isolation().totals().total()).isEqualTo(2);
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void backendThatIsNotThereIs502(Transport transport) throws IOException {
		try (ProxyServer server = Proxies.to(socket()).with((builder) -> builder.transport(transport)).start();
				RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(502);
			leaveSocketFile();
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(502);
			Await.until("no permits", () -> ((DefaultProxyServer) server).upstreamConnections() == 0);
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void leftoverIsReplacedAndTheFileGoesWithTheServer(Transport transport) throws IOException {
		leaveSocketFile();
		try (ProxyServer server = atSocket(transport).start(); RawClient client = UnixSocket.connect(socket())) {
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
			assertThat(permissions()).isEqualTo("rw-rw-rw-");
			assertThat(server.isRunning()).isTrue();
		}
		assertThat(socket()).doesNotExist();
	}

	@Test
	void fileThatIsNoSocketIsLeftAlone() throws Exception {
		assertThat(new ProcessBuilder("mkfifo", socket().toString()).start().waitFor()).isZero();
		assertThatExceptionOfType(ListenerBindException.class).isThrownBy(() -> atSocket(Transport.AUTO).start())
			.withMessageContaining("no socket");
		assertThat(socket()).exists();
	}

	@ParameterizedTest
	@MethodSource("transports")
	void proxyAtTheSameMachineIsTrustedIfItIsNamed(Transport transport) {
		ProxyFilter noting = new ProxyFilter() {
			@Override
			public Outcome requestFilter(Session session) {
				UnixSocketTests.this.addresses.add(session.clientAddress());
				return Outcome.CONTINUE;
			}
		};
		ForwardedOptions trusting = ForwardedOptions.builder()
			.trustedProxies(TrustedProxies.of(List.of("unix")))
			.build();
		try (ProxyServer server = atSocket(transport).filter(noting)
			.downstream((options) -> options.forwarded(trusting))
			.start(); RawClient client = UnixSocket.connect(socket())) {
			client.send("GET /hello HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n");
			assertThat(client.readResponse().status()).isEqualTo(200);
			assertThat(this.addresses).containsExactly(new InetSocketAddress("203.0.113.9", 0));
			assertThat(this.origin.requests().get(0).headers().first("x-forwarded-for")).startsWith("203.0.113.9");
			assertThat(server.isRunning()).isTrue();
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void fileGoesWhenTheServerDrains(Transport transport) {
		try (ProxyServer server = atSocket(transport)
			.listener((options) -> options.accept(AcceptOptions.defaults().mode(0640)))
			.start()) {
			assertThat(socket()).exists();
			assertThat(server.drain(Await.PATIENCE)).isZero();
			assertThat(socket()).doesNotExist();
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void fileOfTheServerThatCameLaterStays(Transport transport) throws IOException {
		ProxyServer first = atSocket(transport).start();
		Files.delete(socket());
		try (ProxyServer second = atSocket(transport).start()) {
			first.close();
			assertServes();
			ProxyServer third = startInPlaceOf(second, transport);
			assertThat(second.drain(Await.PATIENCE)).isZero();
			assertServes();
			third.close();
		}
		assertThat(files()).isEmpty();
	}

	private ProxyServer startInPlaceOf(ProxyServer other, Transport transport) throws IOException {
		assertThat(other.isRunning()).isTrue();
		Files.delete(socket());
		return atSocket(transport).start();
	}

	@ParameterizedTest
	@MethodSource("transports")
	void longestPathCanBeBound(Transport transport) throws IOException {
		int rest = 100 - (this.directory + "//a").length();
		Path longest = Files.createDirectory(this.directory.resolve("d".repeat(rest))).resolve("a");
		assertThat(longest.toString()).hasSize(100);
		try (ProxyServer server = Proxies.to(this.origin)
			.at(longest)
			.with((builder) -> builder.transport(transport))
			.start(); RawClient client = UnixSocket.connect(longest)) {
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
			assertThat(server.isRunning()).isTrue();
		}
		assertThat(longest).doesNotExist();
	}

	@ParameterizedTest
	@MethodSource("transports")
	void onlyTheSocketItselfIsInItsDirectory(Transport transport) throws IOException {
		try (ProxyServer server = atSocket(transport).start()) {
			assertThat(files()).containsExactly(socket());
			assertThat(server.isRunning()).isTrue();
		}
		assertThat(files()).isEmpty();
	}

	private String permissions() throws IOException {
		return PosixFilePermissions.toString(Files.getPosixFilePermissions(socket()));
	}

	@Test
	void modeSaysWhoMayConnect() throws IOException {
		try (ProxyServer server = atSocket(Transport.AUTO)
			.listener((options) -> options.accept(AcceptOptions.defaults().mode(0640)))
			.start()) {
			assertThat(permissions()).isEqualTo("rw-r-----");
			assertThat(server.isRunning()).isTrue();
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void socketOfAnotherServerIsNotTakenAway(Transport transport) {
		try (ProxyServer first = atSocket(transport).start(); ProxyServer second = atSocket(transport).build()) {
			assertThatExceptionOfType(ListenerBindException.class).isThrownBy(second::start)
				.withMessage("listener http could not be bound to unix:" + socket()
						+ ": Address already in use by a process that listens");
			try (RawClient client = UnixSocket.connect(socket())) {
				assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
			}
			assertThat(first.isRunning()).isTrue();
		}
	}

	@ParameterizedTest
	@MethodSource("transports")
	void fileThatIsNoSocketIsKept(Transport transport) throws IOException {
		Files.writeString(socket(), "precious");
		try (ProxyServer server = atSocket(transport).build()) {
			assertThatExceptionOfType(ListenerBindException.class).isThrownBy(server::start)
				.withMessageEndingWith("Address already in use by a file that is no socket");
		}
		assertThat(socket()).hasContent("precious");
	}

	@ParameterizedTest
	@MethodSource("transports")
	void directoryMustBeThere(Transport transport) {
		Path nowhere = this.directory.resolve("no/p.sock");
		try (ProxyServer server = Proxies.to(this.origin)
			.at(nowhere)
			.with((builder) -> builder.transport(transport))
			.build()) {
			assertThatExceptionOfType(ListenerBindException.class).isThrownBy(server::start)
				.withMessageStartingWith("listener http could not be bound to unix:" + nowhere + ": ");
		}
	}

	@Test
	void addressesThatCannotBeAreRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> ListenerOptions.of("http", "unix:/a", 80))
			.withMessage("port: 80 (expected: 0, since unix:/a has none)");
		for (String path : List.of("relative.sock", "", "/run/", "/" + "x".repeat(100), "/a\0b")) {
			assertThatIllegalArgumentException().isThrownBy(() -> ListenerOptions.unix("http", path))
				.withMessageStartingWith("address: unix:");
		}
	}

	@Test
	void curlTalksToAUnixSocket() throws IOException, InterruptedException {
		try (ProxyServer server = atSocket(Transport.AUTO).start()) {
			Process curl = new ProcessBuilder("curl", "-sS", "-m", "5", "-i", "--unix-socket", socket().toString(),
					"http://localhost/hello")
				.redirectErrorStream(true)
				.start();
			String output = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			assertThat(curl.waitFor()).as(output).isZero();
			assertThat(output).startsWith("HTTP/1.1 200 ").endsWith("hello");
			assertThat(server.isRunning()).isTrue();
		}
	}

}
