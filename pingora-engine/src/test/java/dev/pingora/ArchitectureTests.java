package dev.pingora;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.EvaluationResult;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds the engine's packages to their levels: a package may import those of lower levels
 * and itself, never a package beside or above it.
 */
class ArchitectureTests {

	private static final String ROOT = "dev.pingora";

	private static final List<Row> ROWS = List.of(
	// @formatter:off
			new Row(0, "error"),
			new Row(1, "http"),
			new Row(1, "limits"),
			new Row(1, "tls"),
			new Row(1, "transport"),
			new Row(2, "forwarding"),
			new Row(2, "upstream"),
			new Row(3, "event"),
			new Row(4, "panic"),
			new Row(5, "accesslog"),
			new Row(5, "balancing"),
			new Row(5, "protocol"),
			new Row(5, "watchdog"),
			new Row(6, "proxy"),
			new Row(7, "protocol.h1"),
			new Row(7, "protocol.h2"),
			new Row(7, "protocol.h3"),
			new Row(8, "connector"),
			new Row(9, "health"),
			new Row(9, "route"),
			new Row(9, "proxy.internal"),
			new Row(10, "server"));
	// @formatter:on

	private static final JavaClasses ENGINE = new ClassFileImporter()
		.withImportOption(new ImportOption.DoNotIncludeTests())
		.importPackages(ROOT);

	@Test
	void theEngineWasFound() {
		assertThat(ENGINE.contain(ROOT + ".panic.PanicIsolation")).isTrue();
		assertThat(ENGINE).noneMatch((type) -> type.getPackageName().startsWith(ROOT + ".testkit"));
	}

	@Test
	void everyPackageHasARow() {
		assertThat(packagesWithoutRow(ROWS)).isEmpty();
	}

	@Test
	void aPackageImportsOnlyItselfAndLowerLevels() {
		check(importOnlyLowerLevels(ROWS));
	}

	@Test
	void packagesFormNoCycles() {
		check(noCycles());
	}

	@Test
	void theEngineKnowsNoFramework() {
		check(noClasses().should()
			.dependOnClassesThat()
			.resideInAnyPackage("org.springframework..", "io.micrometer..", "io.sentry.."));
	}

	@Test
	void theLongestPrefixNamesTheRow() {
		assertThat(rowOf(ROWS, ROOT + ".protocol")).contains(new Row(5, "protocol"));
		assertThat(rowOf(ROWS, ROOT + ".protocol.h1")).contains(new Row(7, "protocol.h1"));
		assertThat(rowOf(ROWS, ROOT + ".proxy.internal")).contains(new Row(9, "proxy.internal"));
		assertThat(rowOf(ROWS, ROOT + ".route.filter")).contains(new Row(9, "route"));
		assertThat(rowOf(ROWS, ROOT + ".routes")).isEmpty();
		assertThat(rowOf(ROWS, ROOT)).isEmpty();
	}

	@Test
	void anImportFromAboveIsReported() {
		List<Row> rows = moved("error", 11);
		EvaluationResult result = importOnlyLowerLevels(rows).evaluate(ENGINE);
		assertThat(result.hasViolation()).isTrue();
		assertThat(result.getFailureReport().getDetails())
			.anyMatch((detail) -> detail.startsWith("panic (level 4) imports error (level 11)"));
	}

	@Test
	void anImportFromASiblingIsReported() {
		List<Row> rows = moved("error", 4);
		assertThat(importOnlyLowerLevels(rows).evaluate(ENGINE).getFailureReport().getDetails())
			.anyMatch((detail) -> detail.startsWith("panic (level 4) imports error (level 4)"));
	}

	@Test
	void aPackageWithoutRowIsReported() {
		List<Row> rows = ROWS.stream().filter((row) -> !row.name().equals("error")).toList();
		assertThat(packagesWithoutRow(rows)).containsExactly(ROOT + ".error");
	}

	@Test
	void aCycleIsReported() {
		JavaClasses collectionsAndStreams = new ClassFileImporter().importClasses(Collection.class, Stream.class,
				Collectors.class);
		assertThat(noCycles().evaluate(collectionsAndStreams).hasViolation()).isTrue();
	}

	private static void check(ArchRule rule) {
		rule.check(ENGINE);
	}

	private static ArchRule noCycles() {
		return SlicesRuleDefinition.slices().assignedFrom(new PackageSlices()).should().beFreeOfCycles();
	}

	private static ArchRule importOnlyLowerLevels(List<Row> rows) {
		return classes().should(new ImportOnlyLowerLevels(rows));
	}

	private static TreeSet<String> packagesWithoutRow(List<Row> rows) {
		TreeSet<String> packages = new TreeSet<>();
		for (JavaClass type : ENGINE) {
			if (rowOf(rows, type.getPackageName()).isEmpty()) {
				packages.add(type.getPackageName());
			}
		}
		return packages;
	}

	private static List<Row> moved(String name, int level) {
		return ROWS.stream().map((row) -> row.name().equals(name) ? new Row(level, name) : row).toList();
	}

	private static Optional<Row> rowOf(List<Row> rows, String packageName) {
		return rows.stream()
			.filter((row) -> row.holds(packageName))
			.max(Comparator.comparingInt((row) -> row.name().length()));
	}

	/**
	 * One line of the table.
	 *
	 * @param level the level, which may import only lower ones
	 * @param name the package below the engine's own
	 */
	private record Row(int level, String name) {

		boolean holds(String packageName) {
			return (packageName + ".").startsWith(ROOT + "." + this.name + ".");
		}

		boolean mayImport(Row other) {
			return equals(other) || other.level < this.level;
		}

		@Override
		public String toString() {
			return this.name + " (level " + this.level + ")";
		}

	}

	/**
	 * Reports each dependency on another package that isn't of a lower level.
	 */
	private static final class ImportOnlyLowerLevels extends ArchCondition<JavaClass> {

		private final List<Row> rows;

		ImportOnlyLowerLevels(List<Row> rows) {
			super("import only packages of lower levels");
			this.rows = rows;
		}

		@Override
		public void check(JavaClass type, ConditionEvents events) {
			rowOf(this.rows, type.getPackageName()).ifPresent((from) -> {
				for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
					rowOf(this.rows, dependency.getTargetClass().getBaseComponentType().getPackageName())
						.filter((to) -> !from.mayImport(to))
						.ifPresent((to) -> events.add(SimpleConditionEvent.violated(dependency,
								from + " imports " + to + ": " + dependency.getDescription())));
				}
			});
		}

	}

	/**
	 * Each package is a slice of its own, whether it lies below another or not.
	 */
	private static final class PackageSlices implements SliceAssignment {

		@Override
		public SliceIdentifier getIdentifierOf(JavaClass type) {
			return SliceIdentifier.of(type.getPackageName());
		}

		@Override
		public String getDescription() {
			return "packages";
		}

	}

}
