package dev.pingora.server;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RequestOutcome;
import dev.pingora.event.RequestSummary;
import dev.pingora.protocol.UpgradeOptions;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawResponse;
import dev.pingora.transport.Transport;
import io.netty.channel.EventLoop;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Connections that speak another protocol after a 101: what passes through, and how it
 * ends.
 */
@ExtendWith(EngineExtension.class)
class TunnelTests {

	static final String ASKED = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

	private static final int LARGE = 20_000_000;

	@AutoClose
	private final TunnelOrigin origin = new TunnelOrigin();

	private final Queue<RequestSummary> finished = new ConcurrentLinkedQueue<>();

	private Proxies proxies() {
		return Proxies.to(this.origin.port()).with((it) -> it.proxyListener(new ProxyListener() {

			@Override
			public void requestFinished(FinishedRequest request) {
				TunnelTests.this.finished.add(request.summary());
			}

		}));
	}

	private static Proxies with(Proxies proxies, UpgradeOptions options) {
		return proxies.downstream((it) -> it.upgrade(options));
	}

	private RequestSummary awaitFinished() {
		Await.until("the end of the request", () -> !this.finished.isEmpty());
		return this.finished.remove();
	}

	/** Two ends of a tunnel. */
	private record Ends(RawClient client, RawClient peer) implements AutoCloseable {

		private void echo(byte[] octets) {
			CompletableFuture<Void> asked = this.client.sendInBackground(octets);
			assertThat(this.peer.read(octets.length)).isEqualTo(octets);
			asked.join();
			CompletableFuture<Void> answered = this.peer.sendInBackground(octets);
			assertThat(this.client.read(octets.length)).isEqualTo(octets);
			answered.join();
		}

		@Override
		public void close() {
			this.client.close();
			this.peer.close();
		}

	}

	private Ends tunnel(ProxyServer server) {
		RawClient client = Proxies.connect(server).send(ASKED);
		RawClient peer = this.origin.accept();
		TunnelOrigin.head(peer);
		peer.send(TunnelOrigin.AGREED);
		assertThat(client.readHead().status()).isEqualTo(101);
		return new Ends(client, peer);
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void octetsPassBothWaysUntilBothSidesHaveEnded(Transport transport) {
		try (ProxyServer server = proxies().with((it) -> it.transport(transport)).start(); Ends ends = tunnel(server)) {
			ends.echo(Octets.pattern(3_000_000));
			assertThat(server.activeTunnels()).isEqualTo(1);
			ends.client().send("bye").shutdownOutput();
			assertThat(Octets.latin1(ends.peer().readAll())).isEqualTo("bye");
			ends.peer().send("farewell").shutdownOutput();
			assertThat(Octets.latin1(ends.client().readAll())).isEqualTo("farewell");
			RequestSummary end = awaitFinished();
			assertThat(end.outcome()).isEqualTo(RequestOutcome.PROXIED);
			Await.until("no tunnel", () -> server.activeTunnels() == 0);
		}
	}

}
