package dev.pingora.http;

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link FieldBlock} and what {@link Headers} make of it.
 */
class FieldBlockTests {

	private static final FieldBlock BLOCK = FieldBlock.of(List.of("A", "1", "B", "2"));

	private final Headers headers = Headers.create();

	private String fields() {
		StringBuilder fields = new StringBuilder();
		this.headers.forEach((name, value) -> fields.append(name).append('=').append(value).append(' '));
		return fields.toString();
	}

	@Test
	void octetsAreLines() {
		assertThat(new String(BLOCK.octets(), StandardCharsets.US_ASCII)).isEqualTo("A: 1\r\nB: 2\r\n");
	}

	@Test
	void fieldsOfABlockAreFieldsLikeOthers() {
		this.headers.add(BLOCK);
		assertThat(this.headers.size()).isEqualTo(2);
		this.headers.add("C", "3").add(BLOCK);
		assertThat(fields()).isEqualTo("A=1 B=2 C=3 A=1 B=2 ");
		assertThat(this.headers.all("a")).containsExactly("1", "1");
	}

	@Test
	void eachWayToAFieldOfABlockFindsIt() {
		assertThat(Headers.create().add(BLOCK).contains("b")).isTrue();
		assertThat(Headers.create().add(BLOCK).first("b")).isEqualTo("2");
		assertThat(Headers.create().add(BLOCK).all("b")).containsExactly("2");
		assertThat(Headers.create().add(BLOCK).detach().first("b")).isEqualTo("2");
		this.headers.add(BLOCK).set("A", "3");
		assertThat(fields()).isEqualTo("B=2 A=3 ");
		assertThat(this.headers.remove("b")).isTrue();
		assertThat(fields()).isEqualTo("A=3 ");
	}

	@Test
	void blockComesBehindWhatWasAddedBefore() {
		this.headers.add("C", "3").add(BLOCK);
		assertThat(fields()).isEqualTo("C=3 A=1 B=2 ");
	}

	@Test
	void copyHasFieldsOfItsOwn() {
		Headers copy = this.headers.add(BLOCK).copy();
		copy.remove("A");
		assertThat(copy.size()).isEqualTo(1);
		assertThat(fields()).isEqualTo("A=1 B=2 ");
	}

	@Test
	void visitorThatKnowsNoBlocksIsHandedTheirFields() {
		StringBuilder seen = new StringBuilder();
		this.headers.add(BLOCK).visit(new FieldVisitor() {

			@Override
			public void octets(HeadTable table, int field) {
				seen.append("received ");
			}

			@Override
			public void text(int known, String name, String value) {
				seen.append(known).append(name).append(value).append(' ');
			}

		});
		assertThat(seen).hasToString("0A1 0B2 ");
	}

	@Test
	void whatCouldNotBeSentOrConcernsCodecsIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> FieldBlock.of(List.of("A b", "1")));
		assertThatIllegalArgumentException().isThrownBy(() -> FieldBlock.of(List.of("A", "1\r\n")));
		assertThatIllegalArgumentException().isThrownBy(() -> FieldBlock.of(List.of("Host", "a")))
			.withMessage("header name: Host (expected: none that a codec looks at)");
	}

}
