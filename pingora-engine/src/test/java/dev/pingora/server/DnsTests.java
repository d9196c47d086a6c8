package dev.pingora.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

import dev.pingora.balancing.Backend;
import dev.pingora.balancing.Upstream;
import dev.pingora.connector.DnsOptions;
import dev.pingora.connector.PoolStatus;
import dev.pingora.proxy.Route;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.DnsServer;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import dev.pingora.transport.Transport;
import dev.pingora.upstream.HttpPeer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * How the names of peers become addresses.
 */
@ExtendWith(EngineExtension.class)
class DnsTests {

	private static final String NAME = "orders.pingora.test";

	private static final String LABEL_OF_64 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

	private static final String MANY_LABELS = "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a"
			+ ".a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a"
			+ ".a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a";

	/** Only 127.0.0.1 leads to it. */
	@AutoClose
	private final RawOrigin origin = RawOrigin.start();

	@AutoClose
	private final DnsServer dns = DnsServer.start();

	private Proxies proxies(UnaryOperator<DnsOptions.Builder> options) {
		DnsOptions dns = options.apply(DnsOptions.builder().servers(this.dns.address())).build();
		return Proxies.to(this.origin)
			.host(NAME)
			.with((it) -> it.dns(dns))
			.peer((peer) -> peer.idleTimeout(Duration.ZERO));
	}

