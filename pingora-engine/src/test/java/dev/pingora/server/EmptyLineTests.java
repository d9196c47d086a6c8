package dev.pingora.server;

import java.time.Duration;
import java.util.Map;

import dev.pingora.error.ErrorType;
import dev.pingora.http.ResponseHeader;
import dev.pingora.protocol.ClosingLimit;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.End;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.testkit.RawResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * RFC 9112 section 2.2: the empty line that may stand before a request is not part of
 * one. Whoever has sent nothing else waits for no answer.
 */
@ExtendWith(EngineExtension.class)
class EmptyLineTests {

	private static final Duration SHORT = Duration.ofMillis(300);

	private static final Duration LONG = Duration.ofMinutes(1);

	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	private final Endings endings = new Endings();

	private ProxyServer server(Duration header, Duration idle) {
		return Proxies.to(this.origin)
			.downstream((it) -> it.headerTimeout(header).idleTimeout(idle))
			.with((it) -> it.proxyListener(this.endings))
			.start();
	}

	private void assertClosedSilently(ProxyServer server, RawClient client, ClosingLimit limit) {
		assertThat(client.readAll()).isEmpty();
		Map<ClosingLimit, Long> none = server.listeners().get(0).closed();
		none.replaceAll((each, count) -> (each == limit) ? 1L : 0L);
		Await.until("the end is counted", () -> server.listeners().get(0).closed().equals(none));
		this.endings.assertNothingBut((int) this.origin.requestCount());
	}

	@ParameterizedTest
	@ValueSource(strings = { "\r", "\r\n", "\r\n\r" })
	void idleConnectionStaysIdle(String blank) {
		try (ProxyServer server = server(LONG, SHORT); RawClient client = Proxies.connect(server)) {
			assertThat(client.get("/hello").readResponse().text()).isEqualTo("hello");
			client.send(blank);
			assertClosedSilently(server, client, ClosingLimit.IDLE_TIMEOUT);
		}
	}

	@Test
	void emptyLineDoesNotExtendTheIdleTime() {
		try (ProxyServer server = server(LONG, Duration.ofSeconds(2)); RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			long start = System.nanoTime();
			Await.poll(Duration.ofMillis(1500), () -> false);
			client.send("\r");
			assertClosedSilently(server, client, ClosingLimit.IDLE_TIMEOUT);
			assertThat(System.nanoTime() - start).isBetween(Duration.ofMillis(1800).toNanos(),
					Duration.ofMillis(3400).toNanos());
		}
	}

	@Test
	void newConnectionWithoutAHeadHasTheTimeOfAHead() {
		try (ProxyServer server = server(SHORT, LONG); RawClient client = Proxies.connect(server)) {
			client.send("\r\n");
			assertClosedSilently(server, client, ClosingLimit.NEVER_SPOKE);
		}
	}

	/** Its time is not what the idle connection has left. */
	@Test
	void requestBehindTheEmptyLineHasItsOwnTime() {
		Duration idle = Duration.ofSeconds(1); // long enough to begin in it
		try (ProxyServer server = server(LONG, idle); RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			client.send("\r\nGET /hello HTTP/1.1\r\n");
			Await.poll(idle.plus(SHORT), () -> client.hasInput());
			assertThat(client.send("Host: a\r\n\r\n").readResponse().text()).isEqualTo("hello");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "G", "\r\nG", "\r\r" })
	void headThatHasBegunIsAnswered(String begun) {
		try (ProxyServer server = server(SHORT, LONG); RawClient client = Proxies.connect(server)) {
			client.get("/hello").readResponse();
			RawResponse response = client.send(begun).readResponse();
			assertThat(response.status()).isEqualTo(408);
			assertThat(client.awaitEnd()).isEqualTo(End.FIN);
			this.endings.awaitRejected(ErrorType.READ_TIMEDOUT);
		}
	}

	/**
	 * Answers with more than sockets hold, so that nothing can be written for a while.
	 */
	private static final class Large implements ProxyFilter {

		static final int SIZE = 8 << 20;

		@Override
		public Outcome requestFilter(Session session) {
			return session.respond(ResponseHeader.of(200), new byte[SIZE]);
		}

	}

	/** No request begins before the response is read, but the time of the idle does. */
	@Test
	void emptyLineBehindAResponseThatIsReadLateIsIdle() {
		try (ProxyServer server = Proxies.to(this.origin)
			.filter(new Large())
			.downstream((it) -> it.headerTimeout(LONG).idleTimeout(SHORT))
			.with((it) -> it.proxyListener(this.endings))
			.start(); RawClient client = RawClient.connect("127.0.0.1", server.port("http"), 4096)) {
			client.get("/large").send("\r\n");
			Await.until("the request has ended", () -> !this.endings.finished().isEmpty());
			assertThat(client.readResponse().body()).hasSize(Large.SIZE);
			assertThat(client.readAll()).isEmpty();
			this.endings.assertNothingBut(1);
		}
	}

	@Test
	void drainingServerDoesNotAnswerAnEmptyLine() {
		try (ProxyServer server = server(LONG, LONG);
				RawClient silent = Proxies.connect(server);
				RawClient idle = Proxies.connect(server)) {
			idle.get("/hello").readResponse();
			idle.send("\r\n");
			silent.send("\r\n");
			try (RawClient later = Proxies.connect(server)) {
				later.get("/hello").readResponse(); // by when the lines are read
			}
			assertThat(server.drain(Duration.ofSeconds(30))).isZero();
			assertThat(silent.readAll()).isEmpty();
			assertThat(idle.readAll()).isEmpty();
			this.endings.assertNothingBut(2);
		}
	}

}
