package dev.pingora.server;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import io.netty.channel.Channel;

/**
 * Counts a listener's connections and pauses accepting while there are as many as
 * allowed; further clients wait in the system's backlog.
 * <p>
 * Connections are counted when they are accepted, by the port's event loop, and leave on
 * any loop. Only the port's loop pauses and resumes. Whoever pauses says so before it
 * looks at the count again, and whoever leaves counts before it looks whether there is a
 * pause: so one of both sees the other, and no pause outlives its reason.
 */
final class AcceptGate {

	private static final PanicSite SITE = PanicSite.of(PanicSite.ENGINE, "accept");

	private final int limit;

	private final PanicIsolation isolation;

	// Used by all threads.

	private final AtomicInteger count = new AtomicInteger();

	private final AtomicBoolean paused = new AtomicBoolean();

	private final LongAdder pauses = new LongAdder();

	AcceptGate(int limit, PanicIsolation isolation) {
		this.limit = limit;
		this.isolation = isolation;
	}

	/**
	 * A connection was accepted. Called by the port's event loop.
	 * @param port the listening channel
	 */
	void entered(Channel port) {
		if (this.count.incrementAndGet() >= this.limit && this.paused.compareAndSet(false, true)) {
			this.pauses.increment();
			port.config().setAutoRead(false);
			resumeIfRoom(port);
		}
	}

	/**
	 * A connection has ended. Called by any thread.
	 * @param port the listening channel
	 */
	void left(Channel port) {
		if (this.count.decrementAndGet() < this.limit && this.paused.get() && port.isOpen()) {
			port.eventLoop().execute(() -> this.isolation.observe(SITE, port, this::resumeIfRoom));
		}
	}

	private void resumeIfRoom(Channel port) {
		if (this.count.get() < this.limit && this.paused.compareAndSet(true, false)) {
			port.config().setAutoRead(true);
		}
	}

	int count() {
		return this.count.get();
	}

	long pauses() {
		return this.pauses.sum();
	}

}
