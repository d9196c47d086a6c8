package dev.pingora.proxy.internal;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import dev.pingora.error.ProxyException;
import dev.pingora.panic.AbandonableTask;
import dev.pingora.panic.PanicIsolation;
import org.jspecify.annotations.Nullable;

/**
 * One blocking phase of one filter on its way through the executor. The event loop makes
 * it, an executor's thread runs it, and the loop gets it back by {@code whenDone},
 * always, so that the loop may wait for it before it releases what the call can reach.
 */
final class BlockingCall implements AbandonableTask {

	/**
	 * The work of the call.
	 */
	interface Work {

		void run() throws ProxyException;

	}

	private final Work work;

	private final Runnable whenDone;

	private final AtomicBoolean begun = new AtomicBoolean();

	// Written by the executor's thread, read by the loop after whenDone has crossed over.
	private @Nullable Throwable thrown;

	// Guards the interrupt: it must not hit the thread after the call is over.
	private final Object lock = new Object();

	private @Nullable Thread thread;

	private boolean cancelled;

	/**
	 * Makes a call.
	 * @param work the work
	 * @param whenDone called once, when the work is over or will never begin: by the
	 * executor's thread, or whoever has abandoned or cancelled the call
	 */
	BlockingCall(Work work, Runnable whenDone) {
		this.work = work;
		this.whenDone = whenDone;
	}

	@Override
	public void run() {
		if (!this.begun.compareAndSet(false, true)) {
			return;
		}
		if (enter()) {
			this.thrown = PanicIsolation.capture(this.work::run);
			leave();
		}
		this.whenDone.run();
	}

	@Override
	public boolean abandon(Supplier<? extends Throwable> cause) {
		boolean abandoned = this.begun.compareAndSet(false, true);
		if (abandoned) {
			this.thrown = cause.get();
			this.whenDone.run();
		}
		return abandoned;
	}

	private boolean enter() {
		synchronized (this.lock) {
			if (this.cancelled) {
				return false;
			}
			this.thread = Thread.currentThread();
			return true;
		}
	}

	private void leave() {
		synchronized (this.lock) {
			this.thread = null;
			if (this.cancelled) {
				Thread.interrupted(); // ours: the thread's next task must not see it
			}
		}
	}

	/**
	 * Interrupts the call if it runs. If it does not yet it never will, and comes back at
	 * once: a thread may be free for it much later, or never.
	 */
	void cancel() {
		if (this.begun.compareAndSet(false, true)) {
			this.whenDone.run();
			return;
		}
		synchronized (this.lock) {
			this.cancelled = true;
			if (this.thread != null) {
				this.thread.interrupt();
			}
		}
	}

	@Nullable Throwable thrown() {
		return this.thrown;
	}

}
