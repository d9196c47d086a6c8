package dev.pingora.panic;

/**
 * Is told of every panic. Called on a thread of its own, never on an event loop, one
 * panic after the other: it may block, but later panics wait meanwhile in a bounded
 * queue, and what doesn't fit is dropped and counted
 * ({@link PanicIsolation#droppedNotifications()}). {@link PanicIsolation#totals()} counts
 * every panic, dropped or not.
 * <p>
 * A panic in a listener is counted and logged, and handed to no listener.
 */
@FunctionalInterface
public interface PanicListener {

	/**
	 * A panic has happened.
	 * @param panic the panic; it may be kept
	 */
	void onPanic(Panic panic);

}
