package dev.pingora.upstream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link HttpPeer}.
 */
class HttpPeerTests {

	/** A host may come from elsewhere; it must not lead to a socket of this machine. */
	@ParameterizedTest
	@ValueSource(strings = { "unix:/run/app.sock", "unix:", "unix:a" })
	void hostIsNoPathOfASocket(String host) {
		assertThatIllegalArgumentException().isThrownBy(() -> HttpPeer.of(host, 80))
			.withMessage("host: '" + host + "' (expected: a host name or an address)");
	}

	/** Nor write another field into its request, or another line into a log. */
	@ParameterizedTest
	@ValueSource(strings = { "", " ", "a b", "a\r\nX-Admin: 1", "a\0", "a\u007f", "b\u00fccher.example", "a/b", "u@a",
			"[::1]", "a,b" })
	void hostHasOnlyWhatHostsHave(String host) {
		assertThatIllegalArgumentException().isThrownBy(() -> HttpPeer.of(host, 80))
			.withMessageStartingWith("host: '")
			.withMessageEndingWith("' (expected: a host name or an address)")
			.satisfies((ex) -> assertThat(ex.getMessage()).isPrintable());
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "a_b", "xn--bcher-kva.example", "A.Example.", "10.0.0.1", "::1", "fe80::1%eth0", "1.2.3.4" })
	void hostIsANameOrAnAddress(String host) {
		assertThat(HttpPeer.of(host, 80).key().host()).isEqualTo(host);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "run/app.sock", "/run/", "/run/a\nb", "/run/a\0b" })
	void pathIsAbsoluteAndHasNoControlCharacters(String path) {
		assertThatIllegalArgumentException().isThrownBy(() -> HttpPeer.unix(path))
			.withMessageStartingWith("address: unix:")
			.satisfies((ex) -> assertThat(ex.getMessage()).isPrintable());
	}

	@Test
	void socketHasAFactoryOfItsOwn() {
		assertThat(HttpPeer.unix("/run/app.sock").key().isUnix()).isTrue();
		assertThat(HttpPeer.of("::1", 80).key().isUnix()).isFalse();
	}

}
