package dev.pingora.proxy.internal;

import java.util.Objects;
import java.util.function.Consumer;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ProxyException;
import dev.pingora.event.Phase;
import dev.pingora.event.RequestOutcome;
import dev.pingora.http.HeadPins;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.protocol.DownstreamSession.End;
import dev.pingora.proxy.RequestEnd;
import org.jspecify.annotations.Nullable;

/**
 * The one way out of a task, taken exactly once on every path:
 *
 * <pre>
 * begin      what broke drops its sockets at once
 * logging    the filters' last phase
 * complete   listeners and error log, release actions, connections, session
 * </pre>
 *
 * If a blocking call still runs, it is cut off, and logging waits for its return: the
 * call may look at the session until then. Owned by the task's event loop.
 */
final class Ending {

	private static final PanicSite SITE = PanicSite.of(PanicSite.ENGINE, null);

	private static final Consumer<UpstreamAttempt> RECYCLE = (attempt) -> attempt.release(true);

	private static final Consumer<UpstreamAttempt> CLOSE = (attempt) -> attempt.release(false);

	private final RequestTask task;

	private End how = End.RESET;

	private @Nullable RequestEnd end;

	private boolean dropped;

	private boolean broken;

	private boolean completed;

	Ending(RequestTask task) {
		this.task = task;
	}

	boolean hasBegun() {
		return this.end != null;
	}

	boolean isConnectionReleased() {
		return this.dropped || this.completed;
	}

	/**
	 * Ends the task.
	 * @param outcome how it ended
	 * @param error the failure that ended it, or {@code null}
	 * @param panic the panic that ended it, or {@code null}
	 * @param how what the client sees
	 */
	void begin(RequestOutcome outcome, @Nullable ProxyException error, @Nullable Panic panic, End how) {
		if (hasBegun()) {
			return;
		}
		RequestEnd end = new RequestEnd(outcome, error, panic);
		this.end = end;
		this.task.arguments.end = end;
		this.how = how;
		UpstreamAttempt attempt = this.task.attempt;
		if (attempt != null) {
			attempt.over((error != null && error.source() == ErrorSource.UPSTREAM) ? error : null);
		}
		if (how == End.RESET) {
			guarded(Ending::dropSockets);
		}
		else {
			guarded(Ending::flush);
		}
		if (this.task.walk.isOffloaded()) {
			this.task.walk.cancel();
		}
		else {
			log();
		}
	}

	/**
	 * The connections go, although a blocking call still runs: there is no time to wait.
	 */
	void abandon() {
		if (!this.dropped) {
			this.how = End.RESET;
			guarded(Ending::dropSockets);
		}
	}

	/**
	 * The blocking call that was cut off has returned.
	 */
	void callReturned() {
		log();
	}

	private void log() {
		this.task.isolation().run(this.task, (task) -> task.walk.start(Phase.LOGGING));
	}

	/**
	 * Something has panicked after the end had begun: no connection is used again.
	 * @param panic what happened
	 */
	void broken(Panic panic) {
		this.broken = true;
		RequestEnd end = this.end;
		if (end != null && end.panic() == null) {
			this.end = new RequestEnd(RequestOutcome.PANIC, end.error(), panic);
		}
	}

	/**
	 * The filters have logged: the rest.
	 */
	void complete() {
		if (this.completed) {
			return;
		}
		this.completed = true;
		guarded(Ending::tell);
		guarded(Ending::releaseResources);
		guarded(Ending::releaseConnections);
		guarded(Ending::endSession);
	}

	// Each step runs whatever becomes of the others.
	private void guarded(Consumer<Ending> step) {
		Panic panic = this.task.isolation().observe(SITE, this, step);
		if (panic != null) {
			broken(panic);
		}
	}

	private void flush() {
		this.task.downstream.flush();
	}

	private void tell() {
		RequestEnd end = Objects.requireNonNull(this.end, "end");
		this.task.clock.renew(); // the work is part of the time that the request took
		this.task.session.finish(end, this.task.clock.now());
		this.task.engine.listeners().finished(this.task);
		ErrorLog.log(this.task, end);
	}

	private void releaseResources() {
		if (!this.task.session.hasResources()) {
			return;
		}
		String route = (this.task.session.route != null) ? this.task.route().id() : null;
		this.task.watch.enter(PanicSite.RELEASE, null, route);
		try {
			Panic panic = this.task.session.release(route);
			if (panic != null) {
				broken(panic);
			}
		}
		finally {
			this.task.watch.leave();
		}
	}

	private void releaseConnections() {
		if (this.dropped) {
			return;
		}
		boolean clean = !this.broken && this.how == End.REUSE;
		this.dropped = true;
		release((clean || this.how != End.REUSE) ? this.how : End.CLOSE, clean);
	}

	private void dropSockets() {
		this.dropped = true;
		HeadPins.pin(this.task.session.request());
		pinResponse();
		release(End.RESET, false);
	}

	/**
	 * Whoever logs may look at the response, and a blocking call that still runs,
	 * although its connection goes before. To be called before the attempt is released.
	 */
	void pinResponse() {
		ResponseHeader response = this.task.session.response;
		if (response != null) {
			HeadPins.pin(response);
		}
	}

	private void release(End how, boolean clean) {
		PanicIsolation isolation = this.task.isolation();
		isolation.observe(SITE, this.task.pump, BodyPump::release);
		Tunnel tunnel = this.task.tunnel;
		if (tunnel != null) {
			isolation.observe(SITE, tunnel, Tunnel::release);
		}
		UpstreamAttempt attempt = this.task.attempt;
		if (attempt != null) {
			isolation.observe(SITE, attempt, clean ? RECYCLE : CLOSE);
		}
		this.task.downstream.end(how);
	}

	private void endSession() {
		HeadPins.unpin(this.task.session.request());
		ResponseHeader response = this.task.session.response;
		if (response != null) {
			HeadPins.unpin(response);
		}
		this.task.session.end();
		this.task.over();
	}

}
