package dev.pingora.protocol.h1;

import java.util.Arrays;
import java.util.List;

import dev.pingora.protocol.h1.H1HeadParser.Kind;
import dev.pingora.testkit.Octets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Valid messages that were made up are read as they were meant, and spoilt ones in one
 * way only. Each build makes up the same ones; fuzzers look further.
 */
class GeneratedMessageTests {

	private static final List<String> MORSELS = List.of("", "\r", "\n", "\r\n", " ", "\t", "\0", ":", ",", ";", "\"",
			"\u000b", "\u0085", "\u00a0", "\u00ff", "0", "-", "+", "0x", "\r\n ", "Content-Length: 5\r\n",
			"Transfer-Encoding: chunked\r\n", "Host: b\r\n", "HTTP/1.0", "\r\n\r\n", "ffffffffffffffff");

	/**
	 * Some octets are taken out and others put in.
	 *
	 * @param at where, as a share of the octets in thousandths
	 * @param dropped how many octets are taken out
	 * @param inserted what is put in
	 */
	record Mutation(int at, int dropped, String inserted) {

		String apply(String octets) {
			int from = octets.length() * this.at / 1000;
			int to = Math.min(octets.length(), from + this.dropped);
			return octets.substring(0, from) + this.inserted + octets.substring(to);
		}

	}

	@Provide
	Arbitrary<GeneratedMessage> messages() {
		return Arbitraries.oneOf(GeneratedMessage.requests(), GeneratedMessage.responses());
	}

	@Provide
	Arbitrary<List<Mutation>> mutations() {
		Arbitrary<String> octet = Arbitraries.chars().range('\0', '\u00ff').map(String::valueOf);
		return Combinators
			.combine(Arbitraries.integers().between(0, 999), Arbitraries.integers().between(0, 3),
					Arbitraries.oneOf(Arbitraries.of(MORSELS), octet))
			.as(Mutation::new)
			.list()
			.ofMinSize(1)
			.ofMaxSize(3);
	}

	@Property(tries = 1000, seed = "20260103", edgeCases = EdgeCasesMode.NONE)
	void messageIsReadAsItWasMeant(@ForAll("messages") GeneratedMessage message) {
		byte[] octets = message.octets();
		assertThat(OurReading.of(message.kind(), octets)).isEqualTo(message.expected());
		byte[] more = Arrays.copyOf(octets, octets.length + 5);
		assertThat(OurReading.of(message.kind(), more)).isEqualTo(message.expected());
	}

	@Property(tries = 300, seed = "20260104", edgeCases = EdgeCasesMode.NONE)
	void messageIsReadAsItWasMeantHoweverItIsCut(@ForAll("messages") GeneratedMessage message) {
		assertThat(ReadingRules.check(message.kind(), message.octets())).isEqualTo(message.expected());
	}

	@Property(tries = 1000, seed = "20260105", edgeCases = EdgeCasesMode.NONE)
	void spoiltMessageIsReadInOneWayOnly(@ForAll("messages") GeneratedMessage message,
			@ForAll("mutations") List<Mutation> mutations) {
		String octets = Octets.latin1(message.octets());
		for (Mutation mutation : mutations) {
			octets = mutation.apply(octets);
		}
		Reading reading = ReadingRules.check(message.kind(), Octets.latin1(octets));
		Statistics.label("outcome")
			.collect(reading.isRefused() ? "refused" : reading.outcome())
			.coverage((coverage) -> coverage.checkQuery((outcome) -> outcome.get(0).equals(Reading.COMPLETE))
				.percentage((share) -> share > 5));
	}

	@Property(tries = 500, seed = "20260106", edgeCases = EdgeCasesMode.NONE)
	void pipelinedRequestsAreReadOneAfterTheOther(@ForAll("pipelines") List<GeneratedMessage> requests,
			@ForAll("pieces") int piece) {
		StringBuilder octets = new StringBuilder();
		requests.forEach((request) -> octets.append(Octets.latin1(request.octets())));
		byte[] stream = Octets.latin1(octets.toString());
		List<String> read = StreamReading.of(stream, piece);
		assertThat(read).hasSize(requests.size() + 1).isEqualTo(StreamReading.oneByOne(stream)).endsWith("idle");
	}

	@Provide
	Arbitrary<List<GeneratedMessage>> pipelines() {
		return GeneratedMessage.requests().list().ofMaxSize(5);
	}

	@Provide
	Arbitrary<Integer> pieces() {
		return Arbitraries.integers().between(1, 500);
	}

	@Property(tries = 1000, seed = "20260107")
	void anyOctetsAreReadInOneWayOnly(@ForAll("octets") String octets, @ForAll boolean request) {
		ReadingRules.check(request ? Kind.REQUEST : Kind.RESPONSE, Octets.latin1(octets));
	}

	@Provide
	Arbitrary<String> octets() {
		Arbitrary<String> octet = Arbitraries.chars().range('\0', '\u00ff').map(String::valueOf);
		return Arbitraries.oneOf(Arbitraries.of(MORSELS), octet)
			.list()
			.ofMaxSize(40)
			.map((parts) -> String.join("", parts));
	}

}
