package dev.pingora.protocol.h1;

import java.util.concurrent.TimeUnit;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.protocol.ClientLimits;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.transport.Deadline;
import io.netty.channel.EventLoop;

/**
 * Notices a client that sends a request body too slowly. Owned by the event loop.
 * <p>
 * It keeps an account of octets: a tick of the clock takes what should have come
 * meanwhile, what came is put in. A tick counts only if the client was waited for all the
 * time; so an upstream that takes the body slowly costs the client nothing. Between ticks
 * nothing is measured: a piece of a body costs no look at the clock.
 * <p>
 * The account begins with what a client may owe, the grace, and never holds more than one
 * that has been fast may pause: the read timeout.
 */
final class H1BodyRate {

	private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

	// What has come while the event loop was held has not been read yet.
	private static final long LAST_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

	private final Deadline clock;

	private final long rate;

	private final long tickNanos;

	private final double perTick;

	private final double grace;

	private final double most;

	private boolean running;

	private boolean waiting;

	private boolean waited;

	private boolean lastLook;

	private double account;

	private long seen;

	/**
	 * Makes a rate that does not count yet.
	 * @param options the rate, more than 0, the grace and the read timeout
	 * @param loop the owner
	 * @param tick is run when {@link #check} is to be called
	 */
	H1BodyRate(DownstreamOptions options, EventLoop loop, Runnable tick) {
		ClientLimits limits = options.limits();
		this.clock = new Deadline(loop, tick);
		this.rate = limits.minBodyRate();
		long graceNanos = limits.rateGrace().toNanos();
		double perNano = this.rate / (double) TimeUnit.SECONDS.toNanos(1);
		this.tickNanos = Math.min(TICK_NANOS, graceNanos);
		this.perTick = perNano * this.tickNanos;
		this.grace = perNano * graceNanos;
		this.most = perNano * Math.max(graceNanos, options.readTimeout().toNanos());
	}

	/**
	 * The client is waited for.
	 */
	void await() {
		this.waiting = true;
		if (!this.running) {
			this.running = true;
			this.waited = true;
			this.lastLook = false;
			this.account = this.grace;
			this.seen = 0;
			this.clock.arm(this.tickNanos);
		}
	}

	/**
	 * The client is not waited for.
	 * @param later whether it will be again, for the same body
	 */
	void pause(boolean later) {
		this.waiting = false;
		this.waited = false;
		if (!later) {
			this.running = false;
			this.clock.disarm();
		}
	}

	void cancel() {
		this.running = false;
		this.clock.cancel();
	}

	/**
	 * The clock has ticked.
	 * @param octets how many octets of the body have come
	 * @param invited whether the client does not wait for 100 (Continue)
	 * @throws ProxyException if the client is too slow
	 */
	void check(long octets, boolean invited) throws ProxyException {
		boolean counts = this.waited && invited;
		this.waited = this.waiting;
		double due = (counts && !this.lastLook) ? this.perTick : 0;
		this.account = Math.min(this.most, this.account + octets - this.seen) - due;
		this.seen = octets;
		boolean late = counts && this.account < 0;
		if (late && this.lastLook) {
			throw ProxyException.downstream(ErrorType.READ_TOO_SLOW,
					"request: body of less than " + this.rate + " octets in a second");
		}
		this.lastLook = late;
		this.clock.arm(late ? LAST_LOOK_NANOS : this.tickNanos);
	}

}
