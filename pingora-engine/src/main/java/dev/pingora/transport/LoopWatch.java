package dev.pingora.transport;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

import org.jspecify.annotations.Nullable;

/**
 * What an event loop is doing, for a watchdog to look at: which piece of user code it has
 * called. The loop pays a few plain stores for each call and never reads the clock; the
 * watchdog sees from the call's number whether it is still the same one.
 * <p>
 * Calls may nest, when user code calls the engine and that calls other user code: what
 * counts is the outermost one, from its beginning to its end.
 */
public final class LoopWatch extends LoopWatchPadding {

	private static final VarHandle CALLS;

	static {
		try {
			CALLS = MethodHandles.lookup().findVarHandle(LoopWatch.class, "calls", long.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	// Written by the loop only; read by the watchdog. A seqlock: the names change only
	// while the number is even, and a reader that finds the same odd number before and
	// after has read the names that belong to it.

	@SuppressWarnings("unused") // by the handle
	private long calls;

	private @Nullable Thread thread;

	private String phase = "";

	private @Nullable String filter;

	private @Nullable Object route;

	// Used by the loop only.

	private int nested;

	/**
	 * Makes the watch of one loop.
	 */
	public LoopWatch() {
	}

	/**
	 * What is being called.
	 *
	 * @param number the number of the call, which no other call of the loop has
	 * @param thread the loop's thread
	 * @param phase the phase's name
	 * @param filter the name of the filter, or {@code null}
	 * @param route the id of the route, or {@code null}
	 */
	public record Call(long number, Thread thread, String phase, @Nullable String filter, @Nullable String route) {
	}

	/**
	 * User code is about to be called. On the loop. {@link #leave} must follow, whatever
	 * the call throws.
	 * @param phase the phase's name
	 * @param filter the name of the filter, or {@code null}
	 * @param route what says the id of the route by its {@code toString}, even while the
	 * call goes on, or nothing by an empty one; or {@code null}
	 */
	public void enter(String phase, @Nullable String filter, @Nullable Object route) {
		long calls = (long) CALLS.get(this);
		if ((calls & 1) != 0) {
			this.nested++;
			return;
		}
		// Whoever sees new names sees that the last call is over.
		VarHandle.storeStoreFence();
		if (this.thread == null) {
			this.thread = Thread.currentThread();
		}
		// Garbage collectors make the store of a reference dear, a comparison is cheap.
		if (this.phase != phase) {
			this.phase = phase;
		}
		if (this.filter != filter) {
			this.filter = filter;
		}
		if (this.route != route) {
			this.route = route;
		}
		CALLS.setRelease(this, calls + 1);
	}

	/**
	 * The call is over. On the loop.
	 */
	public void leave() {
		if (this.nested > 0) {
			this.nested--;
			return;
		}
		CALLS.setRelease(this, (long) CALLS.get(this) + 1);
	}

	/**
	 * Looks whether the loop is in a call. From any thread.
	 * @return the number of the call, or 0 if it is in none
	 */
	public long number() {
		long calls = (long) CALLS.getAcquire(this);
		return ((calls & 1) != 0) ? calls : 0;
	}

	/**
	 * Looks at what the loop is in. From any thread.
	 * @return the call, or {@code null} if it is in none
	 */
	public @Nullable Call current() {
		long number = number();
		if (number == 0) {
			return null;
		}
		Thread thread = this.thread;
		String phase = this.phase;
		String filter = this.filter;
		Object route = this.route;
		VarHandle.loadLoadFence();
		if (thread == null || (long) CALLS.getOpaque(this) != number) {
			return null;
		}
		String id = (route != null) ? route.toString() : "";
		return new Call(number, thread, phase, filter, id.isEmpty() ? null : id);
	}

}
