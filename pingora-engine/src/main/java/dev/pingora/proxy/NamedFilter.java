package dev.pingora.proxy;

import java.lang.reflect.Method;
import java.util.EnumSet;
import java.util.Set;

import dev.pingora.event.Phase;

/**
 * A filter with what the engine has to know of it: its name, for blame; the phases that
 * it implements, so that no others are called; and those of them that may block.
 *
 * @param name the name that panics, logs and meters show
 * @param filter the filter
 * @param phases the phases that it implements
 * @param blockingPhases those of them that run on the executor
 */
public record NamedFilter(String name, ProxyFilter filter, Set<Phase> phases, Set<Phase> blockingPhases) {

	/**
	 * Copies the sets.
	 */
	public NamedFilter {
		phases = Set.copyOf(phases);
		blockingPhases = Set.copyOf(blockingPhases);
	}

	/**
	 * A filter under the simple name of its class.
	 * @param filter the filter
	 * @return the named filter
	 * @throws IllegalArgumentException if a phase is marked {@link Blocking} that may not
	 * block
	 */
	public static NamedFilter of(ProxyFilter filter) {
		return of(filter.getClass().getSimpleName(), filter);
	}

	/**
	 * A filter.
	 * @param name the name that panics, logs and meters show
	 * @param filter the filter
	 * @return the named filter
	 * @throws IllegalArgumentException if a phase is marked {@link Blocking} that may not
	 * block
	 */
	public static NamedFilter of(String name, ProxyFilter filter) {
		return of(name, filter, filter.getClass());
	}

	/**
	 * A filter that is a proxy object for another class, which says what it implements.
	 * @param name the name that panics, logs and meters show
	 * @param filter the filter
	 * @param type the class that implements the phases and bears the annotations
	 * @return the named filter
	 * @throws IllegalArgumentException if a phase is marked {@link Blocking} that may not
	 * block
	 */
	public static NamedFilter of(String name, ProxyFilter filter, Class<?> type) {
		return scan(name, filter, type, ProxyFilter.class);
	}

	/**
	 * A whole proxy as a filter.
	 * @param name the name that panics, logs and meters show
	 * @param proxy the proxy
	 * @param type the class that implements the phases and bears the annotations
	 * @return the named filter
	 * @throws IllegalArgumentException if a phase is marked {@link Blocking} that may not
	 * block
	 */
	public static NamedFilter of(String name, ProxyHttp<?> proxy, Class<?> type) {
		return scan(name, new ContextFilter<>(proxy), type, ProxyHttp.class);
	}

	private static NamedFilter scan(String name, ProxyFilter filter, Class<?> type, Class<?> api) {
		Set<Phase> phases = EnumSet.noneOf(Phase.class);
		Set<Phase> blocking = EnumSet.noneOf(Phase.class);
		boolean allBlocking = type.isAnnotationPresent(Blocking.class);
		for (Phase phase : Phase.values()) {
			for (Method method : type.getMethods()) {
				if (method.getName().equals(phase.tag()) && method.getDeclaringClass() != api) {
					phases.add(phase);
					if (isBlocking(name, phase, method) || (allBlocking && phase.mayBlock())) {
						blocking.add(phase);
					}
				}
			}
		}
		return new NamedFilter(name, filter, phases, blocking);
	}

	private static boolean isBlocking(String name, Phase phase, Method method) {
		boolean blocking = method.isAnnotationPresent(Blocking.class);
		if (blocking && !phase.mayBlock()) {
			throw new IllegalArgumentException(
					"filter " + name + ": " + phase.tag() + " is marked @Blocking (expected: a phase that may block)");
		}
		return blocking;
	}

}
