package dev.pingora.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RequestSummary;
import dev.pingora.forwarding.ForwardedOptions;
import dev.pingora.protocol.UpgradeOptions;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Both ends of tunnels in the hands of a test, octet by octet, and what the proxy tells
 * of them.
 */
final class TunnelStand implements AutoCloseable {

	static final String ASKED = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

	static final String AGREED = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

	private final ServerSocket origin;

	private final Queue<RequestSummary> finished = new ConcurrentLinkedQueue<>();

	TunnelStand() {
		try {
			this.origin = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
			this.origin.setSoTimeout(10_000);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Two ends of a tunnel. */
	record Ends(RawClient client, RawClient peer) implements AutoCloseable {

		void echo(byte[] octets) {
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

	Proxies proxies() {
		Proxies bare = Proxies.to(this.origin.getLocalPort()).downstream((it) -> it.forwarded(ForwardedOptions.off()));
		return bare.with((it) -> it.proxyListener(new ProxyListener() {

			@Override
			public void requestFinished(FinishedRequest request) {
				TunnelStand.this.finished.add(request.summary());
			}

		}));
	}

	Proxies proxies(UpgradeOptions options) {
		return proxies().downstream((it) -> it.upgrade(options));
	}

	/** The proxy's next connection, whose other end is the proxy. */
	RawClient accept() {
		try {
			return RawClient.over(this.origin.accept());
		}
		catch (IOException ex) {
			throw new UncheckedIOException("no connection came", ex);
		}
	}

	/** A request's head, with its empty line. */
	static String head(RawClient peer) {
		StringBuilder head = new StringBuilder();
		while (head.indexOf("\r\n\r\n") < 0) {
			head.append(Octets.latin1(peer.read(1)));
		}
		return head.toString();
	}

	Ends tunnel(ProxyServer server) {
		RawClient client = Proxies.connect(server).send(ASKED);
		RawClient peer = accept();
		head(peer);
		peer.send(AGREED);
		assertThat(client.readHead().status()).isEqualTo(101);
		return new Ends(client, peer);
	}

	/** The requests that have ended and were not looked at. */
	Queue<RequestSummary> finished() {
		return this.finished;
	}

	RequestSummary awaitFinished() {
		Await.until("the end of the request", () -> !this.finished.isEmpty());
		return this.finished.remove();
	}

	@Override
	public void close() {
		try {
			this.origin.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
