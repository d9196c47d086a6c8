package dev.pingora.forwarding;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

import io.netty.channel.unix.DomainSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How a hop is read and written: RFC 7239 section 6.
 */
class NodeTests {

	@ParameterizedTest
	@CsvSource({ "192.0.2.43,192.0.2.43,0", "192.0.2.43:47011,192.0.2.43,47011", "0.0.0.0,0.0.0.0,0",
			"[2001:db8:cafe::17],2001:db8:cafe:0:0:0:0:17,0", "[2001:db8:cafe::17]:4711,2001:db8:cafe:0:0:0:0:17,4711",
			"[::ffff:192.0.2.1],192.0.2.1,0", "192.0.2.43:_x,192.0.2.43,0" })
	void nodesAreRead(String text, String host, int port) {
		InetSocketAddress node = Node.parse(text, false);
		assertThat(node).isNotNull();
		assertThat(node.getAddress().getHostAddress()).isEqualTo(host);
		assertThat(node.getPort()).isEqualTo(port);
	}

	@ParameterizedTest
	@ValueSource(strings = { "unknown", "Unknown", "_gazonk", "_SEVKISEK", "_a.b-c_d", "_x:80", "unknown:_y" })
	void nodesWithoutAddressAreUnknown(String text) {
		assertThat(Node.parse(text, false)).isSameAs(Node.UNKNOWN);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", ":", "_", "[", "[]", "[::1", "::1]", "[::1]80", "[::1]:", "[192.0.2.1]", "192.0.2.1:",
			"192.0.2.1:65536", "192.0.2.1:-1", "192.0.2", "192.0.2.256", "192.0.02.1", "1", "localhost", "a.example",
			"[fe80::1%1]", "192.0.2.1 ", "[::ffff:010.0.0.1]", "::1", "0x7f.0.0.1", "\u0661.1.1.1" })
	void garbageIsRefused(String text) {
		assertThat(Node.parse(text, false)).isNull();
	}

	@Test
	void bareIpv6IsForXForwardedForAlone() {
		assertThat(Node.parse("2001:db8::1", true)).isEqualTo(new InetSocketAddress("2001:db8::1", 0));
		assertThat(Node.parse("2001:db8::1", false)).isNull();
		assertThat(Node.parse("1:2:3:4:5:6:7:8:80", true)).isNull();
	}

	@Test
	void addressesAreWritten() throws Exception {
		InetSocketAddress v4 = new InetSocketAddress("192.0.2.1", 80);
		InetSocketAddress v6 = new InetSocketAddress("2001:DB8:0:0:0:0:0:1", 80);
		assertThat(Node.plain(v4)).isEqualTo("192.0.2.1");
		assertThat(Node.plain(v6)).isEqualTo("2001:db8::1");
		assertThat(Node.quoted(v4)).isEqualTo("\"192.0.2.1:80\"");
		assertThat(Node.quoted(v6)).isEqualTo("\"[2001:db8::1]:80\"");
		byte[] octets = InetAddress.getByName("fe80::1").getAddress();
		assertThat(Node.plain(new InetSocketAddress(Inet6Address.getByAddress(null, octets, 3), 80)))
			.isEqualTo("fe80::1");
	}

	@Test
	void mappedAddressesAreWrittenAsIpv4() throws Exception {
		byte[] octets = new byte[16];
		octets[10] = (byte) 0xff;
		octets[11] = (byte) 0xff;
		octets[12] = 10;
		octets[15] = 1;
		InetSocketAddress mapped = new InetSocketAddress(Inet6Address.getByAddress(null, octets, -1), 80);
		assertThat(mapped.getAddress()).isInstanceOf(Inet6Address.class);
		assertThat(Node.plain(mapped)).isEqualTo("10.0.0.1");
		assertThat(TrustedProxies.of(List.of("10.0.0.0/8")).contains(mapped)).isTrue();
	}

	@Test
	void whoHasNoAddressIsUnknown() {
		assertThat(Node.plain(new DomainSocketAddress("/s"))).isEqualTo("unknown");
		assertThat(Node.quoted(null)).isEqualTo("unknown");
	}

	@ParameterizedTest
	@CsvSource({ "a.example,a.example", "a:80,\"a:80\"", "[::1],\"[::1]\"", "a\"b\\c,\"a\\\"b\\\\c\"", "'',\"\"" })
	void whatIsNoTokenIsQuoted(String text, String value) {
		assertThat(Node.tokenOrQuoted(text)).isEqualTo(value);
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "a", "a.b-c_d", "a:80", "a:", "192.0.2.1:80", "[::1]", "[2001:db8::1]:443", "xn--a", "%41" })
	void hostsArePassedOn(String text) {
		assertThat(HostTexts.isHost(text)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", ":80", "a,b", "a b", "a@b", "a/b", "a:b", "a:65536", "::1", "[::1", "[]", "[::1]a",
			"[192.0.2.1]", "[192.0.2.1]:80", "\u00e4" })
	void whatIsNoHostIsNotPassedOn(String text) {
		assertThat(HostTexts.isHost(text)).isFalse();
	}

}
