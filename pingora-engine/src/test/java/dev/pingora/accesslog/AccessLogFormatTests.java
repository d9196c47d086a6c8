package dev.pingora.accesslog;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.net.UnixDomainSocketAddress;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

import dev.pingora.event.RequestOutcome;
import dev.pingora.event.Timings;
import dev.pingora.upstream.HttpPeer;
import io.netty.channel.unix.DomainSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Lines to the letter.
 */
class AccessLogFormatTests {

	// 24/Nov/2026:10:15:30.045 +0530
	private static final long TIME = Instant.parse("2026-11-24T04:45:30.045Z").toEpochMilli();

	private static Entry proxied() {
		Entry entry = new Entry(TIME, "HTTP/1.1", address("192.0.2.7", 50123));
		entry.requestId = 4711;
		entry.traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
		entry.method = "GET";
		entry.target = "/orders/7?page=2";
		entry.host = "shop.example";
		entry.route = "orders";
		entry.upstream = "orders";
		entry.peer = HttpPeer.of("10.0.0.1", 9001);
		entry.attempts = 2;
		entry.status = 200;
		entry.upstreamStatus = 203;
		entry.bytesReceived = 12;
		entry.bytesSent = 34567;
		entry.timings = new Timings(1_000_000, 3_500_999, 11_000_000, 1_012_345_678);
		entry.outcome = RequestOutcome.PROXIED;
		entry.requestFields = new String[] { "http://a/", "curl/8" };
		return entry;
	}

	private static Entry rejected() {
		Entry entry = new Entry(TIME, "HTTP/1.1", address("2001:db8::1", 1));
		entry.status = 400;
		entry.errorType = "invalid_http_header";
		entry.errorSource = "downstream";
		return entry;
	}

	private static Entry panicked() {
		Entry entry = new Entry(TIME, "HTTP/1.0", new DomainSocketAddress("/run/p.sock"));
		entry.requestId = 1;
		entry.method = "GET";
		entry.target = "/";
		entry.outcome = RequestOutcome.PANIC;
		entry.panicId = 99;
		entry.timings = new Timings(Timings.NEVER, Timings.NEVER, Timings.NEVER, 999);
		entry.requestFields = new String[2];
		return entry;
	}

	private static InetSocketAddress address(String address, int port) {
		try {
			return new InetSocketAddress(InetAddress.getByName(address), port);
		}
		catch (UnknownHostException impossible) {
			throw new IllegalArgumentException(impossible);
		}
	}

	private static String line(AccessLogFormat format, Entry entry) {
		LineBuffer line = new LineBuffer(format.isJson(), new Timestamps(ZoneOffset.ofHoursMinutes(5, 30)));
		format.write(line, entry);
		assertThat(line.toString()).endsWith("\n");
		assertThat(line.lines(0, line.size())).isEqualTo(1);
		return line.toString().strip();
	}

	private static String line(String pattern, Entry entry) {
		return line(AccessLogFormat.of(pattern), entry);
	}

	@Test
	void common() {
		assertThat(line("common", proxied()))
			.isEqualTo("192.0.2.7 - - [24/Nov/2026:10:15:30 +0530] \"GET /orders/7?page=2 HTTP/1.1\" 200 34567");
		assertThat(line("common", rejected()))
			.isEqualTo("2001:db8:0:0:0:0:0:1 - - [24/Nov/2026:10:15:30 +0530] \"-\" 400 0");
	}

	@Test
	void combined() {
		assertThat(line("combined", proxied())).isEqualTo("192.0.2.7 - - [24/Nov/2026:10:15:30 +0530] "
				+ "\"GET /orders/7?page=2 HTTP/1.1\" 200 34567 \"http://a/\" \"curl/8\"");
		assertThat(line("combined", panicked()))
			.isEqualTo("/run/p.sock - - [24/Nov/2026:10:15:30 +0530] \"GET / HTTP/1.0\" - 0 \"-\" \"-\"");
	}

