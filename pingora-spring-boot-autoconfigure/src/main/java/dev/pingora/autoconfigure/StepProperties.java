package dev.pingora.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.ConstructorBinding;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A predicate or filter in the properties: {@code Name=arguments}, or {@code name} and
 * {@code args}.
 *
 * @param name the name, or the whole short form
 * @param args the arguments of the long form, by name
 */
public record StepProperties(@Nullable String name, @DefaultValue Map<String, String> args) {

	/**
	 * Copies the arguments.
	 */
	@ConstructorBinding
	public StepProperties {
		args = new LinkedHashMap<>(args);
	}

	/**
	 * Takes the short form. It is checked later, together with everything else.
	 * @param shortcut {@code Name=arguments}
	 * @return the step
	 */
	public static StepProperties valueOf(String shortcut) {
		return new StepProperties(shortcut, Map.of());
	}

}
