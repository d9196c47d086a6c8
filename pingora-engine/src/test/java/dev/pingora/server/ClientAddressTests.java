package dev.pingora.server;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.pingora.accesslog.AccessLog;
import dev.pingora.accesslog.AccessLogFormat;
import dev.pingora.accesslog.AccessLogOptions;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RequestSummary;
import dev.pingora.forwarding.ForwardedOptions;
import dev.pingora.forwarding.ForwardedOptions.Mode;
import dev.pingora.forwarding.ForwardedOptions.Style;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.testkit.EngineExtension;
import dev.pingora.testkit.RawClient;
import dev.pingora.testkit.RawOrigin;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who is taken for the client.
 */
@ExtendWith(EngineExtension.class)
class ClientAddressTests {

	@AutoClose
	private final RawOrigin origin = RawOrigin.start((exchange) -> exchange.respond(200, "ok"));

	private final CompletableFuture<RequestSummary> summary = new CompletableFuture<>();

	private final CompletableFuture<InetSocketAddress> seen = new CompletableFuture<>();

	private final CompletableFuture<InetSocketAddress> connected = new CompletableFuture<>();

	private static ForwardedOptions.Builder trusting(String... proxies) {
		return ForwardedOptions.builder().trustedProxies(proxies);
	}

	// The host of the client that filters see, given the fields of one request.
	private String resolved(ForwardedOptions options, String... fields) {
		Proxies proxies = Proxies.to(this.origin)
			.downstream((downstream) -> downstream.forwarded(options))
			.filter(new ProxyFilter() {

				@Override
				public Outcome requestFilter(Session session) {
					// what was received counts
					session.request().headers().remove("X-Forwarded-For");
					ClientAddressTests.this.seen.complete((InetSocketAddress) session.clientAddress());
					ClientAddressTests.this.connected.complete((InetSocketAddress) session.remoteAddress());
					return Outcome.CONTINUE;
				}

			})
			.with((builder) -> builder.proxyListener(new ProxyListener() {

				@Override
				public void requestFinished(FinishedRequest request) {
					ClientAddressTests.this.summary.complete(request.summary());
				}

			}));
		try (ProxyServer server = proxies.start(); RawClient client = Proxies.connect(server)) {
			client
				.send("GET / HTTP/1.1\r\nHost: a\r\n" + String.join("\r\n", fields)
						+ ((fields.length > 0) ? "\r\n\r\n" : "\r\n"))
				.readResponse();
			assertThat(this.connected.join()).isEqualTo(client.localAddress());
			InetSocketAddress address = this.seen.join();
			return address.getAddress().getHostAddress() + ":"
					+ (address.equals(client.localAddress()) ? "own" : address.getPort());
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = {
	// @formatter:off
			"203.0.113.7                                 | 203.0.113.7:0",
			"203.0.113.7:5000                            | 203.0.113.7:5000",
			"198.51.100.1, 203.0.113.7                   | 203.0.113.7:0",
			"198.51.100.1, 203.0.113.7, 10.0.0.1         | 203.0.113.7:0",
			"198.51.100.1, 203.0.113.7, 10.0.0.2, 10.9.9.9 | 203.0.113.7:0",
			"10.0.0.2, 10.0.0.1                          | 10.0.0.2:0",
			"garbage, 10.0.0.1                           | 10.0.0.1:0",
			"203.0.113.7, garbage, 10.0.0.1              | 10.0.0.1:0",
			"203.0.113.7, unknown, 10.0.0.1              | 10.0.0.1:0",
			"garbage                                     | 127.0.0.1:own",
			"unknown                                     | 127.0.0.1:own",
			"' , ,'                                      | 127.0.0.1:own",
			"2001:db8::1, 10.0.0.1                       | 2001:db8:0:0:0:0:0:1:0",
			"[2001:db8::1]:80, ::ffff:10.0.0.1           | 2001:db8:0:0:0:0:0:1:80"
	// @formatter:on
	})
	void theFirstWhoIsNotTrustedIsTheClient(String list, String client) {
		assertThat(resolved(trusting("127.0.0.1", "10.0.0.0/8").build(), "X-Forwarded-For: " + list)).isEqualTo(client);
	}

	@Test
	void severalFieldsAreOneList() {
		assertThat(resolved(trusting("127.0.0.1", "10.0.0.0/8").build(), "X-Forwarded-For: 198.51.100.1",
				"X-Forwarded-For: 203.0.113.7", "x-forwarded-for: 10.0.0.1"))
			.isEqualTo("203.0.113.7:0");
	}

	@Test
	void nobodyIsBelievedByDefault() {
		assertThat(resolved(ForwardedOptions.defaults(), "X-Forwarded-For: 203.0.113.7")).isEqualTo("127.0.0.1:own");
	}

	@ParameterizedTest
	@CsvSource({ "X_FORWARDED,1.1.1.1:0", "FORWARDED,2.2.2.2:22", "BOTH,1.1.1.1:0" })
	void theStyleSaysWhichFieldIsRead(Style style, String client) {
		assertThat(resolved(trusting("127.0.0.1").style(style).build(), "Forwarded: for=\"2.2.2.2:22\"",
				"X-Forwarded-For: 1.1.1.1"))
			.isEqualTo(client);
	}

	@Test
	void bothStylesReadForwardedIfThereIsNothingElse() {
		assertThat(resolved(trusting("127.0.0.1").style(Style.BOTH).build(), "Forwarded: for=\"[2001:db8::2]\""))
			.isEqualTo("2001:db8:0:0:0:0:0:2:0");
	}

	@ParameterizedTest
	@CsvSource({ "APPEND", "REPLACE", "STRIP", "OFF" })
	void theModeDoesNotMatter(Mode mode) {
		assertThat(resolved(trusting("127.0.0.1").mode(mode).build(), "X-Forwarded-For: 203.0.113.7"))
			.isEqualTo("203.0.113.7:0");
	}

	@Test
	void theSummaryShowsTheClientWithoutAPortThatNobodyTold() {
		resolved(trusting("127.0.0.1").build(), "X-Forwarded-For: 2001:db8::1");
		assertThat(this.summary.join().clientAddress()).isEqualTo("2001:db8::1");
	}

	@Test
	void theSummaryShowsThePortOfTheConnection() {
		resolved(ForwardedOptions.defaults());
		assertThat(this.summary.join().clientAddress()).isEqualTo("127.0.0.1:" + this.connected.join().getPort());
	}

	@Test
	void theAccessLogShowsTheClient(@TempDir Path folder) throws Exception {
		Path file = folder.resolve("access.log");
		PanicIsolation isolation = new PanicIsolation(List.of());
		try (AccessLog log = AccessLog.open(AccessLogOptions.defaults()
			.withFormat(AccessLogFormat.of("$remote_addr $remote_port $status"))
			.withPath(file), isolation)) {
			Proxies proxies = Proxies.to(this.origin)
				.downstream((downstream) -> downstream.forwarded(trusting("127.0.0.1").build()))
				.with((builder) -> builder.isolation(isolation).proxyListener(log));
			try (ProxyServer server = proxies.start(); RawClient client = Proxies.connect(server)) {
				client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n").readResponse();
			}
		}
		isolation.close();
		assertThat(Files.readString(file)).isEqualTo("203.0.113.7 - 200\n");
	}

}
