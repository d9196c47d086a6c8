package dev.pingora.docs;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;

import dev.pingora.panic.PanicSite;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds {@code docs/panics.md} to the package {@code panic}.
 */
class PanicsPageTests {

	@Test
	void tableHasAllSitesOutsideThePhases() throws IllegalAccessException {
		List<String> sites = new ArrayList<>();
		for (Field field : PanicSite.class.getFields()) {
			if (Modifier.isStatic(field.getModifiers()) && field.getType() == String.class) {
				sites.add("`" + field.get(null) + "`");
			}
		}
		assertThat(Page.of("docs", "panics.md").table("name", "what ran")).extracting((row) -> row.get(0))
			.containsExactlyElementsOf(sites);
	}

}
