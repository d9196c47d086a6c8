package dev.pingora.forwarding;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How lists of hops are walked: RFC 7239 section 4.
 */
class HopsTests {

	private static List<String> walk(boolean forwarded, String... values) {
		Hops hops = new Hops(List.of(values), forwarded);
		List<String> found = new ArrayList<>();
		while (hops.next()) {
			found.add(hops.address().getHostString() + ":" + hops.address().getPort());
		}
		return found;
	}

	@ParameterizedTest
	@ValueSource(strings = { "for=\"_gazonk\"", "For=\"[2001:db8:cafe::17]:4711\"",
			"for=192.0.2.60;proto=http;by=203.0.113.43", "proto=https", "for=192.0.2.60; proto=http",
			"for=192.0.2.60 ;proto=http", "host=\"a,b;c=\\\"d\\\"\";for=unknown", "secret=\"\"", "for=_x;ext=!#$" })
	void elementsOfForwardedAreRead(String element) {
		assertThat(ForwardedElement.parse(element)).isNotNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "for", "for=", "=a", "for =a", "for= a", "for=[::1]", "for=192.0.2.1:80",
			"for=\"192.0.2.1", "for=\"192.0.2.1\\\"", "for=\"a\\", "for=a.example", "for=192.0.2.1;for=192.0.2.2",
			"for=192.0.2.1;", "for=192.0.2.1;;proto=http", "for=192.0.2.1 proto=http", "for=\"::1\"", "192.0.2.1",
			"for=\"192.0.2.1\"x", "h\u00f6st=a", "host=\u00e4" })
	void malformedElementsAreRefused(String element) {
		assertThat(ForwardedElement.parse(element)).isNull();
	}

	@Test
	void escapesInQuotesAreRead() {
		assertThat(ForwardedElement.parse("for=\"192\\.0\\.2.1\"")).isEqualTo(new InetSocketAddress("192.0.2.1", 0));
	}

	@Test
	void theNearestHopComesFirst() {
		assertThat(walk(true, "for=192.0.2.43,for=\"[2001:db8::1]:80\"", "for=unknown")).containsExactly("unknown:0",
				"2001:db8:0:0:0:0:0:1:80", "192.0.2.43:0");
		assertThat(walk(false, "192.0.2.43,2001:db8::1", "unknown")).containsExactly("unknown:0",
				"2001:db8:0:0:0:0:0:1:0", "192.0.2.43:0");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "for=\"1.1.1.1, for=2.2.2.2", "x\", for=2.2.2.2", "for=\"\\\", for=2.2.2.2",
			"\", for=2.2.2.2", "for=1.1.1.1;host=\"a\\\\\\\", for=2.2.2.2" })
	void quotesOfAClientDoNotHideWhatAProxyAppended(String list) {
		assertThat(walk(true, list)).containsExactly("2.2.2.2:0");
	}

	@Test
	void commasInQuotesPartNothing() {
		assertThat(walk(true, "for=1.1.1.1;host=\"a,\\\"b\\\\\", for=\"2.2.2.2\"")).containsExactly("2.2.2.2:0",
				"1.1.1.1:0");
	}

	@Test
	void emptyElementsAreSkipped() {
		assertThat(walk(false, " ,, 1.1.1.1 ,\t, 2.2.2.2 , ")).containsExactly("2.2.2.2:0", "1.1.1.1:0");
		assertThat(walk(false, "")).isEmpty();
		assertThat(walk(false)).isEmpty();
	}

	@Test
	void theWalkIsBounded() {
		assertThat(walk(false, "1.1.1.1,".repeat(100))).hasSize(Hops.MAX_HOPS);
		String large = "for=1.1.1.1;x=" + "y".repeat(4000);
		assertThat(walk(true, large, large, large)).hasSize(2);
	}

	@Test
	void soundHopsAreKeptAsTheyWereWritten() {
		assertThat(Hops.append(List.of("a b, 1.1.1.1,2.2.2.2 ", "::1, "), false, "9.9.9.9"))
			.isEqualTo("1.1.1.1,2.2.2.2 , ::1, 9.9.9.9");
		assertThat(Hops.append(List.of("a b"), false, "9.9.9.9")).isEqualTo("9.9.9.9");
		assertThat(Hops.append(List.of(), false, "9.9.9.9")).isEqualTo("9.9.9.9");
	}

}