	private static int status(RawClient client) {
		return client.get("/hello").readResponse().status();
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void answerIsUsedForItsTimeToLive(Transport transport) {
		this.dns.put(NAME, 3600, "127.0.0.1");
		try (ProxyServer server = proxies((it) -> it).with((it) -> it.transport(transport)).start();
				RawClient client = Proxies.connect(server)) {
			for (int i = 0; i < 5; i++) {
				assertThat(status(client)).isEqualTo(200);
			}
			assertThat(this.dns.queries(NAME)).isOne();
			assertThat(this.origin.acceptedConnections()).isEqualTo(5);
		}
	}

	@Test
	void nameThatMovesIsFollowedWhenTheAnswerIsTooOld() {
		this.dns.put(NAME, 1, "127.0.0.2"); // nobody is there
		try (ProxyServer server = proxies((it) -> it).start(); RawClient client = Proxies.connect(server)) {
			assertThat(status(client)).isEqualTo(502);
			this.dns.put(NAME, 1, "127.0.0.1");
			Await.until("it is followed", () -> status(client) == 200);
			assertThat(this.dns.queries(NAME)).isGreaterThanOrEqualTo(2);
		}
	}

	@Test
	void answerIsUsedNoLongerThanTheMost() {
		this.dns.put(NAME, 3600, "127.0.0.2");
		try (ProxyServer server = proxies((it) -> it.ttl(Duration.ZERO, Duration.ofSeconds(1))).start();
				RawClient client = Proxies.connect(server)) {
			assertThat(status(client)).isEqualTo(502);
			this.dns.put(NAME, 3600, "127.0.0.1");
			Await.until("it is asked for again", () -> status(client) == 200);
		}
	}

	@Test
	void answerIsUsedAtLeastForTheLeast() {
		this.dns.put(NAME, 0, "127.0.0.1");
		try (ProxyServer server = proxies((it) -> it.ttl(Duration.ofMinutes(1), Duration.ofMinutes(1))).start();
				RawClient client = Proxies.connect(server)) {
			for (int i = 0; i < 3; i++) {
				assertThat(status(client)).isEqualTo(200);
			}
			assertThat(this.dns.queries(NAME)).isOne();
		}
	}

	@Test
	void nameThatDoesNotExistIsRememberedBriefly() {
		try (ProxyServer server = proxies((it) -> it.negativeTtl(Duration.ofSeconds(1))).start();
				RawClient client = Proxies.connect(server)) {
			assertThat(status(client)).isEqualTo(502);
			long asked = this.dns.queries(NAME);
			for (int i = 0; i < 5; i++) {
				assertThat(status(client)).isEqualTo(502);
			}
			assertThat(this.dns.queries(NAME)).isEqualTo(asked);
			this.dns.put(NAME, 60, "127.0.0.1");
			Await.until("it exists", () -> status(client) == 200);
		}
	}

	@Test
	void serverThatIsSilentDelaysOnlyThoseWhoNeedIt() {
		Route named = route("named", NAME);
		Route other = route("other", "127.0.0.1");
		this.dns.silent(true);
		DnsOptions options = DnsOptions.builder().servers(this.dns.address()).build();
		try (ProxyServer server = Proxies.to()
			.with((it) -> it.dns(options)
				.router((request, trace) -> request.target().startsWith("/named") ? named : other))
			.start(); RawClient waiting = Proxies.connect(server); RawClient others = Proxies.connect(server)) {
			waiting.get("/named");
			Await.until("it is asked", () -> this.dns.queries(NAME) > 0);
			for (int i = 0; i < 20; i++) {
				assertThat(status(others)).isEqualTo(200);
			}
			assertThat(server.pools()).filteredOn((pool) -> pool.peer().startsWith(NAME))
				.extracting(PoolStatus::active)
				.containsExactly(1);
			assertThat(waiting.readResponse().status()).isEqualTo(502);
		}
	}

	private Route route(String id, String host) {
		return Route.of(id, List.of(), Upstream.of(id, List.of(Backend.of(HttpPeer.of(host, this.origin.port())))));
	}

	@Test
	void lookUpThatTakesTooLongEndsWithTheConnectTimeout() {
		this.dns.silent(true);
		try (ProxyServer server = proxies((it) -> it.queryTimeout(Duration.ofSeconds(30)))
			.peer((peer) -> peer.connectTimeout(Duration.ofMillis(100)))
			.start(); RawClient client = Proxies.connect(server)) {
			assertThat(status(client)).isEqualTo(504);
			Await.until("the permit is back", () -> server.pools().get(0).active() == 0);
		}
	}

	@Test
	void nextServerIsAskedWhenOneIsSilent() {
		try (DnsServer second = DnsServer.start().put(NAME, 60, "127.0.0.1")) {
			this.dns.silent(true);
			InetSocketAddress[] both = { this.dns.address(), second.address() };
			Await.onSomeScale((time) -> {
				long before = this.dns.queries(NAME);
				try (ProxyServer server = proxies((it) -> it.servers(both).queryTimeout(time)).start();
						RawClient client = Proxies.connect(server)) {
					return status(client) == 200 && this.dns.queries(NAME) - before == 1;
				}
			});
		}
	}

	@Test
	void lookUpsOfOneNameAtOnceAreOneForEachLoop() {
		this.dns.silent(true);
		try (ProxyServer server = proxies((it) -> it.queryTimeout(Duration.ofSeconds(30))).with((it) -> it.threads(2))
			.peer((peer) -> peer.connectTimeout(Duration.ofSeconds(30)))
			.start()) {
			List<RawClient> clients = new ArrayList<>();
			for (int i = 0; i < 6; i++) {
				clients.add(Proxies.connect(server).get("/hello"));
			}
			Await.until("all wait, for two answers", () -> this.dns.queries(NAME) >= 2 && dials(server) == 6);
			clients.forEach(RawClient::close);
			Await.until("nobody waits", () -> dials(server) == 0);
			assertThat(this.dns.queries(NAME)).isEqualTo(2);
		}
	}

	private static int dials(ProxyServer server) {
		return ((DefaultProxyServer) server).upstreamConnections();
	}

	@Test
	void answerThatOneLoopHasHadIsUsedByAll() {
		this.dns.put(NAME, 3600, "127.0.0.1");
		try (ProxyServer server = proxies((it) -> it).with((it) -> it.threads(3)).start()) {
			for (int i = 0; i < 6; i++) {
				try (RawClient client = Proxies.connect(server)) {
					assertThat(status(client)).isEqualTo(200);
				}
			}
			assertThat(this.dns.queries(NAME)).isOne();
		}
	}

	/** Connections of clients are spread over the loops by turns. */
	@Test
	void loopThatIsHeldDelaysNobodyWhoNeedsTheSameName() {
		HeldLoop held = new HeldLoop();
		this.dns.put(NAME, 3600, "127.0.0.1").silent(true);
		try (ProxyServer server = proxies((it) -> it.queryTimeout(Duration.ofSeconds(30))).with((it) -> it.threads(2))
			.filter(held)
			.start();
				RawClient asking = Proxies.connect(server);
				RawClient other = Proxies.connect(server);
				RawClient holding = Proxies.connect(server)) {
			asking.get("/hello");
			Await.until("it is asked", () -> this.dns.queries(NAME) == 1);
			holding.get(HeldLoop.TARGET);
			held.await();
			this.dns.silent(false);
			assertThat(status(other)).isEqualTo(200);
			assertThat(held.isHeld()).isTrue();
			held.release();
			holding.readResponse();
		}
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void addressesAreTriedInTurn(Transport transport) {
		this.dns.put(NAME, 60, "127.0.0.2", "127.0.0.3", "127.0.0.1");
		try (ProxyServer server = proxies((it) -> it).with((it) -> it.transport(transport)).start();
				RawClient client = Proxies.connect(server)) {
			for (int i = 0; i < 6; i++) {
				assertThat(status(client)).isEqualTo(200);
			}
			Await.until("no permit is kept", () -> server.pools().get(0).active() == 0);
			assertThat(server.pools().get(0).connects()).isEqualTo(6);
		}
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void addressThatIsSilentIsGivenUpInTime(Transport transport) throws IOException {
		this.dns.put(NAME, 60, "127.0.0.2", "127.0.0.1");
		try (FullBacklog silent = silent("127.0.0.2");
				ProxyServer server = proxies((it) -> it).with((it) -> it.transport(transport))
					.peer((peer) -> peer.connectTimeout(Duration.ofSeconds(1)))
					.start();
				RawClient client = Proxies.connect(server)) {
			assertThat(silent.port()).isEqualTo(this.origin.port());
			assertThat(status(client)).isEqualTo(200);
			assertThat(status(client)).isEqualTo(200);
			Await.until("no permit is kept", () -> server.pools().get(0).active() == 0);
			assertThat(server.isolation().totals().total()).isZero();
		}
	}

	@ParameterizedTest
	@MethodSource("dev.pingora.server.Proxies#transports")
	void noDialIsForgottenWhenOneAddressAfterTheOtherIsSilent(Transport transport) throws IOException {
		this.dns.put(NAME, 60, "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.1");
		try (FullBacklog first = silent("127.0.0.2");
				FullBacklog second = silent("127.0.0.3");
				FullBacklog third = silent("127.0.0.4")) {
			assertThat(List.of(first.port(), second.port(), third.port())).containsOnly(this.origin.port());
			Await.onSomeScale((time) -> {
				try (ProxyServer server = proxies((it) -> it).with((it) -> it.transport(transport))
					.peer((peer) -> peer.connectTimeout(time.multipliedBy(4)))
					.start(); RawClient client = Proxies.connect(server).patience(Await.PATIENCE)) {
					int status = status(client);
					Await.until("no permit is kept", () -> server.pools().get(0).active() == 0);
					assertThat(server.isolation().totals().total()).isZero();
					return status == 200;
				}
			});
		}
	}

	/** Somebody at the origin's port who never accepts. */
	private FullBacklog silent(String address) throws IOException {
		return new FullBacklog(InetAddress.getByName(address), this.origin.port());
	}

	@Test
	void addressesOfTheOtherFamilyAreTriedLast() {
		this.dns.put(NAME, 60, "::1", "127.0.0.1");
		try (ProxyServer server = proxies((it) -> it).start(); RawClient client = Proxies.connect(server)) {
			for (int i = 0; i < 3; i++) {
				assertThat(status(client)).isEqualTo(200);
			}
		}
	}

	@Test
	void namesOfTheHostsFileNeedNoServer() {
		try (ProxyServer server = proxies((it) -> it).host("localhost").start();
				RawClient client = Proxies.connect(server)) {
			assertThat(status(client)).isEqualTo(200);
			assertThat(this.dns.queries("localhost")).isZero();
		}
	}

	// RFC 1035 section 2.3.4: a label has 1 to 63 octets.
	@ParameterizedTest
	@ValueSource(strings = { "a..b", ".a", "a.b..", LABEL_OF_64 + ".test", ".", MANY_LABELS })
	void nameThatCanNotBeOneIsNotFound(String name) {
		try (ProxyServer server = proxies((it) -> it).host(name).start(); RawClient client = Proxies.connect(server)) {
			assertThat(status(client)).isEqualTo(502);
			assertThat(status(client)).isEqualTo(502);
			assertThat(server.isolation().totals().total()).isZero();
			Await.until("no permit is kept", () -> server.pools().get(0).active() == 0);
		}
	}

	@Test
	void impossibleOptionsAreRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> DnsOptions.builder().queryTimeout(Duration.ZERO).build())
			.withMessage("queryTimeout: PT0S (expected: 1 ms..1 min)");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> DnsOptions.builder().ttl(Duration.ofHours(2), Duration.ofHours(1)).build())
			.withMessage("minTtl: PT2H (expected: <= maxTtl, which is PT1H)");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> DnsOptions.builder().negativeTtl(Duration.ofDays(8)).build())
			.withMessage("negativeTtl: PT192H (expected: 0..7 days)");
	}

}
