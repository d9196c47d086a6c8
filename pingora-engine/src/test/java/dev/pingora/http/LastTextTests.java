package dev.pingora.http;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LastText}.
 */
class LastTextTests {

	private final LastText texts = new LastText();

	private String of(String text) {
		byte[] bytes = ("x" + text + "x").getBytes(StandardCharsets.ISO_8859_1);
		return this.texts.of(bytes, 1, bytes.length - 1);
	}

	@Test
	void sameOctetsGiveTheSameString() {
		String first = of("/a?\u00e9");
		assertThat(first).isEqualTo("/a?\u00e9");
		assertThat(of("/a?\u00e9")).isSameAs(first);
	}

	@Test
	void otherOctetsGiveAnotherString() {
		assertThat(of("/aa")).isEqualTo("/aa");
		assertThat(of("/ab")).isEqualTo("/ab");
		assertThat(of("/a")).isEqualTo("/a");
		assertThat(of("")).isEmpty();
	}

	@Test
	void longTextIsNotKept() {
		String text = "/" + "a".repeat(256);
		String first = of(text);
		assertThat(of(text)).isEqualTo(first).isNotSameAs(first);
	}

}
