package dev.pingora.examples;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.server.ListenerOptions;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.upstream.HttpPeer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs the examples.
 */
@ExtendWith(EngineExtension.class)
class ExamplesTests {

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	@Test
	void gatewayAsksForAKeyAndStripsThePrefix() {
		try (ProxyServer server = Gateway.build(0, HttpPeer.of("127.0.0.1", this.origin.port())).start();
				RawClient client = RawClient.connect(server.port("http"))) {
			assertThat(client.get("/orders/hello").readResponse().status()).isEqualTo(401);
			client.send("GET /orders/hello HTTP/1.1\r\nHost: a\r\nX-API-Key: k\r\n\r\n");
			assertThat(client.readResponse().status()).isEqualTo(200);
			assertThat(this.origin.requests()).extracting((request) -> request.target()).containsExactly("/hello");
			assertThat(client.get("/elsewhere").readResponse().status()).isEqualTo(404);
		}
	}

	@Test
	void failoverCallsTheSecondaryWhereThePrimaryIsDown() throws IOException {
		Failover failover = new Failover(HttpPeer.of("127.0.0.1", unusedPort()),
				HttpPeer.of("127.0.0.1", this.origin.port()));
		try (ProxyServer server = ProxyServer.builder()
			.listener(ListenerOptions.of("http", "127.0.0.1", 0))
			.proxy(failover)
			.threads(1)
			.build()
			.start(); RawClient client = RawClient.connect(server.port("http"))) {
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
		}
	}

	@Test
	void syslogIsToldOfAPanic() throws IOException {
		try (DatagramSocket syslog = new DatagramSocket(0, InetAddress.getLoopbackAddress());
				PanicSyslog listener = new PanicSyslog((InetSocketAddress) syslog.getLocalSocketAddress());
				ProxyServer server = ProxyServer.builder()
					.listener(ListenerOptions.of("http", "127.0.0.1", 0))
					.router((request, trace) -> {
						throw new IllegalStateException("a mistake");
					})
					.isolation(new PanicIsolation(List.of(listener)))
					.threads(1)
					.build()
					.start();
				RawClient client = RawClient.connect(server.port("http"))) {
			assertThat(client.get("/hello").awaitEnd()).isEqualTo(End.RESET);
			DatagramPacket packet = new DatagramPacket(new byte[500], 500);
			syslog.setSoTimeout(10_000);
			syslog.receive(packet);
			assertThat(new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8)).startsWith("<10>1 ")
				.endsWith("Z - gateway - panic - Panic 1 in predicate: java.lang.IllegalStateException");
			server.isolation().close();
		}
	}

	private static int unusedPort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

}
