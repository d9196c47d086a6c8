package dev.pingora.transport;

import io.netty.util.concurrent.FastThreadLocal;

/**
 * The clock of an event loop. While a connection's handler is given what was read, time
 * stands still: a request that needs the time at several places looks at the system's
 * clock once. Code that may take long, such as a filter, is followed by {@link #renew}.
 * Owned by one event loop.
 */
public final class LoopClock {

	private static final FastThreadLocal<LoopClock> OF_LOOP = new FastThreadLocal<>() {

		@Override
		protected LoopClock initialValue() {
			return new LoopClock();
		}

	};

	private boolean held;

	private boolean known;

	private long now;

	private LoopClock() {
	}

	/**
	 * Returns the clock of the present event loop.
	 * @return the clock
	 */
	public static LoopClock ofLoop() {
		return OF_LOOP.get();
	}

	/**
	 * Returns the time.
	 * @return the time in nanoseconds, as {@code System.nanoTime()} tells it
	 */
	public long now() {
		if (this.held && this.known) {
			return this.now;
		}
		this.now = System.nanoTime();
		this.known = true;
		return this.now;
	}

	/**
	 * From the next look on, time stands still. {@link #go} must follow.
	 */
	public void hold() {
		this.held = true;
		this.known = false;
	}

	/**
	 * Time goes on.
	 */
	public void go() {
		this.held = false;
	}

	/**
	 * Much time may have passed: the next look tells the time of that look.
	 */
	public void renew() {
		this.known = false;
	}

}
