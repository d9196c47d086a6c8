package dev.pingora.balancing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.upstream.HttpPeer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link RoundRobinSelection} and {@link Upstream}.
 */
class RoundRobinSelectionTests {

	private static List<Backend> backends(int... weights) {
		return IntStream.range(0, weights.length)
			.mapToObj((i) -> new Backend(HttpPeer.of(String.valueOf((char) ('A' + i)), 80), weights[i]))
			.toList();
	}

	private static String turns(Selection selection, int count) {
		return IntStream.range(0, count)
			.mapToObj((i) -> selection.select(0, 0).peer().key().host())
			.collect(Collectors.joining());
	}

	@Test
	void turnsOfAHeavyBackendAreSpread() {
		Selection selection = new RoundRobinSelection(backends(5, 1, 1));
		assertThat(turns(selection, 14)).isEqualTo("AABACAAAABACAA");
	}

	@Test
	void groupTellsHowItChooses() {
		assertThat(Upstream.of("u", backends(1)).balancer().name()).isEqualTo("round-robin");
		LoadBalancer own = (backends) -> new RoundRobinSelection(backends);
		assertThat(Upstream.of("u", backends(1), own).balancer().name()).startsWith(getClass().getName());
	}

	@Test
	void equalWeightsTakeTurnsWhateverTheyAre() {
		assertThat(turns(new RoundRobinSelection(backends(1, 1, 1)), 6)).isEqualTo("ABCABC");
		assertThat(turns(new RoundRobinSelection(backends(256, 256)), 4)).isEqualTo("ABAB");
		assertThat(turns(new RoundRobinSelection(backends(7)), 3)).isEqualTo("AAA");
	}

	@Test
	void commonDivisorChangesNothing() {
		assertThat(turns(new RoundRobinSelection(backends(50, 10, 10)), 7)).isEqualTo("AABACAA");
	}

	@Test
	void everybodyGetsItsShareEvenFromManyThreads() {
		Selection selection = new RoundRobinSelection(backends(256, 100, 3, 1));
		Map<String, Long> counts = IntStream.range(0, 360 * 50)
			.parallel()
			.mapToObj((i) -> selection.select(i, i).peer().key().host())
			.collect(Collectors.groupingBy((host) -> host, Collectors.counting()));
		assertThat(counts).isEqualTo(Map.of("A", 12_800L, "B", 5000L, "C", 150L, "D", 50L));
	}

	@Test
	void upstreamSelectsAndKeepsItsBackends() throws ProxyException {
		List<Backend> backends = new ArrayList<>(backends(1, 1));
		Upstream upstream = Upstream.of("u", backends);
		backends.clear();
		assertThat(upstream.backends()).hasSize(2);
		assertThat(upstream.select(0, 0).key().host()).isEqualTo("A");
		assertThat(upstream.select(0, 1).key().host()).isEqualTo("B");
	}

	@Test
	void upstreamWithoutBackendsFails() {
		assertThatExceptionOfType(ProxyException.class).isThrownBy(() -> Upstream.of("u", List.of()).select(0, 0))
			.satisfies((error) -> {
				assertThat(error.type()).isEqualTo(ErrorType.NO_BACKEND);
				assertThat(error.status()).isEqualTo(503);
			});
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, -1, 257 })
	void weightOutOfRangeIsRefused(int weight) {
		assertThatIllegalArgumentException().isThrownBy(() -> backends(weight));
	}

}
