package dev.pingora.autoconfigure;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * Refuses {@code pingora.*} keys that nobody reads: a typo in a timeout or limit must not
 * go unnoticed. Boot's own {@code ignoreUnknownFields = false} would refuse a list that
 * is overridden on the command line too, if an element of the list below has a list of
 * its own.
 */
final class UnknownProperties {

	// As Boot does: what the machine sets is not meant for us alone (PINGORA_HOME, say).
	private static final Set<String> IGNORED_SOURCES = Set.of(
			StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
			StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME);

	private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of(PingoraProperties.PREFIX);

	private final Problems problems;

	private final Set<ConfigurationPropertyName> seen = new HashSet<>();

	UnknownProperties(Problems problems) {
		this.problems = problems;
	}

	void check(Iterable<ConfigurationPropertySource> sources) {
		for (ConfigurationPropertySource source : sources) {
			boolean ignored = source.getUnderlyingSource() instanceof PropertySource<?> underlying
					&& IGNORED_SOURCES.contains(underlying.getName());
			if (!ignored && source instanceof IterableConfigurationPropertySource iterable) {
				iterable.stream()
					.filter((name) -> PREFIX.isAncestorOf(name) && this.seen.add(name))
					.forEach((name) -> check(name, iterable.getConfigurationProperty(name)));
			}
		}
	}

	private void check(ConfigurationPropertyName name, @Nullable ConfigurationProperty property) {
		String expectation = expectation(ResolvableType.forClass(PingoraProperties.class), name,
				PREFIX.getNumberOfElements());
		if (expectation != null) {
			this.problems.add(name.toString(), (property != null) ? property.getValue() : null, expectation);
		}
	}

	/**
	 * Follows a name down the types of the properties.
	 * @param type the type that was reached
	 * @param name the name
	 * @param index the name's element that comes next
	 * @return what should be there instead, or {@code null} if the name is known
	 */
	private static @Nullable String expectation(ResolvableType type, ConfigurationPropertyName name, int index) {
		if (index == name.getNumberOfElements()) {
			return null;
		}
		Class<?> rawType = type.resolve(Object.class);
		if (rawType == List.class) {
			return name.isNumericIndex(index) ? expectation(type.getGeneric(0), name, index + 1)
					: "an index such as [0] behind " + name.chop(index);
		}
		if (rawType == Map.class) {
			ResolvableType value = type.getGeneric(1);
			return (value.resolve() == String.class) ? null : expectation(value, name, index + 1);
		}
		if (!rawType.isRecord()) {
			return "nothing behind " + name.chop(index);
		}
		RecordComponent[] components = rawType.getRecordComponents();
		String element = name.getElement(index, Form.UNIFORM);
		for (RecordComponent component : components) {
			if (component.getName().toLowerCase(Locale.ROOT).equals(element)) {
				return expectation(ResolvableType.forType(component.getGenericType()), name, index + 1);
			}
		}
		return "a known property: one of " + Arrays.stream(components).map(UnknownProperties::key).sorted().toList()
				+ " behind " + name.chop(index);
	}

	private static String key(RecordComponent component) {
		return component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
	}

}
