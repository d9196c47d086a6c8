package dev.pingora.forwarding;

import java.nio.charset.StandardCharsets;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.HeadTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ViaField}.
 */
class ViaFieldTests {

	private static void check(String... values) throws ProxyException {
		HeadTable table = new HeadTable();
		for (String value : values) {
			byte[] octets = ("Via" + value).getBytes(StandardCharsets.ISO_8859_1);
			int start = table.extend(octets.length);
			System.arraycopy(octets, 0, table.bytes(), start, octets.length);
			table.field(start, start + 3, start + 3, start + octets.length);
		}
		ViaField.check(table.headers(), "edge");
	}

	@ParameterizedTest
	@ValueSource(strings = { "1.1 edge", "1.1 EDGE", "1.1\tedge", "HTTP/1.1  \t edge (x)", " 1.1 edge ", "1.1 edge ,",
			",,1.1 edge", "1.0 fred,1.1 edge", "1.0 fred (a, b) , 1.1 edge, 1.1 last" })
	void ownNameIsFound(String value) {
		assertThatExceptionOfType(ProxyException.class).isThrownBy(() -> check("1.1 other", value))
			.satisfies((error) -> assertThat(error.type()).isEqualTo(ErrorType.LOOP_DETECTED));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", ",", ", ,", "edge", " edge", "edge ", "1.1", "1.1,edge", "1.1 edge2", "1.1 edg",
			"1.1 fred edge", "1.1 fred (edge)", "1.1 fred (x, 1.1 edge)" })
	void otherNamesAreNot(String value) {
		assertThatCode(() -> check("1.1 other", value)).doesNotThrowAnyException();
	}

	@Test
	void noFieldIsNoLoop() {
		assertThatCode(() -> check()).doesNotThrowAnyException();
	}

}
