package dev.pingora.docs;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.Retry;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds {@code docs/errors.md} to the package {@code error}.
 */
class ErrorsPageTests {

	private final Page page = Page.of("docs", "errors.md");

	@Test
	void tableHasAllTypesInTheirOrder() throws IllegalAccessException {
		List<List<String>> rows = this.page.table("type", "name in logs and meters", "when", "status", "stack trace");
		List<Field> constants = Arrays.stream(ErrorType.class.getFields())
			.filter((field) -> Modifier.isStatic(field.getModifiers()) && field.getType() == ErrorType.class)
			.toList();
		assertThat(rows).hasSameSizeAs(constants);
		for (int i = 0; i < rows.size(); i++) {
			ErrorType type = (ErrorType) constants.get(i).get(null);
			List<String> row = rows.get(i);
			assertThat(row.get(0)).isEqualTo("`" + constants.get(i).getName() + "`");
			assertThat(row.get(1)).isEqualTo("`" + type.name() + "`");
			assertThat(row.get(2)).isNotBlank();
			assertThat(row.get(3)).as("status of %s", type).isEqualTo(status(type));
			assertThat(row.get(4)).as("stack trace of %s", type).isEqualTo(type.isNetwork() ? "no" : "yes");
		}
	}

	private static String status(ErrorType type) {
		if (type.status() != 0) {
			return Integer.toString(type.status());
		}
		return type.isTimeout() ? "source, a timeout" : "source";
	}

	@Test
	void tableHasAllSources() {
		assertThat(this.page.table("source", "what it means", "default status")).extracting((row) -> row.get(0))
			.containsExactlyElementsOf(quoted(ErrorSource.values()));
	}

	@Test
	void tableHasAllVerdicts() {
		assertThat(this.page.table("`Retry`", "meaning")).extracting((row) -> row.get(0))
			.containsExactlyElementsOf(quoted(Retry.values()));
	}

	private static List<String> quoted(Enum<?>[] constants) {
		return Arrays.stream(constants).map((constant) -> "`" + constant.name() + "`").toList();
	}

}
