package dev.pingora.route;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class DefinitionTests {

	@Test
	void aShortcutIsANameAndArgumentsBetweenCommas() {
		Definition definition = Definition.parse(" Path = /a/** , /b ");

		assertThat(definition.name()).isEqualTo("Path");
		assertThat(definition.list("patterns")).containsExactly("/a/**", "/b");
	}

	@Test
	void aShortcutMayBeANameAlone() {
		assertThat(Definition.parse("Local").name()).isEqualTo("Local");
		assertThat(Definition.parse("Local").arguments()).isEmpty();
		assertThat(Definition.parse("Local=").arguments()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "=", "=a", " = a" })
	void refusesAShortcutWithoutAName(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> Definition.parse(text))
			.withMessageContaining("(expected: Name=argument, argument)");
	}

	@Test
	void theLastArgumentTakesTheRest() {
		Definition.Values values = Definition.parse("AddRequestHeader=X-A, a, b=c,d ").values("name", "value");

		assertThat(values.text("name")).isEqualTo("X-A");
		assertThat(values.text("value")).isEqualTo("a, b=c,d");
	}

	@Test
	void namedArgumentsAreBoundByName() {
		Definition.Values values = Definition.of("SetStatus", Map.of("status", " 404 ")).values("status");

		assertThat(values.number("status")).isEqualTo(404);
		assertThat(values.has("other")).isFalse();
	}

	@Test
	void aListIsTextWithCommasOrElements() {
		assertThat(Definition.of("Path", Map.of("patterns", "/a, /b")).list("patterns")).containsExactly("/a", "/b");
		assertThat(Definition.of("Path", Map.of("patterns[1]", "/b", "patterns[0]", "/a")).list("patterns"))
			.containsExactly("/a", "/b");
		assertThat(Definition.of("Path", Map.of("patterns.0", "/a,x")).list("patterns")).containsExactly("/a,x");
	}

	@Test
	void errorsNameTheDefinitionTheArgumentAndTheExpectation() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Definition.of("StripPrefix", Map.of("part", "1")).values("parts"))
			.withMessage("StripPrefix: argument 'part' (expected: parts)");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Definition.of("Path", Map.of("pattern", "/")).list("patterns"))
			.withMessage("Path: argument 'pattern' (expected: patterns)");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Definition.of("Path", Map.of("patterns[0]", "/", "patterns[2]", "/b")).list("patterns"))
			.withMessageContaining("patterns[2]");
		assertThatIllegalArgumentException().isThrownBy(() -> Definition.parse("Path").list("patterns"))
			.withMessage("Path: no patterns (expected: at least one)");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Definition.parse("AddRequestHeader=X").values("name", "value").text("value"))
			.withMessage("AddRequestHeader: no value (expected: name, value)");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Definition.parse("StripPrefix=x").values("parts").number("parts"))
			.withMessage("StripPrefix: parts: 'x' (expected: a whole number)");
		assertThatIllegalArgumentException().isThrownBy(() -> Definition.parse("Local=1").values())
			.withMessage("Local: arguments (expected: none)");
	}

	@Test
	void refusesArgumentsOfBothKinds() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new Definition("Path", List.of("/a"), Map.of("patterns", "/b")))
			.withMessageContaining("only one of the two kinds");
	}

	@Test
	void showsNoArguments() {
		assertThat(Definition.parse("AddRequestHeader=Authorization, secret")).hasToString("AddRequestHeader");
	}

}
