package dev.pingora.accesslog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.event.Phase;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RequestObserver;
import dev.pingora.http.BodyChunk;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicListener;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.RequestEnd;
import dev.pingora.proxy.Route;
import dev.pingora.proxy.Session;
import dev.pingora.server.ListenerOptions;
import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A line for each request, however it ends.
 */
@ExtendWith(EngineExtension.class)
class AccessLogTests {

	private static final String PATTERN = "$outcome $status $method $target $panic_id $error $error_source";

	private final RawOrigin origin = RawOrigin.start();

	private final List<Long> panics = new ArrayList<>();

	private final PanicListener panicListener = (panic) -> this.panics.add(panic.id());

	private final PanicIsolation isolation = new PanicIsolation(List.of(this.panicListener));

	private final Started started = new Started();

	@TempDir
	private Path directory;

	private @Nullable AccessLog log;

	private @Nullable ProxyServer server;

	/** Counts the requests that begin. */
	static final class Started implements ProxyListener {

		final AtomicLong count = new AtomicLong();

		@Override
		public @Nullable RequestObserver requestStarted(long requestId, RequestHeader request) {
			this.count.incrementAndGet();
			return new RequestObserver() {

				@Override
				public String traceId() {
					return "trace-" + requestId;
				}

			};
		}

	}

	/** Panics in the phase that the field {@code x-phase} names. */
	static final class Panicking implements ProxyFilter {

		private static void maybe(Session session, Phase phase) {
			if (phase.tag().equals(session.request().header("x-phase"))) {
				throw new IllegalStateException("a mistake");
			}
		}

		@Override
		public void newContext(Session session) {
			maybe(session, Phase.NEW_CONTEXT);
		}

		@Override
		public Outcome requestFilter(Session session) throws ProxyException {
			maybe(session, Phase.REQUEST_FILTER);
			if (session.request().hasHeader("x-error")) {
				throw ProxyException.internal(ErrorType.custom("my kind"), "asked for");
			}
			return session.request().hasHeader("x-answer") ? session.respond(401) : Outcome.CONTINUE;
		}

		@Override
		public @Nullable HttpPeer upstreamPeer(Session session) {
			return session.request().hasHeader("x-dead") ? HttpPeer.of("127.0.0.1", 1) : null;
		}

		@Override
		public void responseFilter(Session session, ResponseHeader response) {
			maybe(session, Phase.RESPONSE_FILTER);
		}

		@Override
		public void responseBodyFilter(Session session, BodyChunk chunk) {
			maybe(session, Phase.RESPONSE_BODY_FILTER);
		}

		@Override
		public void logging(Session session, RequestEnd end) {
			maybe(session, Phase.LOGGING);
		}

	}

	private void start(AccessLogOptions options) {
		this.log = AccessLog.open(options.withPath(path()), this.isolation);
		Route route = Route.of("r", List.of(NamedFilter.of("panicking", new Panicking())),
				Upstream.of("u", List.of(Backend.of(HttpPeer.of("127.0.0.1", this.origin.port())))));
		this.server = ProxyServer.builder()
			.listener(ListenerOptions.of("http", "127.0.0.1", 0))
			.threads(1)
			.isolation(this.isolation)
			.proxyListener(this.started)
			.proxyListener(this.log)
			.router((request, trace) -> {
				if (request.path().startsWith("/nowhere")) {
					throw ProxyException.internal(ErrorType.NO_ROUTE, "none");
				}
				return route;
			})
			.build()
			.start();
	}

	private void start(String pattern) {
		start(AccessLogOptions.defaults().withFormat(AccessLogFormat.of(pattern)));
	}

	private Path path() {
		return this.directory.resolve("access.log");
	}

	private RawClient connect() {
		assertThat(this.server).isNotNull();
		return RawClient.connect(this.server.port("http"));
	}

	private List<String> lines() {
		try {
			return Files.exists(path()) ? Files.readAllLines(path()) : List.of();
		}
		catch (IOException failure) {
			throw new IllegalStateException(failure);
		}
	}

	private List<String> awaitLines(int count) {
		Await.until(Await.PATIENCE, () -> count + " lines: " + lines(), () -> lines().size() >= count);
		assertThat(lines()).hasSize(count);
		return lines();
	}

	private void closeServer() {
		if (this.server != null) {
			this.server.close();
		}
		if (this.log != null) {
			this.log.close();
		}
	}

	@AfterEach
	void close() {
		closeServer();
		this.isolation.close();
		this.origin.close();
	}

	private static String get(String target, String... fields) {
		return "GET " + target + " HTTP/1.1\r\nHost: h\r\n"
				+ String.join("", List.of(fields).stream().map((field) -> field + "\r\n").toList()) + "\r\n";
	}

	private String only(Function<RawClient, Object> exchange) {
		start(PATTERN);
		try (RawClient client = connect()) {
			exchange.apply(client);
		}
		return awaitLines(1).get(0);
	}

	@Test
	void proxiedRequestHasALineOfTheCommonKind() {
		start("combined");
		try (RawClient client = connect()) {
			client.send(get("/hello?secret=1", "User-Agent: probe", "Referer: http://a/b?secret=2"));
			assertThat(client.readResponse().text()).isEqualTo("hello");
		}
		assertThat(awaitLines(1).get(0))
			.matches("127\\.0\\.0\\.1 - - " + "\\[\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}] "
					+ "\"GET /hello HTTP/1\\.1\" 200 5 \"http://a/b\" \"probe\"");
	}

}
