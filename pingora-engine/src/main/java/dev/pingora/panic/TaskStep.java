package dev.pingora.panic;

import dev.pingora.error.ProxyException;

/**
 * A piece of a task's work. Written as a lambda that captures nothing, it costs no
 * allocation.
 *
 * @param <T> the task
 * @param <A> its argument
 */
@FunctionalInterface
public interface TaskStep<T, A> {

	/**
	 * Does the work.
	 * @param task the task
	 * @param argument what the work is about
	 * @throws ProxyException what the work anticipates
	 */
	void run(T task, A argument) throws ProxyException;

}
