package dev.pingora;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;

/**
 * A table of packages in levels: a package may use itself and whatever lies on a lower
 * level, neither a sibling on its own level nor anything above. A package without a line
 * of its own belongs to the nearest parent that has one; a package without such a parent
 * is a violation in itself. It looks at byte code, so that it doesn't see constants that
 * the compiler copied.
 */
final class PackageRows {

	private final String base;

	private final List<Row> rows;

	PackageRows(String base, List<Row> rows) {
		this.base = base;
		this.rows = rows.stream().sorted(Comparator.comparingInt((Row row) -> row.name().length()).reversed()).toList();
	}

	Optional<Row> rowOf(String packageName) {
		return this.rows.stream().filter((row) -> (packageName + ".").startsWith(fullName(row) + ".")).findFirst();
	}

	ArchCondition<JavaClass> useOnlyLowerRows() {
		return new ArchCondition<>("use only packages on lower levels") {

			@Override
			public void check(JavaClass user, ConditionEvents events) {
				if (rowOf(user.getPackageName()).isEmpty()) {
					events
						.add(SimpleConditionEvent.violated(user, user.getName() + ": its package is not in the table"));
				}
				user.getDirectDependenciesFromSelf()
					.stream()
					.filter((dependency) -> isOurs(used(dependency)) && !isAllowed(user, used(dependency)))
					.forEach((dependency) -> events.add(SimpleConditionEvent.violated(user, describe(dependency))));
			}

		};
	}

	private boolean isAllowed(JavaClass user, JavaClass used) {
		Optional<Row> from = rowOf(user.getPackageName());
		Optional<Row> to = rowOf(used.getPackageName());
		return from.isPresent() && to.isPresent()
				&& (from.equals(to) || to.orElseThrow().level() < from.orElseThrow().level());
	}

	private boolean isOurs(JavaClass type) {
		return (type.getPackageName() + ".").startsWith(this.base + ".");
	}

	private String describe(Dependency dependency) {
		return place(dependency.getOriginClass()) + " must not use " + place(used(dependency)) + ": "
				+ dependency.getDescription();
	}

	private String place(JavaClass type) {
		return rowOf(type.getPackageName()).map((row) -> row.name() + " (level " + row.level() + ")")
			.orElseGet(() -> type.getPackageName() + " (not in the table)");
	}

	private String fullName(Row row) {
		return this.base + "." + row.name();
	}

	private static JavaClass used(Dependency dependency) {
		return dependency.getTargetClass().getBaseComponentType();
	}

	/**
	 * One line of the table.
	 *
	 * @param level the height, 0 being the lowest
	 * @param name the package, without what all of them start with
	 */
	record Row(int level, String name) {

	}

}
