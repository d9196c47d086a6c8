package dev.pingora.transport;

import java.util.concurrent.TimeUnit;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/**
 * A timer that is moved on much more often than it expires. Moving it writes a number;
 * the event loop's own timer is touched only when it fires, and then goes back to sleep
 * if the deadline has moved meanwhile. Owned by the event loop.
 */
public final class Deadline {

	private final EventLoop loop;

	private final Runnable expired;

	private @Nullable LoopClock clock; // known on the loop only

	private boolean armed;

	private long expiresAt;

	private @Nullable ScheduledFuture<?> timer;

	private long firesAt;

	/**
	 * Makes a timer that is not armed.
	 * @param loop the owner
	 * @param expired is run on the loop when the deadline has passed; it must not throw
	 */
	public Deadline(EventLoop loop, Runnable expired) {
		this.loop = loop;
		this.expired = expired;
	}

	/**
	 * Sets the deadline, in place of an earlier one.
	 * @param nanos how far away it is, in nanoseconds
	 */
	public void arm(long nanos) {
		long now = now();
		this.armed = true;
		this.expiresAt = now + nanos;
		ScheduledFuture<?> timer = this.timer;
		if (timer == null) {
			schedule(nanos, now);
		}
		else if (this.firesAt - this.expiresAt > 0) {
			timer.cancel(false);
			schedule(nanos, now);
		}
	}

	/**
	 * Sets the deadline if there is none.
	 * @param nanos how far away it is, in nanoseconds
	 */
	public void armIfNot(long nanos) {
		if (!this.armed) {
			arm(nanos);
		}
	}

	private long now() {
		LoopClock clock = this.clock;
		if (clock == null) {
			clock = LoopClock.ofLoop();
			this.clock = clock;
		}
		return clock.now();
	}

	/**
	 * Takes the deadline back.
	 */
	public void disarm() {
		this.armed = false;
	}

	/**
	 * Takes the deadline back for good and frees the loop's timer.
	 */
	public void cancel() {
		this.armed = false;
		if (this.timer != null) {
			this.timer.cancel(false);
			this.timer = null;
		}
	}

	private void schedule(long nanos, long now) {
		this.firesAt = now + nanos;
		this.timer = this.loop.schedule(this::fire, nanos, TimeUnit.NANOSECONDS);
	}

	private void fire() {
		this.timer = null;
		if (!this.armed) {
			return;
		}
		long now = System.nanoTime();
		long left = this.expiresAt - now;
		if (left > 0) {
			schedule(left, now);
		}
		else {
			this.armed = false;
			this.expired.run();
		}
	}

}
