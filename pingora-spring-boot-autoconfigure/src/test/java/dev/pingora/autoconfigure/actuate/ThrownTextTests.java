package dev.pingora.autoconfigure.actuate;

import dev.pingora.autoconfigure.actuate.PanicDescriptor.ExceptionDescriptor;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How anything that can be thrown becomes text, in bounds.
 */
class ThrownTextTests {

	@Test
	void causesEndWhereTheyGoInACircle() {
		Exception first = new Exception("first");
		Exception second = new Exception("second", first);
		first.initCause(second);
		assertThat(ThrownText.causes(first)).extracting(ExceptionDescriptor::message).containsExactly("second");
		Exception outer = new Exception("outer", first);
		assertThat(ThrownText.causes(outer)).extracting(ExceptionDescriptor::message)
			.containsExactly("first", "second");
	}

	@Test
	void causesAreTenAtMost() {
		Exception thrown = new Exception("0");
		for (int i = 1; i <= 20; i++) {
			thrown = new Exception(String.valueOf(i), thrown);
		}
		assertThat(ThrownText.causes(thrown)).hasSize(10);
		assertThat(ThrownText.causes(thrown).get(0).message()).isEqualTo("19");
	}

	@Test
	void longMessageIsCutAndHalvesOfPairsAreReplaced() {
		String smile = "\uD83D\uDE00";
		assertThat(ThrownText.describe(new Exception("a" + smile.repeat(600))).message())
			.isEqualTo("a" + smile.repeat(499) + "?…");
		assertThat(ThrownText.describe(new Exception("a\uD83D")).message()).isEqualTo("a?");
		assertThat(ThrownText.lines(new Exception("a\uD83D")).get(0)).isEqualTo("java.lang.Exception: a?");
	}

	@Test
	void absentMessageStaysAbsent() {
		assertThat(ThrownText.describe(new Exception()))
			.isEqualTo(new ExceptionDescriptor("java.lang.Exception", null));
		assertThat(ThrownText.line(new Exception())).isEqualTo("java.lang.Exception");
		assertThat(ThrownText.line(new Exception("why"))).isEqualTo("java.lang.Exception: why");
	}

}
