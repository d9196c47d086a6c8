package dev.pingora.server;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.pingora.http.RequestHeader;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What can put a client's connection out of step, or leave it unread.
 */
@ExtendWith(EngineExtension.class)
class ConnectionInStepTests {

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	// A filter that caches asks for the whole of what the client wants the head of.
	@Test
	void headThatWasMadeAGetGetsNoTrailers() {
		this.origin.on("/trailers", (exchange) -> {
			exchange.head(200, "Transfer-Encoding: chunked").chunk("abc".getBytes());
			exchange.lastChunk("X-Sum: 1");
		});
		try (ProxyServer server = Proxies.to(this.origin).filter(new ProxyFilter() {
			@Override
			public void upstreamRequestFilter(Session session, RequestHeader upstreamRequest) {
				upstreamRequest.setMethod("GET");
			}
		}).start(); RawClient client = Proxies.connect(server)) {
			client.send("HEAD /trailers HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
			assertThat(client.readResponseTo("HEAD").status()).isEqualTo(200);
			RawResponse behind = client.readResponse();
			assertThat(behind.status()).isEqualTo(200);
			assertThat(behind.text()).isEqualTo("hello");
		}
	}

	// Reading pauses while more is held than is allowed. A body that nobody has asked
	// for is skipped when the answer comes, and then nothing is held any more.
	@Test
	void connectionIsReadAgainBehindABodyThatNobodyWanted() {
		CountDownLatch release = new CountDownLatch(1);
		try (ProxyServer server = Proxies.to(this.origin).filter(new ProxyFilter() {
			@Override
			@Blocking
			public Outcome requestFilter(Session session) {
				if (!session.request().path().equals("/denied")) {
					return Outcome.CONTINUE;
				}
				awaitRelease(release);
				return session.respond(403);
			}
		}).start(); RawClient client = Proxies.connect(server); RawClient other = Proxies.connect(server)) {
			client.send("POST /denied HTTP/1.1\r\nHost: a\r\nContent-Length: 66000\r\n\r\n");
			client.send("a".repeat(66_000));
			for (int i = 0; i < 50; i++) { // the loop reads whatever has come, each time
				other.get("/hello").readResponse();
			}
			release.countDown();
			RawResponse denied = client.readResponse();
			assertThat(denied.status()).isEqualTo(403);
			assertThat(denied.headers().has("connection")).isFalse();
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
		}
	}

	private static void awaitRelease(CountDownLatch release) {
		try {
			assertThat(release.await(10, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
