package dev.pingora.server;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ProxyException;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import dev.pingora.upstream.HttpPeer;
import dev.pingora.upstream.PeerOptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * How large the heads of a peer's responses may be is an option of the peer.
 */
@ExtendWith(EngineExtension.class)
class ResponseHeadLimitTests {

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private final List<ProxyException> failures = new CopyOnWriteArrayList<>();

	private final class Noting implements ProxyListener {

		@Override
		public void requestFinished(FinishedRequest request) {
			if (request.error() != null) {
				ResponseHeadLimitTests.this.failures.add(Objects.requireNonNull(request.error()));
			}
		}

	}

	private Proxies proxies(Consumer<PeerOptions.Builder> options) {
		return Proxies.to(this.origin).peer(options).with((it) -> it.proxyListener(new Noting()));
	}

	/** Answers with a field of a size, and with so many fields. */
	private void answer(int size, int fields) {
		String[] lines = new String[fields];
		Arrays.fill(lines, "X-B: 1");
		lines[0] = "Content-Length: 2";
		lines[1] = "X-A: " + "a".repeat(size);
		this.origin.on("/head", (exchange) -> exchange.head(200, lines).write("ok"));
	}

	private void assertRefused() {
		Await.until("the failure", () -> this.failures.size() == 1);
		assertThat(this.failures.get(0).type().name()).isEqualTo("header_too_large");
		assertThat(this.failures.get(0).source()).isEqualTo(ErrorSource.UPSTREAM);
		assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
	}

	@Test
	void peerMayBeAllowedLargerHeads() {
		answer(200_000, 300);
		try (ProxyServer server = proxies((it) -> it.maxHeaderSize(256 * 1024).maxHeaderCount(300)).start();
				RawClient client = Proxies.connect(server)) {
			for (int i = 0; i < 2; i++) {
				RawResponse response = client.get("/head").readResponse();
				assertThat(response.status()).isEqualTo(200);
				assertThat(response.header("x-a")).hasSize(200_000);
				assertThat(response.headers().all("x-b")).hasSize(298);
				assertThat(response.text()).isEqualTo("ok");
			}
			assertThat(this.origin.acceptedConnections()).isOne();
			assertThat(this.failures).isEmpty();
		}
	}

	@ParameterizedTest
	@CsvSource({ "1024, 200, 1000, 2", "65536, 10, 10, 11", "65536, 200, 65536, 2", "65536, 200, 1, 201" })
	void headBeyondThePeersLimitIsBadGateway(int size, int count, int sent, int fields) {
		answer(sent, fields);
		try (ProxyServer server = proxies((it) -> it.maxHeaderSize(size).maxHeaderCount(count)).start();
				RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/head").readResponse().status()).isEqualTo(502);
			assertRefused();
			assertThat(this.origin.requestCount()).isOne();
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
		}
	}

	@ParameterizedTest
	@CsvSource({ "1024, 10, 600, 10", "65536, 10, 1, 10" })
	void headWithinThePeersLimitIsForwarded(int size, int count, int sent, int fields) {
		answer(sent, fields);
		try (ProxyServer server = proxies((it) -> it.maxHeaderSize(size).maxHeaderCount(count)).start();
				RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/head").readResponse().header("x-a")).hasSize(sent);
		}
	}

	@Test
	void trailersAreLimitedAsHeadsAre() {
		this.origin.on("/trailers", (exchange) -> {
			exchange.head(200, "Transfer-Encoding: chunked");
			exchange.lastChunk("X-A: " + "a".repeat(1024));
		});
		try (ProxyServer server = proxies((it) -> it.maxHeaderSize(1024)).start();
				RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/trailers").awaitEnd()).isEqualTo(End.RESET);
			assertRefused();
		}
	}

	@Test
	void interimResponsesAreLimitedTogether() {
		this.origin.on("/interim", (exchange) -> {
			for (int i = 0; i < 3; i++) {
				exchange.interim(103, "X-A: " + "a".repeat(400));
			}
			exchange.respond(200, "ok");
		});
		try (ProxyServer server = proxies((it) -> it.maxHeaderSize(1024)).start();
				RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/interim").readResponse().status()).isEqualTo(502);
			assertRefused();
		}
	}

	/** Peers with equal keys share connections, but each has its own limits. */
	@Test
	void eachRequestHasTheLimitsOfItsPeer() {
		answer(2000, 10);
		ProxyFilter choice = new ProxyFilter() {

			@Override
			public HttpPeer upstreamPeer(Session session) {
				int size = Integer.parseInt(Objects.requireNonNull(session.request().header("x-limit")));
				return HttpPeer.of("127.0.0.1", ResponseHeadLimitTests.this.origin.port(),
						PeerOptions.builder().maxHeaderSize(size).build());
			}

		};
		try (ProxyServer server = proxies((it) -> {
		}).filter(choice).start(); RawClient client = Proxies.connect(server)) {
			String request = "GET /head HTTP/1.1\r\nHost: a\r\nX-Limit: ";
			assertThat(client.send(request + "4096\r\n\r\n").readResponse().status()).isEqualTo(200);
			assertThat(client.send(request + "1024\r\n\r\n").readResponse().status()).isEqualTo(502);
			assertThat(this.origin.acceptedConnections()).isOne();
			assertThat(client.send(request + "4096\r\n\r\n").readResponse().status()).isEqualTo(200);
			assertRefused();
		}
	}

	@Test
	void limitsAreChecked() {
		assertThat(PeerOptions.defaults().maxHeaderSize()).isEqualTo(65_536);
		assertThat(PeerOptions.defaults().maxHeaderCount()).isEqualTo(200);
		PeerOptions.Builder options = PeerOptions.builder();
		assertThatIllegalArgumentException().isThrownBy(() -> options.maxHeaderSize(255).build())
			.withMessage("maxHeaderSize: 255 (expected: 256..1048576)");
		assertThatIllegalArgumentException().isThrownBy(() -> options.maxHeaderSize(256).maxHeaderCount(0).build())
			.withMessage("maxHeaderCount: 0 (expected: 1..10000)");
	}

}