	@Test
	void jsonHasEverythingThatIsKnown() {
		Entry entry = proxied();
		entry.requestFields = new String[] { "curl/8", "http://a/" };
		assertThat(line("json", entry)).isEqualTo("{\"time\":\"2026-11-24T10:15:30.045+05:30\",\"request_id\":4711,"
				+ "\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"client_address\":\"192.0.2.7\","
				+ "\"client_port\":50123,\"protocol\":\"HTTP/1.1\",\"method\":\"GET\",\"path\":\"/orders/7\","
				+ "\"query\":\"page=2\",\"host\":\"shop.example\",\"route\":\"orders\",\"upstream\":\"orders\","
				+ "\"peer\":\"10.0.0.1:9001\",\"attempts\":2,\"status\":200,\"upstream_status\":203,\"bytes_in\":12,"
				+ "\"bytes_out\":34567,\"duration_ms\":1012.345,\"connect_ms\":2.500,\"upstream_header_ms\":10.000,"
				+ "\"outcome\":\"proxied\",\"user_agent\":\"curl/8\",\"referer\":\"http://a/\"}");
	}

	@Test
	void jsonLeavesOutWhatIsMissing() {
		assertThat(line("json", rejected())).isEqualTo("{\"time\":\"2026-11-24T10:15:30.045+05:30\","
				+ "\"client_address\":\"2001:db8:0:0:0:0:0:1\",\"client_port\":1,\"protocol\":\"HTTP/1.1\","
				+ "\"attempts\":0,\"status\":400,\"bytes_in\":0,\"bytes_out\":0,\"outcome\":\"rejected\","
				+ "\"error_type\":\"invalid_http_header\",\"error_source\":\"downstream\"}");
		assertThat(line("json", panicked())).isEqualTo("{\"time\":\"2026-11-24T10:15:30.045+05:30\",\"request_id\":1,"
				+ "\"client_address\":\"/run/p.sock\",\"protocol\":\"HTTP/1.0\",\"method\":\"GET\",\"path\":\"/\","
				+ "\"attempts\":0,\"bytes_in\":0,\"bytes_out\":0,\"duration_ms\":0.000,\"outcome\":\"panic\","
				+ "\"panic_id\":99}");
	}

	@Test
	void jsonEscapesWhateverAValueHolds() {
		Entry entry = rejected();
		entry.target = "/\"\\\n\r\t\u0000\u001f\u007f\u0080\u00ff";
		entry.route = "\u8def\ud83d\ude00";
		entry.host = "";
		assertThat(line("json", entry))
			.contains("\"path\":\"/\\\"\\\\\\u000A\\u000D\\u0009\\u0000\\u001F\\u007F\\u0080\\u00FF\",\"host\":\"\","
					+ "\"route\":\"\\u8DEF\\uD83D\\uDE00\"");
	}

	@Test
	void textEscapesWhateverAValueHolds() {
		Entry entry = rejected();
		entry.target = "/\"\\\n\r\t\u0000\u001f \u007f\u0080\u00ff~";
		entry.route = "\u8def-\u00e9";
		entry.host = "";
		assertThat(line("$target|$route|$host", entry))
			.isEqualTo("/\\x22\\x5C\\x0A\\x0D\\x09\\x00\\x1F \\x7F\\x80\\xFF~|\\xE8\\xB7\\xAF-\\xC3\\xA9|-");
	}

	@Test
	void clientsOfUnixDomainSocketsHaveNoPort() {
		Entry nameless = new Entry(0, "HTTP/1.1", UnixDomainSocketAddress.of(""));
		Entry named = new Entry(0, "HTTP/1.1", UnixDomainSocketAddress.of("/run/client.sock"));
		assertThat(line("$remote_addr $remote_port", nameless)).isEqualTo("unix: -");
		assertThat(line("$remote_addr $remote_port", named)).isEqualTo("unix:/run/client.sock -");
	}

	@Test
	void patternHasTextAroundVariables() {
		assertThat(line("a $status$method\t$(duration)s $$5 \u20ac", proxied()))
			.isEqualTo("a 200GET\t1.012s $5 \u00e2\u0082\u00ac");
	}

	@Test
	void everyVariableStandsForItself() {
		StringBuilder pattern = new StringBuilder();
		for (Variable variable : Variable.values()) {
			pattern.append(variable.tag()).append("=$").append(variable.tag()).append('\n');
		}
		Entry entry = proxied();
		entry.errorType = "read_error";
		entry.errorSource = "upstream";
		entry.panicId = 5;
		assertThat(line(pattern.toString().strip().replace('\n', ';'), entry).split(";")).containsExactly(
				"remote_addr=192.0.2.7", "remote_port=50123", "remote_user=-", "time_local=24/Nov/2026:10:15:30 +0530",
				"time_iso8601=2026-11-24T10:15:30.045+05:30", "msec=1795495530.045",
				"request=GET /orders/7?page=2 HTTP/1.1", "method=GET", "target=/orders/7?page=2", "path=/orders/7",
				"query=page=2", "protocol=HTTP/1.1", "host=shop.example", "status=200", "bytes_sent=34567",
				"bytes_received=12", "duration=1.012", "duration_ms=1012.345", "route=orders", "upstream=orders",
				"peer=10.0.0.1:9001", "attempts=2", "upstream_status=203", "upstream_connect_time=0.002",
				"upstream_connect_ms=2.500", "upstream_header_time=0.010", "upstream_header_ms=10.000",
				"upstream_response_time=1.011", "outcome=proxied", "error=read_error", "error_source=upstream",
				"panic_id=5", "request_id=4711", "trace_id=4bf92f3577b34da6a3ce929d0e0e4736");
	}

