package dev.pingora.docs;

import java.util.Arrays;
import java.util.List;

import dev.pingora.event.Phase;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds {@code docs/phases.md} to {@link Phase}.
 */
class PhasesPageTests {

	private final Page page = Page.of("docs", "phases.md");

	@Test
	void tableHasAllPhasesInTheirOrder() {
		assertThat(rows()).extracting((row) -> row.get(0))
			.containsExactlyElementsOf(Arrays.stream(Phase.values()).map((phase) -> "`" + phase.tag() + "`").toList());
	}

	@Test
	void tableSaysWhatMayBlock() {
		assertThat(rows()).extracting((row) -> row.get(3))
			.containsExactlyElementsOf(
					Arrays.stream(Phase.values()).map((phase) -> phase.mayBlock() ? "yes" : "no").toList());
	}

	@Test
	void chartHasAllPhases() {
		String chart = this.page.blocks("text").get(0);
		for (Phase phase : Phase.values()) {
			assertThat(chart).containsPattern("\\b" + phase.tag() + "\\b");
		}
	}

	private List<List<String>> rows() {
		return this.page.table("phase", "when", "what it may do", "may block", "a `ProxyException` there");
	}

}
