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
 * @param shortcut the short form as it was written, or {@code null}
 * @param name the name in the long form, or {@code null}
 * @param args the arguments in the long form, by name
 */
public record StepProperties(@Nullable String shortcut, @Nullable String name, Map<String, String> args) {

	/**
	 * Makes a step of its long form.
	 * @param name the name
	 * @param args the arguments, by name
	 */
	@ConstructorBinding
	public StepProperties(@Nullable String name, @DefaultValue Map<String, String> args) {
		this(null, name, args);
	}

	/**
	 * Copies the arguments.
	 */
	public StepProperties {
		args = new LinkedHashMap<>(args);
	}

	/**
	 * Takes the short form. It is checked later, together with everything else.
	 * @param shortcut {@code Name=arguments}
	 * @return the step
	 */
	public static StepProperties valueOf(String shortcut) {
		return new StepProperties(shortcut, null, Map.of());
	}

}