	@Test
	void nginxsNamesMeanTheSame() {
		assertThat(line("$remote_user $request_method $request_uri $args $query_string $server_protocol "
				+ "$body_bytes_sent $request_time $upstream_addr", proxied()))
			.isEqualTo("- GET /orders/7?page=2 page=2 page=2 HTTP/1.1 34567 1.012 10.0.0.1:9001");
	}

	@Test
	void fieldsAreReadOnceHoweverOftenTheyAreNamed() {
		AccessLogFormat format = AccessLogFormat
			.pattern("$http_user_agent $http_referer $http_user_agent $sent_http_x_a $sent_http_x_a");
		assertThat(format.requestFields()).containsExactly("user-agent", "referer");
		assertThat(format.responseFields()).containsExactly("x-a");
		Entry entry = proxied();
		entry.requestFields = new String[] { "u", null };
		entry.responseFields = new String[] { "a" };
		assertThat(line(format, entry)).isEqualTo("u - u a a");
	}

	@Test
	void formatsNeedOnlyWhatTheyShow() {
		assertThat(AccessLogFormat.common().needs()).containsExactlyInAnyOrder(Need.METHOD, Need.TARGET);
		assertThat(AccessLogFormat.pattern("$status").needs()).isEmpty();
		assertThat(AccessLogFormat.json().needs()).containsExactlyInAnyOrder(Need.values());
	}

	@Test
	void timeFollowsTheZonesClock() {
		Timestamps times = new Timestamps(ZoneId.of("Europe/Berlin"));
		LineBuffer line = new LineBuffer(false, times);
		for (String instant : new String[] { "2026-10-25T00:59:59.999Z", "2026-10-25T01:00:00Z",
				"2026-10-25T00:59:59Z" }) {
			times.iso(line, Instant.parse(instant).toEpochMilli());
			line.raw('\n');
		}
		assertThat(line.toString().lines()).containsExactly("2026-10-25T02:59:59.999+02:00",
				"2026-10-25T02:00:00.000+01:00", "2026-10-25T02:59:59.000+02:00");
	}

	@Test
	void unknownVariableIsRefusedWithTheKnownOnes() {
		assertThatIllegalArgumentException().isThrownBy(() -> AccessLogFormat.of("$status $durations"))
			.withMessageStartingWith("variable: $durations (expected: $remote_addr, $remote_port, ")
			.withMessageEndingWith(", $request_id, $trace_id, $http_<name> or $sent_http_<name>)");
		assertThatIllegalArgumentException().isThrownBy(() -> AccessLogFormat.of("$http_"))
			.withMessageStartingWith("variable: $http_ (expected: ");
	}

	@Test
	void misspelledNameIsNoPattern() {
		assertThatIllegalArgumentException().isThrownBy(() -> AccessLogFormat.of("jsn"))
			.withMessage("format: 'jsn' (expected: common, combined, json, or a pattern with a variable such as"
					+ " $status)");
	}

	@Test
	void bracesAreLeftToPlaceholders() {
		assertThatIllegalArgumentException().isThrownBy(() -> AccessLogFormat.of("$status ${path}"))
			.withMessage("format: '$status ${path}' (expected: $name or $(name): braces are for placeholders of"
					+ " configuration files)");
	}

	@ParameterizedTest
	@ValueSource(strings = { "$status $", "$status $-", "$(status", "$()", "$(sta tus)", "$status\n", "$status\u007f",
			"", " " })
	void brokenPatternIsRefused(String pattern) {
		assertThatIllegalArgumentException().isThrownBy(() -> AccessLogFormat.of(pattern))
			.withMessageMatching("format: '.*' \\(expected: .+\\)");
	}

}
