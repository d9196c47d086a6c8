package dev.pingora.panic;

import dev.pingora.error.ProxyException;

/**
 * A piece of a task's work that needs no argument. Written as a lambda that captures
 * nothing, it costs no allocation.
 *
 * @param <T> the task
 */
@FunctionalInterface
public interface TaskAction<T> {

	/**
	 * Does the work.
	 * @param task the task
	 * @throws ProxyException what the work anticipates
	 */
	void run(T task) throws ProxyException;

}
