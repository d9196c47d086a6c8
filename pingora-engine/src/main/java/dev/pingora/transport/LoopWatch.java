package dev.pingora.transport;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

import org.jspecify.annotations.Nullable;

/**
 * What an event loop is doing, for a watchdog to look at: which piece of user code it has
 * called. The loop pays a few plain stores for each call and never reads the clock; the
 * watchdog sees from the number of calls whether a call is still the same.
 */
public final class LoopWatch {

	private static final VarHandle CALLS;

	static {
		try {
			CALLS = MethodHandles.lookup().findVarHandle(LoopWatch.class, "calls", long.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	// Written by the loop only; read by the watchdog.

	@SuppressWarnings("unused") // by the handle
	private long calls;

	private volatile @Nullable Thread thread;

	private String phase = "";

	private @Nullable String filter;

	private @Nullable Object route;

	/**
	 * Makes the watch of one loop.
	 */
	public LoopWatch() {
	}

	/**
	 * What is being called.
	 *
	 * @param calls the number of the call, which is unique to it
	 * @param thread the loop's thread
	 * @param phase the phase's name
	 * @param filter the name of the filter, or {@code null}
	 * @param route the id of the route, or {@code null}
	 */
	public record Call(long calls, Thread thread, String phase, @Nullable String filter, @Nullable String route) {
	}

	/**
	 * User code is about to be called. On the loop.
	 * @param phase the phase's name
	 * @param filter the name of the filter, or {@code null}
	 * @param route what says the id of the route by its {@code toString}, even while the
	 * call goes on, or {@code null}
	 */
	public void enter(String phase, @Nullable String filter, @Nullable Object route) {
		if (this.thread == null) {
			this.thread = Thread.currentThread();
		}
		long calls = (long) CALLS.get(this);
		CALLS.setOpaque(this, (calls + 1) & ~1L); // even while the names change
		VarHandle.storeStoreFence();
		this.phase = phase;
		this.filter = filter;
		this.route = route;
		CALLS.setRelease(this, (calls + 1) | 1L);
	}

	/**
	 * The call is over. On the loop.
	 */
	public void leave() {
		CALLS.setRelease(this, ((long) CALLS.get(this) + 1) & ~1L);
	}

	/**
	 * Looks at the loop. From any thread.
	 * @return the call that it is in, or {@code null} if it is in none
	 */
	public @Nullable Call current() {
		long calls = (long) CALLS.getAcquire(this);
		Thread thread = this.thread;
		if ((calls & 1) == 0 || thread == null) {
			return null;
		}
		Object route = this.route;
		Call call = new Call(calls, thread, this.phase, this.filter, (route != null) ? route.toString() : null);
		VarHandle.loadLoadFence();
		return ((long) CALLS.getOpaque(this) == calls) ? call : null;
	}

}
