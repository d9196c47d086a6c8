package dev.pingora.limits;

import java.net.InetAddress;
import java.net.UnknownHostException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Ranges of addresses, and what counts as one client.
 */
class AddressRangeTests {

	private static InetAddress address(String text) throws UnknownHostException {
		return InetAddress.getByName(text);
	}

	@ParameterizedTest
	@CsvSource({ "10.0.0.0/8, 10.255.0.1, true", "10.0.0.0/8, 11.0.0.1, false", "172.16.0.0/12, 172.31.255.255, true",
			"172.16.0.0/12, 172.32.0.0, false", "127.0.0.1, 127.0.0.1, true", "127.0.0.1, 127.0.0.2, false",
			"0.0.0.0/0, 203.0.113.7, true", "0.0.0.0/0, ::1, false", "fc00::/7, fdff::1, true",
			"fc00::/7, fe00::1, false", "::1, ::1, true", "2001:db8::/127, 2001:db8::1, true",
			"2001:db8::/127, 2001:db8::2, false", "10.1.2.3/8, 10.9.9.9, true" })
	void rangeContainsItsAddresses(String range, String candidate, boolean contained) throws UnknownHostException {
		assertThat(AddressRange.of(range).contains(address(candidate))).isEqualTo(contained);
		assertThat(AddressRange.of(range)).hasToString(range);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "localhost", "10.0.0.0/33", "::1/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8",
			"256.0.0.1", "1.2.3.999", "example.org/8", "/8", "fe80::1%eth0", "1:2:3" })
	void whatIsNoRangeIsRefused(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> AddressRange.of(text))
			.withMessage("range: '" + text + "' (expected: an IP address or a range such as 10.0.0.0/8 or fc00::/7)");
	}

	@Test
	void clientIsAnAddressOfTheOldProtocolOrANetworkOfTheNewOne() throws UnknownHostException {
		assertThat(ClientNetwork.of(address("192.0.2.1"))).isNotEqualTo(ClientNetwork.of(address("192.0.2.2")));
		assertThat(ClientNetwork.of(address("2001:db8:0:1::1")))
			.isEqualTo(ClientNetwork.of(address("2001:db8:0:1:ffff::2")))
			.isNotEqualTo(ClientNetwork.of(address("2001:db8:0:2::1")));
		assertThat(ClientNetwork.of(address("::ffff:192.0.2.1"))).isEqualTo(ClientNetwork.of(address("192.0.2.1")));
	}

	@Test
	void clientIsTold() throws UnknownHostException {
		assertThat(ClientNetwork.text(ClientNetwork.of(address("203.0.113.255")))).isEqualTo("203.0.113.255");
		assertThat(ClientNetwork.text(ClientNetwork.of(address("2001:db8:0:1::1")))).isEqualTo("2001:db8:0:1::/64");
	}

}
