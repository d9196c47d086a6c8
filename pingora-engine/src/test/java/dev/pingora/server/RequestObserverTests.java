package dev.pingora.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.error.ProxyException;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.Phase;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RequestObserver;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The order in which an observer is told of a request, on each way to its end.
 */
@ExtendWith(EngineExtension.class)
class RequestObserverTests {

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private final List<String> told = new CopyOnWriteArrayList<>();

	@AutoClose
	private @Nullable ProxyServer server;

	private RawClient connect(ProxyFilter filter, int... ports) {
		List<Backend> backends = new ArrayList<>();
		for (int port : ports) {
			backends.add(Backend.of(HttpPeer.of("127.0.0.1", port)));
		}
		Route route = Route.of("route", List.of(NamedFilter.of("filter", filter)), Upstream.of("origin", backends));
		ProxyServer started = ProxyServer.builder()
			.listener(ListenerOptions.of("http", "127.0.0.1", 0))
			.threads(1)
			.router((request, trace) -> route)
			.proxyListener(new Telling(this.told))
			.build()
			.start();
		this.server = started;
		return RawClient.connect(started.port("http"));
	}

	private void awaitFinished() {
		Await.until("the request has finished", () -> this.told.toString().contains("finished"));
	}

	@Test
	void attemptEndsBeforeItsRequest() {
		try (RawClient client = connect(new ProxyFilter() {
		}, this.origin.port())) {
			client.get("/hello").readResponse();
			awaitFinished();
		}
		assertThat(this.told).containsExactly("attempt 1", "request", "attempt ended 200", "finished proxied");
	}

	@Test
	void failedAttemptEndsBeforeTheNextBegins() throws IOException {
		int closed;
		try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			closed = unused.getLocalPort();
		}
		try (RawClient client = connect(new ProxyFilter() {
		}, closed, this.origin.port())) {
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(200);
			awaitFinished();
		}
		assertThat(this.told).containsExactly("attempt 1", "attempt ended connect_refused", "attempt 2", "request",
				"attempt ended 200", "finished proxied");
	}

	@Test
	void attemptOfAPanickedRequestEnds() {
		try (RawClient client = connect(new ProxyFilter() {

			@Override
			public void responseFilter(Session session, ResponseHeader response) {
				throw new IllegalStateException("a bug");
			}

		}, this.origin.port())) {
			client.get("/hello").awaitEnd();
			awaitFinished();
		}
		assertThat(this.told).containsExactly("attempt 1", "request", "attempt ended 200", "finished panic");
	}

	@Test
	void attemptOfAnAbortedRequestEnds() {
		try (RawClient client = connect(new ProxyFilter() {
		}, this.origin.port())) {
			client.get("/hang");
			this.origin.awaitRequest(1);
			client.abort();
			awaitFinished();
		}
		assertThat(this.told).containsExactly("attempt 1", "request", "attempt ended 0", "finished aborted");
	}

	@Test
	void blockingCallIsObservedOnItsThreadToItsEnd() {
		try (RawClient client = connect(new BlockingFilter(), this.origin.port())) {
			assertThat(client.get("/hello").readResponse().status()).isEqualTo(204);
			awaitFinished();
		}
		assertThat(this.told).containsExactly("blocking requestFilter", "begin", "end null", "finished responded");
	}

	@Test
	void blockingCallThatIsCutOffEndsBeforeItsRequest() {
		BlockingFilter filter = new BlockingFilter();
		filter.gate = new CountDownLatch(1);
		try (RawClient client = connect(filter, this.origin.port())) {
			client.get("/hello");
			Await.until("the call has begun", () -> this.told.contains("begin"));
			client.abort();
			awaitFinished();
		}
		assertThat(this.told).containsExactly("blocking requestFilter", "begin", "end InterruptedException",
				"finished aborted");
	}

	@Blocking
	private static final class BlockingFilter implements ProxyFilter {

		private CountDownLatch gate = new CountDownLatch(0);

		@Override
		public Outcome requestFilter(Session session) {
			try {
				this.gate.await();
			}
			catch (InterruptedException ex) {
				sneak(ex);
			}
			return session.respond(204);
		}

		@SuppressWarnings("unchecked")
		private static <E extends Throwable> void sneak(Throwable thrown) throws E {
			throw (E) thrown;
		}

	}

	private record Telling(List<String> told) implements ProxyListener, RequestObserver {

		@Override
		public RequestObserver requestStarted(long requestId, RequestHeader request) {
			return this;
		}

		@Override
		public void attemptStarted(HttpPeer peer, int attempt) {
			this.told.add("attempt " + attempt);
		}

		@Override
		public void upstreamRequest(RequestHeader request) {
			this.told.add("request");
		}

		@Override
		public void attemptFinished(int status, @Nullable ProxyException error) {
			this.told.add("attempt ended " + ((error != null) ? error.type().name() : status));
		}

		@Override
		public BlockingObserver blockingStarted(Phase phase, String filter) {
			this.told.add("blocking " + phase.tag());
			return new BlockingObserver() {

				@Override
				public void begin() {
					Telling.this.told.add("begin");
				}

				@Override
				public void end(@Nullable Throwable thrown) {
					Telling.this.told.add("end " + ((thrown != null) ? thrown.getClass().getSimpleName() : null));
				}

			};
		}

		@Override
		public void finished(FinishedRequest request) {
			this.told.add("finished " + request.outcome().tag());
		}

	}

}
