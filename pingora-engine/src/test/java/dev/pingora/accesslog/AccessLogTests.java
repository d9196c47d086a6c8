package dev.pingora.accesslog;

import java.io.IOException;
import java.net.InetSocketAddress;
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
import dev.pingora.event.RejectedRequest;
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
		public boolean suppressErrorLog(Session session, ProxyException error) {
			return true;
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

	@Test
	void closingByAnInterruptedThreadStillWritesWhatWaits() {
		start(PATTERN);
		AccessLog log = this.log;
		assertThat(log).isNotNull();
		log.requestRejected(new RejectedRequest("HTTP/1.1", new InetSocketAddress("127.0.0.1", 1),
				ProxyException.downstream(ErrorType.READ_TIMEDOUT, "late")));
		Thread.currentThread().interrupt();
		log.close();
		assertThat(Thread.interrupted()).isTrue();
		assertThat(lines()).containsExactly("rejected 408 - - - read_timedout downstream");
		assertThat(List.of(log.written(), log.dropped())).containsExactly(1L, 0L);
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

	@Test
	void filtersAnswerIsLogged() {
		assertThat(only((client) -> client.send(get("/x?q", "x-answer: 1")).readResponse().status()))
			.isEqualTo("responded 401 GET /x - - -");
	}

	@Test
	void requestWithoutRouteIsLogged() {
		assertThat(only((client) -> client.get("/nowhere").readResponse().status()))
			.isEqualTo("error 404 GET /nowhere - no_route internal");
	}

	@Test
	void customErrorIsLogged() {
		assertThat(only((client) -> client.send(get("/x", "x-error: 1")).readResponse().status()))
			.isEqualTo("error 500 GET /x - my kind internal");
	}

	@Test
	void deadUpstreamIsLogged() {
		assertThat(only((client) -> client.send(get("/x", "x-dead: 1")).readResponse().status()))
			.isEqualTo("error 502 GET /x - connect_refused upstream");
	}

	@ParameterizedTest
	@EnumSource(value = Phase.class,
			names = { "NEW_CONTEXT", "REQUEST_FILTER", "RESPONSE_FILTER", "RESPONSE_BODY_FILTER" })
	void panickingRequestIsLoggedWithThePanicsId(Phase phase) {
		String line = only((client) -> client.send(get("/hello", "x-phase: " + phase.tag())).awaitEnd());
		Await.until("the panic is told", () -> !this.panics.isEmpty());
		assertThat(line).matches("panic (200|-) GET /hello " + this.panics.get(0) + " - -");
		assertThat(this.started.count).hasValue(1);
	}

	@Test
	void panicInLoggingIsLoggedToo() {
		String line = only((client) -> {
			assertThat(client.send(get("/hello", "x-phase: logging")).readResponse().text()).isEqualTo("hello");
			return client.awaitEnd();
		});
		Await.until("the panic is told", () -> !this.panics.isEmpty());
		assertThat(line).isEqualTo("panic 200 GET /hello " + this.panics.get(0) + " - -");
	}

	@Test
	void clientThatGoesAwayIsLogged() {
		CountDownLatch asked = new CountDownLatch(1);
		this.origin.on("/wait", (exchange) -> {
			asked.countDown();
			exchange.hang();
		});
		String line = only((client) -> {
			client.get("/wait");
			assertThat(awaitLatch(asked)).isTrue();
			client.abort();
			return client;
		});
		assertThat(line).startsWith("aborted - GET /wait - ");
	}

	private static boolean awaitLatch(CountDownLatch latch) {
		return Await.poll(Await.PATIENCE, () -> latch.getCount() == 0);
	}

	@Test
	void rejectedRequestIsLoggedAlthoughItNeverBegan() {
		assertThat(only((client) -> client.send("GET / HTTP/1.1\r\n\r\n").readResponse().status()))
			.isEqualTo("rejected 400 - - - invalid_target downstream");
		assertThat(this.started.count).hasValue(0);
	}

	@Test
	void connectionWithoutRequestHasNoLine() {
		String line = only((client) -> {
			connect().close();
			connect().shutdownOutput().awaitEnd();
			return client.get("/hello").readResponse().status();
		});
		assertThat(line).startsWith("proxied 200 GET /hello ");
		closeServer();
		assertThat(lines()).hasSize(1);
	}

	@Test
	void everyRequestHasExactlyOneLine() {
		start(AccessLogOptions.defaults().withFormat(AccessLogFormat.pattern(PATTERN + " $request_id")));
		int rounds = 20;
		for (int i = 0; i < rounds; i++) {
			try (RawClient keptAlive = connect()) {
				for (String field : List.of("x-ok: 1", "x-answer: 1", "x-dead: 1", "x-error: 1")) {
					keptAlive.send(get("/hello", field)).readResponse();
				}
				keptAlive.send(get("/hello") + get("/nowhere") + get("/bytes?n=100000") + get("/hello"));
				for (int pipelined = 0; pipelined < 4; pipelined++) {
					keptAlive.readResponse();
				}
				keptAlive.send(get("/hello", "x-phase: requestFilter") + get("/never-read")).awaitEnd();
			}
			try (RawClient logging = connect()) {
				logging.send(get("/hello", "x-phase: logging")).awaitEnd();
			}
			try (RawClient gone = connect()) {
				gone.get("/hang").abort();
			}
			try (RawClient cut = connect()) {
				assertThat(cut.send(get("/hello", "x-phase: responseBodyFilter")).awaitEnd()).isEqualTo(End.RESET);
			}
			try (RawClient reset = connect()) {
				reset.get("/reset").readResponse();
			}
		}
		closeServer();
		List<String> lines = lines();
		assertThat(lines).hasSize((int) this.started.count.get()).hasSizeGreaterThanOrEqualTo(rounds * 11);
		assertThat(lines.stream().map((line) -> line.substring(line.lastIndexOf(' '))).distinct())
			.hasSize(lines.size());
		assertThat(lines.stream().filter((line) -> line.startsWith("panic "))).hasSize(3 * rounds);
		assertThat(this.log).isNotNull();
		assertThat(this.log.written()).isEqualTo(lines.size());
		assertThat(this.log.dropped()).isZero();
	}

	@Test
	void requestInFlightAtTheCloseIsLogged() {
		start(PATTERN);
		try (RawClient client = connect()) {
			client.get("/hang");
			this.origin.awaitRequest(1);
			closeServer();
			client.awaitEnd();
		}
		assertThat(lines()).singleElement().asString().contains(" GET /hang ");
	}

	@Test
	void patternTellsOfTheUpstreamToo() {
		start("$remote_addr $remote_port $route $upstream $peer $attempts $upstream_status $upstream_connect_time "
				+ "$upstream_header_time $duration $bytes_received $bytes_sent $sent_http_content_type $http_x_absent "
				+ "$trace_id $request_id $protocol $host $method$path?$query");
		int port;
		try (RawClient client = connect()) {
			port = client.localAddress().getPort();
			client.send("POST /echo?a=b HTTP/1.1\r\nHost: h:1\r\nContent-Length: 3\r\n\r\nabc");
			assertThat(client.readResponse().text()).isEqualTo("abc");
		}
		assertThat(awaitLines(1).get(0)).matches("127\\.0\\.0\\.1 " + port + " r u 127\\.0\\.0\\.1:"
				+ this.origin.port()
				+ " 1 200 \\d+\\.\\d{3} \\d+\\.\\d{3} \\d+\\.\\d{3} 3 3 - - trace-1 1 HTTP/1\\.1 h:1 POST/echo\\?-");
	}

	@Test
	void queriesAreKeptOnDemand() {
		start(AccessLogOptions.defaults()
			.withFormat(AccessLogFormat.pattern("$request|$target|$path|$query|$http_referer|$sent_http_location"))
			.withQuery(AccessLogOptions.Query.KEEP));
		this.origin.on("/moved", (exchange) -> exchange.respond(302, "", "Location: /x?y=1"));
		try (RawClient client = connect()) {
			client.send(get("/moved?a=1", "Referer: http://r/?b=2")).readResponse();
		}
		assertThat(awaitLines(1)).containsExactly("GET /moved?a=1 HTTP/1.1|/moved?a=1|/moved|a=1|http://r/?b=2|/x?y=1");
	}

	@Test
	void queriesAreLeftOutOtherwise() {
		start("$request|$target|$path|$query|$http_referer|$sent_http_location");
		this.origin.on("/moved", (exchange) -> exchange.respond(302, "", "Location: /x?y=1"));
		try (RawClient client = connect()) {
			client.send(get("http://h/moved?a=1", "Referer: http://r/?b=2")).readResponse();
			client.send(get("/moved?a=1", "Referer: http://r/?b=2")).readResponse();
		}
		assertThat(awaitLines(2)).containsExactly("GET http://h/moved HTTP/1.1|http://h/moved|/moved|-|http://r/|/x",
				"GET /moved HTTP/1.1|/moved|/moved|-|http://r/|/x");
	}

	@Test
	void longValuesAreCut() {
		start("$target|$http_user_agent");
		try (RawClient client = connect()) {
			client.send(get("/" + "t".repeat(10_000), "User-Agent: " + "u".repeat(10_000), "x-answer: 1"))
				.readResponse();
		}
		assertThat(awaitLines(1)).containsExactly("/" + "t".repeat(4092) + "...|" + "u".repeat(1021) + "...");
	}

	@Test
	void hostileValuesStayInTheirQuotes() {
		start("\"$request\" \"$http_user_agent\"");
		try (RawClient client = connect()) {
			RawResponse response = client.send(get("/\"\\\u00e9", "User-Agent: \"\\\u0080\u00ff\t.", "x-answer: 1"))
				.readResponse();
			assertThat(response.status()).isEqualTo(401);
		}
		assertThat(awaitLines(1)).containsExactly("\"GET /\\x22\\x5C\\xE9 HTTP/1.1\" \"\\x22\\x5C\\x80\\xFF\\x09.\"");
	}

}
