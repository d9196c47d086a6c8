package dev.pingora.panic;

import dev.pingora.error.ProxyException;

/**
 * What {@link PanicIsolation#run} needs to know of the task that it runs code for. All
 * methods are called on the thread that panicked.
 */
public interface Isolated {

	/**
	 * Returns where the task is.
	 * @return the present phase, filter and route
	 */
	PanicSite panicSite();

	/**
	 * A step has thrown a {@code ProxyException}, or direct memory is exhausted: an
	 * anticipated failure of the task.
	 * @param error what failed
	 */
	void failed(ProxyException error);

	/**
	 * The task has panicked and must end: it drops its sockets and releases what it
	 * holds. If this panics too, that is counted as another panic.
	 * @param panic what happened
	 */
	void panicked(Panic panic);

}
