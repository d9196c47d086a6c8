package dev.pingora.transport;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What options may be, and what is refused because a transport can't do it.
 */
class SocketOptionTests {

	private static final SocketOptions PLAIN = SocketOptions.downstream();

	private static final SocketOptions TUNED = PLAIN.toBuilder()
		.keepAlive(KeepAlive.of(Duration.ofSeconds(60), Duration.ofSeconds(5), 3))
		.userTimeout(Duration.ofSeconds(30))
		.build();

	private static final AcceptOptions LISTEN = AcceptOptions.defaults()
		.reusePort(true)
		.fastOpenQueue(16)
		.ipv6Only(true);

	private static List<String> text(List<SocketSupport.Refusal> refusals) {
		return refusals.stream().map(SocketSupport.Refusal::toString).toList();
	}

	@ParameterizedTest
	@EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
	void defaultsAreRefusedByNoTransport(Transport transport) {
		assertThat(SocketSupport.of(transport, "0.0.0.0", PLAIN, AcceptOptions.defaults())).isEmpty();
		assertThat(SocketSupport.of(transport, "unix:/a", PLAIN, AcceptOptions.defaults())).isEmpty();
		assertThat(SocketSupport.of(transport, SocketOptions.upstream(), DialOptions.defaults())).isEmpty();
	}

	@ParameterizedTest
	@EnumSource(names = { "EPOLL", "IO_URING" })
	void linuxTransportsRefuseNothing(Transport transport) {
		assertThat(SocketSupport.of(transport, "::", TUNED, LISTEN)).isEmpty();
		DialOptions dial = new DialOptions(LocalAddress.parse("10.0.0.9"), true);
		assertThat(SocketSupport.of(transport, TUNED, dial)).isEmpty();
	}

	@Test
	void refusalsNameOptionTransportAndWhatWouldDo() {
		assertThat(text(SocketSupport.of(Transport.KQUEUE, "::", TUNED, LISTEN))).containsExactly(
				"keepAliveIdle: PT1M (expected: 0s, or transport epoll or io_uring; kqueue does not have it)",
				"keepAliveInterval: PT5S (expected: 0s, or transport epoll or io_uring; kqueue does not have it)",
				"keepAliveCount: 3 (expected: 0, or transport epoll or io_uring; kqueue does not have it)",
				"userTimeout: PT30S (expected: 0s, or transport epoll or io_uring; kqueue does not have it)",
				"fastOpenQueue: 16 (expected: 0, or transport epoll or io_uring; kqueue does not have it)",
				"ipv6Only: true (expected: false, or transport epoll or io_uring; kqueue does not have it)");
		DialOptions dial = new DialOptions(LocalAddress.parse("10.0.0.9:40000-40100"), true);
		assertThat(text(SocketSupport.of(Transport.NIO, PLAIN, dial))).containsExactly(
				"bindTo: 10.0.0.9:40000-40100 (expected: no ports, or transport epoll or io_uring; nio does not have it)",
				"fastOpen: true (expected: false, or transport epoll or io_uring; nio does not have it)");
	}

	@Test
	void optionsOfAnotherKindOfSocketAreRefused() {
		assertThat(text(SocketSupport.of(Transport.EPOLL, "unix:/a", PLAIN, LISTEN.mode(0600)))).containsExactly(
				"reusePort: true (expected: false: a Unix domain socket has no port)",
				"fastOpenQueue: 16 (expected: 0: a Unix domain socket does not do TCP)",
				"ipv6Only: true (expected: false: a Unix domain socket does not do IP)");
		assertThat(text(SocketSupport.of(Transport.EPOLL, "127.0.0.1", PLAIN, LISTEN.mode(0600)))).containsExactly(
				"ipv6Only: true (expected: false, since 127.0.0.1 is no IPv6 address)",
				"mode: 0600 (expected: not set: only a Unix domain socket has one)");
	}

	@Test
	void portsThatTheKernelWouldPassOverAreRefused() {
		DialOptions dial = DialOptions.defaults().bindTo(LocalAddress.parse("10.0.0.9:1-40100"));
		if (EventLoops.isAvailable(Transport.EPOLL)) {
			assertThat(text(SocketSupport.of(Transport.EPOLL, PLAIN, dial))).singleElement()
				.asString()
				.matches("bindTo: 10\\.0\\.0\\.9:1-40100 \\(expected: ports of \\d+-\\d+, which is the system's "
						+ "net.ipv4.ip_local_port_range\\)");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "10.0.0.9", "10.0.0.9:40000-40100", "fd00::9", "[fd00::9]:40000-40100" })
	void localAddressIsReadAndWritten(String text) {
		assertThat(LocalAddress.parse(text)).hasToString(text);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "localhost", "10.0.0", "10.0.0.9:", "10.0.0.9:80", "10.0.0.9:a-b", "10.0.0.9:5-4",
			"10.0.0.9:0-4", "10.0.0.9:1-65536", "[fd00::9]x:1-2", "[fd00::9]:", ":1-2", "10.0.0.9:1-2-3" })
	void otherLocalAddressesAreRefused(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> LocalAddress.parse(text))
			.withMessageContaining("expected");
	}

	@Test
	void valuesOutOfRangeAreRefused() {
		assertRefused(() -> PLAIN.toBuilder().dscp(64).build(), "dscp: 64 (expected: 0..63)");
		assertRefused(() -> PLAIN.toBuilder().sendBuffer(-1).build(), "sendBuffer: -1 (expected: 0..1073741824)");
		assertRefused(() -> PLAIN.toBuilder().receiveBuffer(-1).build(), "receiveBuffer: -1 (expected: 0..1073741824)");
		assertRefused(() -> PLAIN.toBuilder().userTimeout(Duration.ofDays(25)).build(),
				"userTimeout: PT600H (expected: 0..24d)");
		assertRefused(() -> KeepAlive.of(Duration.ofMillis(1500), Duration.ZERO, 0),
				"idle: PT1.5S (expected: whole seconds, 0..32767)");
		assertRefused(() -> KeepAlive.of(Duration.ZERO, Duration.ZERO, 128), "count: 128 (expected: 0..127)");
		assertRefused(() -> new KeepAlive(false, Duration.ZERO, Duration.ZERO, 1),
				"enabled: false (expected: true, since idle, interval or count is set)");
		assertRefused(() -> new BufferOptions(100, 0, 4096), "maxReadSize: 100 (expected: 1024..16777216)");
		assertRefused(() -> new BufferOptions(4096, 5000, 4096), "writeBufferLow: 5000 (expected: 0..4096)");
		assertRefused(() -> LISTEN.backlog(0), "backlog: 0 (expected: 1..1048576)");
		assertRefused(() -> LISTEN.mode(01777), "mode: 1777 (expected: 0..777, octal)");
	}

	private static void assertRefused(Runnable making, String message) {
		assertThatIllegalArgumentException().isThrownBy(making::run).withMessage(message);
	}

}
