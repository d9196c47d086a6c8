package dev.pingora.server;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pingora.event.RequestOutcome;
import dev.pingora.http.BodyChunk;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.RequestEnd;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What filters see of a tunnel, and what they may do about it.
 */
@ExtendWith(EngineExtension.class)
class TunnelFilterTests {

	@AutoClose
	private final TunnelStand stand = new TunnelStand();

	@Test
	void filtersSeeThe101ButNoOctets() {
		AtomicInteger status = new AtomicInteger();
		AtomicInteger pieces = new AtomicInteger();
		ProxyFilter filter = new ProxyFilter() {

			@Override
			public void responseFilter(Session session, ResponseHeader response) {
				status.set(response.status());
				response.headers().set("X-Seen", "yes");
			}

			@Override
			public void requestBodyFilter(Session session, BodyChunk chunk) {
				pieces.incrementAndGet();
			}

			@Override
			public void responseBodyFilter(Session session, BodyChunk chunk) {
				pieces.incrementAndGet();
			}

		};
		try (ProxyServer server = this.stand.proxies().filter(filter).start();
				RawClient client = Proxies.connect(server).send(TunnelStand.ASKED);
				RawClient peer = this.stand.accept()) {
			TunnelStand.head(peer);
			peer.send(TunnelStand.AGREED);
			assertThat(client.readHead().header("X-Seen")).isEqualTo("yes");
			new TunnelStand.Ends(client, peer).echo(Octets.pattern(100));
			assertThat(status).hasValue(101);
			assertThat(pieces).hasValue(0);
		}
	}

	@Test
	void filterMayForbidTheUpgradeByRemovingItFromTheRequest() {
		ProxyFilter filter = new ProxyFilter() {

			@Override
			public void upstreamRequestFilter(Session session, RequestHeader request) {
				request.headers().remove("Upgrade");
			}

		};
		try (ProxyServer server = this.stand.proxies().filter(filter).start();
				RawClient client = Proxies.connect(server).send(TunnelStand.ASKED);
				RawClient peer = this.stand.accept()) {
			assertThat(TunnelStand.head(peer)).doesNotContainIgnoringCase("upgrade");
			peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
			assertThat(client.readResponse().status()).isEqualTo(200);
		}
	}

	@Test
	void filterMayAnswerInPlaceOfThe101AndTheClientsConnectionGoesOn() {
		ProxyFilter filter = new ProxyFilter() {

			@Override
			public void responseFilter(Session session, ResponseHeader response) {
				if (response.status() == 101) {
					response.setStatus(403);
				}
			}

		};
		try (ProxyServer server = this.stand.proxies().filter(filter).start();
				RawClient client = Proxies.connect(server).send(TunnelStand.ASKED);
				RawClient peer = this.stand.accept()) {
			TunnelStand.head(peer);
			peer.send(TunnelStand.AGREED);
			assertThat(client.readResponse().status()).isEqualTo(403);
			assertThat(peer.awaitEnd()).isEqualTo(End.RESET);
			client.get("/next");
			try (RawClient another = this.stand.accept()) {
				assertThat(TunnelStand.head(another)).startsWith("GET /next");
			}
		}
	}

	@Test
	void panicAtThe101ResetsThisClientOnly() {
		ProxyFilter filter = new ProxyFilter() {

			@Override
			public void responseFilter(Session session, ResponseHeader response) {
				if (session.request().hasHeader("x-panic")) {
					throw new IllegalStateException("a bug");
				}
			}

		};
		try (ProxyServer server = this.stand.proxies().filter(filter).start();
				TunnelStand.Ends ends = this.stand.tunnel(server)) {
			try (RawClient client = Proxies.connect(server)) {
				client.send(TunnelStand.ASKED.replace("Host", "X-Panic: yes\r\nHost"));
				try (RawClient peer = this.stand.accept()) {
					TunnelStand.head(peer);
					peer.send(TunnelStand.AGREED);
					assertThat(client.awaitEnd()).isEqualTo(End.RESET);
					assertThat(client.received()).isEmpty();
					assertThat(peer.awaitEnd()).isEqualTo(End.RESET);
				}
			}
			assertThat(this.stand.awaitFinished().outcome()).isEqualTo(RequestOutcome.PANIC);
			ends.echo(Octets.pattern(1000));
			assertThat(server.activeTunnels()).isEqualTo(1);
		}
	}

	@Test
	void panicInLoggingAfterTheTunnelIsCounted() {
		ProxyFilter filter = new ProxyFilter() {

			@Override
			public void logging(Session session, RequestEnd end) {
				throw new IllegalStateException("a bug");
			}

		};
		try (ProxyServer server = this.stand.proxies().filter(filter).start();
				TunnelStand.Ends ends = this.stand.tunnel(server)) {
			ends.client().shutdownOutput();
			ends.peer().shutdownOutput();
			assertThat(ends.client().awaitEnd()).isEqualTo(End.FIN);
			assertThat(ends.peer().awaitEnd()).isEqualTo(End.FIN);
			assertThat(this.stand.awaitFinished().outcome()).isEqualTo(RequestOutcome.PANIC);
			Await.until("no tunnel", () -> server.activeTunnels() == 0);
		}
	}

	@Test
	void blockingFilterAtThe101HoldsWhatComesMeanwhile() {
		CountDownLatch go = new CountDownLatch(1);
		ProxyFilter filter = new ProxyFilter() {

			@Override
			@Blocking
			public void responseFilter(Session session, ResponseHeader response) {
				Await.until("the word to go on", () -> go.getCount() == 0);
			}

		};
		try (ProxyServer server = this.stand.proxies().filter(filter).start();
				RawClient client = Proxies.connect(server).send(TunnelStand.ASKED + "early");
				RawClient peer = this.stand.accept()) {
			TunnelStand.head(peer);
			peer.send(TunnelStand.AGREED + "early too").shutdownOutput();
			client.send(", and late");
			go.countDown();
			assertThat(client.readHead().status()).isEqualTo(101);
			assertThat(Octets.latin1(client.readAll())).isEqualTo("early too");
			client.shutdownOutput();
			assertThat(Octets.latin1(peer.readAll())).isEqualTo("early, and late");
			assertThat(this.stand.awaitFinished().outcome()).isEqualTo(RequestOutcome.PROXIED);
		}
	}

}
