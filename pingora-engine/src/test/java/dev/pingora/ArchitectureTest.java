package dev.pingora;

import java.util.List;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import dev.pingora.PackageRows.Row;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

/**
 * Holds the engine's packages to the design's table. Where it can't hold, a decision
 * record changes the table: there are no exceptions here.
 */
class ArchitectureTest {

	static final String BASE = "dev.pingora";

	static final List<Row> TABLE = List.of(
	// @formatter:off
			new Row(0, "error"),
			new Row(1, "http"),
			new Row(1, "limits"),
			new Row(1, "tls"),
			new Row(1, "transport"),
			new Row(2, "upstream"),
			new Row(3, "event"),
			new Row(4, "panic"),
			new Row(5, "balancing"),
			new Row(5, "protocol"),
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

	static final JavaClasses ENGINE = new ClassFileImporter()
		.withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
		.importPackages(BASE);

	@Test
	void packageUsesOnlyPackagesOnLowerLevels() {
		classes().should(new PackageRows(BASE, TABLE).useOnlyLowerRows()).allowEmptyShould(true).check(ENGINE);
	}

	@Test
	void packagesAreFreeOfCycles() {
		SlicesRuleDefinition.slices()
			.matching(BASE + ".(**)")
			.should()
			.beFreeOfCycles()
			.allowEmptyShould(true)
			.check(ENGINE);
	}

	@Test
	void engineKnowsNeitherSpringNorMicrometerNorSentry() {
		noClasses().should()
			.dependOnClassesThat()
			.resideInAnyPackage("org.springframework..", "io.micrometer..", "io.sentry..")
			.allowEmptyShould(true)
			.check(ENGINE);
	}

}
