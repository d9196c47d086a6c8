package dev.pingora.server;

import java.util.concurrent.Executor;

/**
 * An executor that can tell how busy it is.
 */
public interface MeasuredExecutor extends Executor {

	/**
	 * Returns how busy the executor is. May be called by any thread.
	 * @return the present status
	 */
	ExecutorStatus status();

}
