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

	@Test
	void socketHasAFactoryOfItsOwn() {
		assertThat(HttpPeer.unix("/run/app.sock").key().isUnix()).isTrue();
		assertThat(HttpPeer.of("::1", 80).key().isUnix()).isFalse();
	}

}
