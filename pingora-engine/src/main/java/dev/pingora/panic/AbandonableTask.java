package dev.pingora.panic;

import java.util.function.Supplier;

/**
 * An executor's task that somebody waits for. An executor that has taken it runs it, or
 * abandons it: it never forgets it. May be called by any thread.
 */
public interface AbandonableTask extends Runnable {

	/**
	 * Ends the task unless it was begun; to run it later does nothing then.
	 * @param cause makes the reason, if it is needed
	 * @return whether the task had not been begun
	 */
	boolean abandon(Supplier<? extends Throwable> cause);

}
