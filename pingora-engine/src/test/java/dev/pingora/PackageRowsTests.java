package dev.pingora;

import java.util.List;

import com.tngtech.archunit.lang.EvaluationResult;
import dev.pingora.PackageRows.Row;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Proves on the engine's own classes, of which {@code panic} uses {@code error}, that a
 * table that doesn't fit turns the rule red.
 */
class PackageRowsTests {

	@Test
	void usingAHigherLevelIsAViolation() {
		EvaluationResult result = evaluate(new Row(0, "panic"), new Row(1, "error"));
		assertThat(result.getFailureReport().getDetails())
			.anyMatch((detail) -> detail.startsWith("panic (level 0) must not use error (level 1): "));
	}

	@Test
	void usingASiblingIsAViolation() {
		EvaluationResult result = evaluate(new Row(4, "panic"), new Row(4, "error"));
		assertThat(result.getFailureReport().getDetails())
			.anyMatch((detail) -> detail.startsWith("panic (level 4) must not use error (level 4): "));
	}

	@Test
	void packageOutsideTheTableIsAViolation() {
		EvaluationResult result = evaluate(new Row(4, "panic"));
		assertThat(result.getFailureReport().getDetails()).anyMatch(
				(detail) -> detail.startsWith("panic (level 4) must not use dev.pingora.error (not in the table): "))
			.contains("dev.pingora.error.ProxyException: its package is not in the table");
	}

	@Test
	void usingALowerLevelIsAllowed() {
		EvaluationResult result = evaluate(new Row(0, "error"), new Row(4, "panic"));
		assertThat(result.getFailureReport().getDetails())
			.noneMatch((detail) -> detail.startsWith("panic (level 4) must not use error "));
	}

	@Test
	void packageBelongsToItsNearestParentInTheTable() {
		PackageRows rows = new PackageRows(ArchitectureTest.BASE, ArchitectureTest.TABLE);
		assertThat(rows.rowOf("dev.pingora.route.filter")).contains(new Row(9, "route"));
		assertThat(rows.rowOf("dev.pingora.proxy")).contains(new Row(6, "proxy"));
		assertThat(rows.rowOf("dev.pingora.proxy.internal")).contains(new Row(9, "proxy.internal"));
		assertThat(rows.rowOf("dev.pingora.protocol.h1.head")).contains(new Row(7, "protocol.h1"));
		assertThat(rows.rowOf("dev.pingora.proxying")).isEmpty();
		assertThat(rows.rowOf("dev.pingora")).isEmpty();
	}

	private static EvaluationResult evaluate(Row... rows) {
		return classes().should(new PackageRows(ArchitectureTest.BASE, List.of(rows)).useOnlyLowerRows())
			.evaluate(ArchitectureTest.ENGINE);
	}

}
