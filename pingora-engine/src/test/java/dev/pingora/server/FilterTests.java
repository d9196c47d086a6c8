package dev.pingora.server;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import dev.pingora.event.FinishedRequest;
import dev.pingora.error.ProxyException;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RequestOutcome;
import dev.pingora.event.RequestSummary;
import dev.pingora.http.BodyChunk;
import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.proxy.Attribute;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.ProxyHttp;
import dev.pingora.proxy.RequestEnd;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.Octets;
import dev.pingora.testkit.OriginRequest;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import dev.pingora.upstream.HttpPeer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * What filters can do to a request and its response, and in which order they are asked.
 */
@ExtendWith(EngineExtension.class)
class FilterTests {

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private final List<String> calls = new CopyOnWriteArrayList<>();

	private final List<RequestSummary> finished = new CopyOnWriteArrayList<>();

	private ProxyServer serve(ProxyFilter... filters) {
		Proxies proxies = Proxies.to(this.origin).with((it) -> it.proxyListener(new ProxyListener() {
			@Override
			public void requestFinished(FinishedRequest request) {
				RequestSummary summary = request.summary();
				FilterTests.this.finished.add(summary);
			}
		}));
		List.of(filters).forEach(proxies::filter);
		return proxies.start();
	}

	private RequestSummary awaitFinished() {
		Await.until("a finished request", () -> !this.finished.isEmpty());
		return this.finished.get(0);
	}

	/** Answers by path: {@code /status}, {@code /text}, {@code /full}. */
	private static final class Responding implements ProxyFilter {

		@Override
		public Outcome requestFilter(Session session) {
			return switch (session.request().path()) {
				case "/status" -> session.respond(403);
				case "/no-content" -> session.respond(204);
				case "/text" -> session.respond(200, "text/plain;charset=utf-8", "h\u00e4llo");
				case "/full" -> {
					ResponseHeader header = ResponseHeader.of(299);
					header.headers().add("X-A", "1").add("X-A", "2").set("Content-Length", "99999");
					yield session.respond(header, Octets.pattern(70_000));
				}
				default -> Outcome.CONTINUE;
			};
		}

	}

	@Test
	void respondAnswersInAllItsForms() {
		try (ProxyServer server = serve(new Responding()); RawClient client = Proxies.connect(server)) {
			RawResponse status = client.get("/status").readResponse();
			assertThat(status.status()).isEqualTo(403);
			assertThat(status.header("content-length")).isEqualTo("0");
			RawResponse none = client.get("/no-content").readResponse();
			assertThat(none.status()).isEqualTo(204);
			assertThat(none.headers().has("content-length")).isFalse();
			RawResponse text = client.get("/text").readResponse();
			assertThat(text.header("content-type")).isEqualTo("text/plain;charset=utf-8");
			assertThat(text.body()).isEqualTo("h\u00e4llo".getBytes(StandardCharsets.UTF_8));
			RawResponse full = client.get("/full").readResponse();
			assertThat(full.status()).isEqualTo(299);
			assertThat(full.headers().all("x-a")).containsExactly("1", "2");
			assertThat(full.headers().all("content-length")).containsExactly("70000");
			assertThat(full.body()).isEqualTo(Octets.pattern(70_000));
			assertThat(this.origin.acceptedConnections()).isZero();
			assertThat(awaitFinished().outcome()).isEqualTo(RequestOutcome.RESPONDED);
		}
	}

	@Test
	void respondToHeadSendsNoBody() {
		try (ProxyServer server = serve(new Responding()); RawClient client = Proxies.connect(server)) {
			client.send("HEAD /full HTTP/1.1\r\nHost: a\r\n\r\n");
			assertThat(client.readResponseTo("HEAD").header("content-length")).isEqualTo("70000");
			assertThat(client.get("/status").readResponse().status()).isEqualTo(403);
		}
	}

