package dev.pingora.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link Headers}.
 */
class HeadersTests {

	private static final String[] NAMES = { "Host", "hOST", "A", "a", "X-Long-Name", "x-long-name", "Connection",
			"Content-Length", "content-length", "TE", "Te", "Trailer", "Expect", "Upgrade", "KEEP-ALIVE", "Cookie" };

	private record Pair(String name, String value) {

		boolean isNamed(String name) {
			return this.name.toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT));
		}

	}

	private static List<Pair> pairs(Headers headers) {
		List<Pair> pairs = new ArrayList<>();
		headers.forEach((name, value) -> pairs.add(new Pair(name, value)));
		return pairs;
	}

	private static List<Pair> visited(Headers headers) {
		List<Pair> pairs = new ArrayList<>();
		headers.visit(new FieldVisitor() {

			@Override
			public void octets(HeadTable table, int field) {
				pairs.add(new Pair(table.name(field), table.value(field)));
			}

			@Override
			public void text(int known, String name, String value) {
				assertThat(known).isEqualTo(KnownField.of(name));
				pairs.add(new Pair(name, value));
			}

		});
		return pairs;
	}

	private static void assertSame(Headers headers, List<Pair> model) {
		assertThat(pairs(headers)).isEqualTo(model);
		assertThat(visited(headers)).isEqualTo(model);
		assertThat(headers.size()).isEqualTo(model.size());
		for (String name : NAMES) {
			List<String> values = model.stream().filter((pair) -> pair.isNamed(name)).map(Pair::value).toList();
			assertThat(headers.all(name)).isEqualTo(values);
			assertThat(headers.contains(name)).isEqualTo(!values.isEmpty());
			assertThat(headers.first(name)).isEqualTo(values.isEmpty() ? null : values.get(0));
		}
	}

	@Test
	void fieldThatACodecTakesAwayIsGone() {
		for (int field = 0; field < 3; field++) {
			HeadTable table = Tables.fields("Host", "a", "X", "b", "Expect", "c");
			String gone = table.name(field);
			table.removeField(field);
			assertThat(table.fields()).isEqualTo(2);
			assertThat(table.headers().contains(gone)).isFalse();
			assertThat(table.headers().size()).isEqualTo(2);
			table.field(table.nameStart(0), table.nameEnd(0), table.valueStart(1), table.valueEnd(1));
			assertThat(table.headers().all(table.name(0))).containsExactly(table.value(0), table.value(1));
		}
	}

	@Test
	void anySequenceOfEditsGivesWhatAListOfPairsWould() {
		Random random = new Random(42);
		for (int run = 0; run < 500; run++) {
			List<Pair> model = new ArrayList<>();
			String[] received = new String[2 * random.nextInt(90)];
			for (int i = 0; i < received.length; i += 2) {
				received[i] = name(random);
				received[i + 1] = "v" + i;
				model.add(new Pair(received[i], received[i + 1]));
			}
			Headers headers = (received.length > 0) ? Tables.fields(received).headers() : Headers.create();
			for (int step = 0; step < 12; step++) {
				headers = edit(headers, model, random, run + "-" + step);
				assertSame(headers, model);
			}
		}
	}

	private static String name(Random random) {
		return NAMES[random.nextInt(NAMES.length)];
	}

	// Returns what to go on with: the headers, or a copy of them.
	private static Headers edit(Headers headers, List<Pair> model, Random random, String value) {
		String name = name(random);
		switch (random.nextInt(6)) {
			case 0, 1 -> {
				headers.add(name, value);
				model.add(new Pair(name, value));
			}
			case 2 -> {
				headers.set(name, value);
				model.removeIf((pair) -> pair.isNamed(name));
				model.add(new Pair(name, value));
			}
			case 3 -> assertThat(headers.remove(name)).isEqualTo(model.removeIf((pair) -> pair.isNamed(name)));
			default -> {
				Headers copy = random.nextBoolean() ? headers.copy() : headers.detach();
				headers.set("A", "only in the original");
				headers.remove("Host");
				return copy;
			}
		}
		return headers;
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "", "a b", "a:", "a\r", "a\n", "\0", "\u00e4", "a\r\nb: c", "(", "a\u010d", "\u212aeep-alive" })
	void nameThatIsNoTokenIsRefused(String name) {
		Headers headers = Headers.create().add("a", "b");
		assertThatIllegalArgumentException().isThrownBy(() -> headers.add(name, "v"));
		assertThatIllegalArgumentException().isThrownBy(() -> headers.set(name, "v"));
		assertThat(pairs(headers)).containsExactly(new Pair("a", "b"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "a\r\nb: c", "\r", "\n", "\0", "\u007f", "\u001b", "\u010d", "\u560a", "\ud83d\ude00" })
	void valueWithControlsOrWideCharactersIsRefused(String value) {
		Headers headers = Headers.create().add("a", "b");
		assertThatIllegalArgumentException().isThrownBy(() -> headers.add("a", value));
		assertThatIllegalArgumentException().isThrownBy(() -> headers.set("a", value));
		assertThat(pairs(headers)).containsExactly(new Pair("a", "b"));
	}

	// Java's own case folding maps these to ASCII letters; HTTP's names are ASCII.
	@Test
	void nameThatOnlyLooksTheSameIsAnotherName() {
		Headers headers = Tables.fields("Host", "a", "Keep-Alive", "b").headers().add("Cookie", "c").add("x-s", "d");
		for (String name : List.of("ho\u017ft", "\u212aeep-alive", "coo\u212aie", "x-\u017f")) {
			assertThat(headers.contains(name)).as(name).isFalse();
			assertThat(headers.remove(name)).as(name).isFalse();
			assertThatIllegalArgumentException().isThrownBy(() -> headers.set(name, "v"));
		}
		assertThat(headers.size()).isEqualTo(4);
	}

	@Test
	void allowedValuesAreTaken() {
		Headers headers = Headers.create().add("a", "").add("a", "\t \u00ff\u0080~!").add("a", " ");
		assertThat(headers.all("A")).containsExactly("", "\t \u00ff\u0080~!", " ");
	}

	@Test
	void editsOfACopyDoNotShowInTheOriginal() {
		Headers original = Tables.fields("A", "1", "B", "2").headers();
		for (Headers copy : List.of(original.copy(), original.detach())) {
			copy.set("A", "3").add("C", "4");
			copy.remove("B");
			assertThat(pairs(copy)).containsExactly(new Pair("A", "3"), new Pair("C", "4"));
			assertThat(pairs(original)).containsExactly(new Pair("A", "1"), new Pair("B", "2"));
		}
	}

	@Test
	void textShowsNoValues() {
		assertThat(Headers.create().add("Authorization", "secret")).hasToString("Headers(1)");
	}

}
