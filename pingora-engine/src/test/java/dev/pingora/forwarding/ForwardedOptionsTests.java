package dev.pingora.forwarding;

import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link ForwardedOptions} and {@link TrustedProxies}.
 */
class ForwardedOptionsTests {

	@ParameterizedTest
	@CsvSource({ "10.0.0.0/8,10.255.0.1,true", "10.0.0.0/8,11.0.0.1,false", "10.1.2.3/8,10.9.9.9,true",
			"192.0.2.1,192.0.2.1,true", "192.0.2.1,192.0.2.2,false", "0.0.0.0/0,203.0.113.1,true",
			"0.0.0.0/0,::1,false", "::/0,2001:db8::1,true", "::/0,192.0.2.1,false", "::1,::1,true",
			"2001:db8::/32,2001:db8:ffff::1,true", "2001:db8::/32,2001:db9::1,false", "fd00::/8,fdff::1,true",
			"192.0.2.128/25,192.0.2.127,false", "192.0.2.128/25,192.0.2.128,true", "192.0.2.1/32,192.0.2.1,true",
			"unix,127.0.0.1,false", "192.0.2.0/24,::ffff:192.0.2.7,true", "::ffff:192.0.2.7,192.0.2.7,true" })
	void networksContainTheirAddresses(String network, String address, boolean contains) {
		assertThat(TrustedProxies.of(List.of("172.16.0.0/12", network)).contains(new InetSocketAddress(address, 1)))
			.isEqualTo(contains);
	}

	@Test
	void unixSocketsAreTrustedIfTheyAreNamed() {
		assertThat(TrustedProxies.of(List.of("0.0.0.0/0", "::/0")).contains(UnixDomainSocketAddress.of(""))).isFalse();
		assertThat(TrustedProxies.of(List.of("unix")).contains(UnixDomainSocketAddress.of(""))).isTrue();
	}

	@Test
	void whoIsNotKnownIsNotTrusted() {
		TrustedProxies everybody = TrustedProxies.of(List.of("0.0.0.0/0", "::/0", "unix"));
		assertThat(everybody.contains(null)).isFalse();
		assertThat(everybody.contains(InetSocketAddress.createUnresolved("localhost", 1))).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0/8",
			"::/129", "[::1]", "10.0.0.1:80", "*", "/8", "10.0.0.0/8/8", "010.0.0.0/8", "UNIX", "fe80::1%eth0" })
	void whatIsNoNetworkIsRefused(String entry) {
		assertThat(TrustedProxies.isValid(entry)).isFalse();
		assertThatIllegalArgumentException().isThrownBy(() -> TrustedProxies.of(List.of("10.0.0.0/8", entry)))
			.withMessage("trustedProxies[1]: '" + entry
					+ "' (expected: an address, a network such as 10.0.0.0/8 or fd00::/8, or unix)");
	}

	@Test
	void theDefaultsTrustNobody() {
		ForwardedOptions options = ForwardedOptions.defaults();
		assertThat(options.mode()).isEqualTo(ForwardedOptions.Mode.APPEND);
		assertThat(options.style()).isEqualTo(ForwardedOptions.Style.X_FORWARDED);
		assertThat(options.trustedProxies().entries()).isEmpty();
		assertThat(options.via()).isNull();
		assertThat(options).isEqualTo(ForwardedOptions.builder().build()).isNotEqualTo(ForwardedOptions.off());
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a b", "a,b", "a:80", "\u00e4" })
	void aPseudonymIsAToken(String pseudonym) {
		assertThatIllegalArgumentException().isThrownBy(() -> ForwardedOptions.builder().via(pseudonym).build())
			.withMessageEndingWith("(expected: a token of 1 to 255 characters)");
	}

}