	@Test
	void respondSkipsABodyThatIsThereAndTheConnectionGoesOn() {
		try (ProxyServer server = serve(new Responding()); RawClient client = Proxies.connect(server)) {
			client.send("POST /status HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
			assertThat(client.readResponse().status()).isEqualTo(403);
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
		}
	}

	@Test
	void respondBeforeTheBodyHasComeEndsTheConnection() {
		try (ProxyServer server = serve(new Responding()); RawClient client = Proxies.connect(server)) {
			client.send("POST /status HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nhello");
			RawResponse response = client.readResponse();
			assertThat(response.status()).isEqualTo(403);
			assertThat(response.headers().lists("connection", "close")).isTrue();
			assertThat(client.send("more").awaitEnd()).isEqualTo(End.FIN);
		}
	}

	private final class Naming implements ProxyFilter {

		private final String name;

		Naming(String name) {
			this.name = name;
		}

		private void called(String phase) {
			FilterTests.this.calls.add(phase + " " + this.name);
		}

		@Override
		public void newContext(Session session) {
			called("newContext");
		}

		@Override
		public void earlyRequestFilter(Session session) {
			called("earlyRequestFilter");
		}

		@Override
		public Outcome requestFilter(Session session) {
			called("requestFilter");
			return Outcome.CONTINUE;
		}

		@Override
		public void upstreamRequestFilter(Session session, RequestHeader upstreamRequest) {
			called("upstreamRequestFilter");
		}

		@Override
		public void requestBodyFilter(Session session, BodyChunk chunk) {
			called("requestBodyFilter");
		}

		@Override
		public void upstreamResponseFilter(Session session, ResponseHeader response) {
			called("upstreamResponseFilter");
		}

		@Override
		public void responseFilter(Session session, ResponseHeader response) {
			called("responseFilter");
		}

		@Override
		public void responseTrailerFilter(Session session, Headers trailers) {
			called("responseTrailerFilter");
		}

		@Override
		public void logging(Session session, RequestEnd end) {
			called("logging");
		}

	}

	@Test
	void filtersNestAroundTheUpstream() {
		try (ProxyServer server = serve(new Naming("a"), new Naming("b")); RawClient client = Proxies.connect(server)) {
			client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n");
			client.readResponse();
			Await.until("logging", () -> this.calls.contains("logging b"));
			assertThat(this.calls).filteredOn((call) -> !call.startsWith("requestBody"))
				.containsExactly("newContext a", "newContext b", "earlyRequestFilter a", "earlyRequestFilter b",
						"requestFilter a", "requestFilter b", "upstreamRequestFilter a", "upstreamRequestFilter b",
						"upstreamResponseFilter b", "upstreamResponseFilter a", "responseFilter b", "responseFilter a",
						"responseTrailerFilter b", "responseTrailerFilter a", "logging a", "logging b");
		}
	}

	@Test
	void filterThatAnswersKeepsTheOthersOut() {
		try (ProxyServer server = serve(new Responding(), new Naming("b"));
				RawClient client = Proxies.connect(server)) {
			client.get("/status").readResponse();
			Await.until("logging", () -> this.calls.contains("logging b"));
			assertThat(this.calls).containsExactly("newContext b", "earlyRequestFilter b", "logging b");
		}
	}

	@Test
	void headsAreEdited() {
		ProxyFilter editing = new ProxyFilter() {
			@Override
			public Outcome requestFilter(Session session) {
				session.request().headers().set("X-Seen", "yes");
				return Outcome.CONTINUE;
			}

			@Override
			public void upstreamRequestFilter(Session session, RequestHeader upstreamRequest) {
				upstreamRequest.setPath("/hello");
				upstreamRequest.headers().remove("X-Secret");
				upstreamRequest.headers().add("X-Added", "1").add("X-Added", "2").set("x-odd", "new");
			}

			@Override
			public void responseFilter(Session session, ResponseHeader response) {
				response.setStatus(203);
				response.headers().set("X-Seen", String.valueOf(session.request().path()));
				response.headers().remove("Content-Type");
			}
		};
		try (ProxyServer server = serve(editing); RawClient client = Proxies.connect(server)) {
			RawResponse response = client
				.send("GET /other?q=1 HTTP/1.1\r\nHost: a\r\nX-Secret: s\r\nX-Odd: old\r\nX-Last: l\r\n\r\n")
				.readResponse();
			assertThat(response.status()).isEqualTo(203);
			assertThat(response.header("x-seen")).isEqualTo("/other");
			assertThat(response.headers().has("content-type")).isFalse();
			OriginRequest request = this.origin.awaitRequest(1);
			assertThat(request.target()).isEqualTo("/hello?q=1");
			assertThat(request.headers().has("x-secret")).isFalse();
			assertThat(request.headers().all("x-added")).containsExactly("1", "2");
			assertThat(request.headers().all("x-odd")).containsExactly("new");
			assertThat(request.header("x-seen")).isEqualTo("yes");
			assertThat(request.header("x-last")).isEqualTo("l");
		}
	}

	/** Replaces all bodies, and perhaps removes their lengths. */
	private record Replacing(byte[] replacement, boolean removesLength) implements ProxyFilter {

		@Override
		public void upstreamRequestFilter(Session session, RequestHeader upstreamRequest) {
			if (this.removesLength) {
				upstreamRequest.headers().remove("Content-Length");
			}
		}

		@Override
		public void requestBodyFilter(Session session, BodyChunk chunk) {
			replace(session, chunk);
		}

		@Override
		public void responseFilter(Session session, ResponseHeader response) {
			if (this.removesLength) {
				response.headers().remove("Content-Length");
			}
		}

		@Override
		public void responseBodyFilter(Session session, BodyChunk chunk) {
			if (session.request().path().equals("/bytes")) {
				replace(session, chunk);
			}
		}

		private void replace(Session session, BodyChunk chunk) {
			if (chunk.isLast()) {
				chunk.replace(this.replacement);
			}
			else {
				chunk.clear();
			}
		}

	}

	@Test
	void replacedBodiesAreChunkedWhenTheirLengthIsRemoved() {
		byte[] replacement = Octets.pattern(9, 0, 1234);
		try (ProxyServer server = serve(new Replacing(replacement, true)); RawClient client = Proxies.connect(server)) {
			RawResponse response = client.get("/bytes?n=500000").readResponse();
			assertThat(response.headers().has("content-length")).isFalse();
			assertThat(response.body()).isEqualTo(replacement);
			client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
			assertThat(client.readResponse().body()).isEqualTo(replacement);
			assertThat(this.origin.awaitRequest(2).headers().lists("transfer-encoding", "chunked")).isTrue();
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 3, 7 })
	void responseBodyOfAnotherLengthThanItsHeadSaysIsAnError(int length) {
		try (ProxyServer server = serve(new Replacing(new byte[length], false));
				RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/bytes?n=5").awaitEnd()).isEqualTo(End.RESET);
			assertThat(awaitFinished().outcome()).isEqualTo(RequestOutcome.ERROR);
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 3, 7 })
	void requestBodyOfAnotherLengthThanItsHeadSaysIsAnError(int length) {
		try (ProxyServer server = serve(new Replacing(new byte[length], false));
				RawClient client = Proxies.connect(server)) {
			client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
			assertThat(client.readResponse().status()).isEqualTo(500);
			assertThat(this.origin.awaitClosed(1)).isNotEqualTo(End.OPEN);
			assertThat(this.origin.awaitRequest(1).content().isComplete()).isFalse();
			assertThat(awaitFinished().outcome()).isEqualTo(RequestOutcome.ERROR);
		}
	}

	@Test
	void attributesPassFromFilterToFilterAndNotFromRequestToRequest() {
		Attribute<String> key = Attribute.named("user");
		ProxyFilter writing = new ProxyFilter() {
			@Override
			public void earlyRequestFilter(Session session) {
				if (session.attribute(key) == null && session.request().hasHeader("x-user")) {
					session.attribute(key, session.request().header("x-user"));
				}
			}
		};
		ProxyFilter reading = new ProxyFilter() {
			@Override
			public Outcome requestFilter(Session session) {
				return session.respond(200, "text/plain", String.valueOf(session.attribute(key)));
			}
		};
		try (ProxyServer server = serve(writing, reading); RawClient client = Proxies.connect(server)) {
			client.send("GET / HTTP/1.1\r\nHost: a\r\nX-User: u1\r\n\r\n");
			assertThat(client.readResponse().text()).isEqualTo("u1");
			assertThat(client.get("/").readResponse().text()).isEqualTo("null");
		}
	}

	@Test
	void contextBelongsToOneRequest() {
		HttpPeer peer = HttpPeer.of("127.0.0.1", this.origin.port());
		ProxyHttp<AtomicInteger> proxy = new ProxyHttp<>() {
			@Override
			public AtomicInteger newContext() {
				return new AtomicInteger();
			}

			@Override
			public Outcome requestFilter(Session session, AtomicInteger context) {
				context.incrementAndGet();
				return Outcome.CONTINUE;
			}

			@Override
			public HttpPeer upstreamPeer(Session session, AtomicInteger context) {
				return peer;
			}

			@Override
			public void responseFilter(Session session, ResponseHeader response, AtomicInteger context) {
				response.headers().set("X-Count", String.valueOf(context.incrementAndGet()));
			}
		};
		try (ProxyServer server = Proxies.serve(proxy); RawClient client = Proxies.connect(server)) {
			for (int i = 0; i < 3; i++) {
				assertThat(client.get("/hello").readResponse().header("x-count")).isEqualTo("2");
			}
		}
	}

	@Test
	void releaseActionsRunOnceInReverseOrderAfterLogging() {
		ProxyFilter owning = new ProxyFilter() {
			@Override
			public Outcome requestFilter(Session session) throws ProxyException {
				session.onRelease(() -> FilterTests.this.calls.add("first"));
				session.onRelease(() -> FilterTests.this.calls.add("second"));
				if (session.request().path().equals("/refused")) {
					throw ProxyException.httpStatus(403, "no");
				}
				return Outcome.CONTINUE;
			}

			@Override
			public void logging(Session session, RequestEnd end) {
				FilterTests.this.calls.add("logging");
			}
		};
		try (ProxyServer server = serve(owning); RawClient client = Proxies.connect(server)) {
			for (String path : List.of("/hello", "/refused", "/reset")) {
				this.calls.clear();
				client.get(path).readResponse();
				Await.until("the end", () -> server.activeRequests() == 0);
				assertThat(this.calls).as(path).containsExactly("logging", "second", "first");
			}
		}
	}

	@Test
	void nothingOfARequestCanBeUsedAfterItsEnd() {
		AtomicReference<Session> session = new AtomicReference<>();
		AtomicReference<RequestHeader> request = new AtomicReference<>();
		AtomicReference<ResponseHeader> response = new AtomicReference<>();
		ProxyFilter leaking = new ProxyFilter() {
			@Override
			public void responseFilter(Session current, ResponseHeader head) {
				session.compareAndSet(null, current);
				request.compareAndSet(null, current.request());
				response.compareAndSet(null, head);
			}
		};
		try (ProxyServer server = serve(leaking); RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			Await.until("the end", () -> server.activeRequests() == 0);
			client.get("/bytes").readResponse(); // reuses what the first one used
			assertThatIllegalStateException().isThrownBy(() -> session.get().request());
			assertThatIllegalStateException().isThrownBy(() -> session.get().onRelease(() -> {
			}));
			assertThat(catchThrowable(() -> request.get().header("host"))).isInstanceOf(IllegalStateException.class);
			assertThat(catchThrowable(() -> request.get().path())).isInstanceOf(IllegalStateException.class);
			assertThat(catchThrowable(() -> request.get().headers().set("a", "b")))
				.isInstanceOf(IllegalStateException.class);
			assertThat(catchThrowable(() -> response.get().header("content-type")))
				.isInstanceOf(IllegalStateException.class);
		}
	}

}
