package dev.pingora.proxy.internal;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.event.Phase;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Route;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the filters of a phase one by one: on the event loop, or, if a filter may block
 * in the phase, on the executor, coming back to the loop afterwards. It also knows which
 * filter is at work, to be blamed for what is thrown. Owned by the event loop.
 */
final class PhaseWalk {

	private static final Logger logger = LoggerFactory.getLogger(PhaseWalk.class);

	private final RequestTask task;

	private Phase phase = Phase.NEW_CONTEXT;

	private List<NamedFilter> chain = List.of();

	private int next;

	private @Nullable NamedFilter current;

	private @Nullable BlockingCall call;

	private boolean cancelled;

	PhaseWalk(RequestTask task) {
		this.task = task;
	}

	/**
	 * Walks a phase, and those that follow it: {@link RequestTask#phaseDone} tells which.
	 * It stops at a blocking call, behind which it goes on, or where nothing follows for
	 * the moment.
	 * @param phase the phase, or {@code null}
	 * @throws ProxyException what a filter, or what comes next, throws
	 */
	void start(@Nullable Phase phase) throws ProxyException {
		Phase next = phase;
		while (next != null) {
			next = begin(next) ? this.task.phaseDone(next) : null;
		}
	}

	private boolean begin(Phase phase) throws ProxyException {
		this.phase = phase;
		this.task.session.phase = phase;
		this.current = null;
		Route route = this.task.session.route;
		List<NamedFilter> chain = (route != null) ? route.chain(phase) : List.of();
		if (chain.isEmpty()) {
			return true;
		}
		this.chain = chain;
		this.next = 0;
		this.task.session.trail.reached(phase);
		return proceed();
	}

	/**
	 * Calls the filters that are left.
	 * @return whether all have done their part
	 */
	private boolean proceed() throws ProxyException {
		while (this.next < this.chain.size() && !isDecided()) {
			NamedFilter filter = this.chain.get(this.next++);
			this.current = filter;
			if (this.phase == Phase.LOGGING) {
				// Everybody logs, whatever happens to the others.
				guarded(() -> call(filter));
			}
			else {
				call(filter);
			}
			if (isOffloaded()) {
				return false;
			}
			this.current = null;
		}
		this.current = null;
		return true;
	}

	private boolean isDecided() {
		return switch (this.phase) {
			case EARLY_REQUEST_FILTER, REQUEST_FILTER, PROXY_UPSTREAM_FILTER -> this.task.session.answer != null;
			case UPSTREAM_PEER -> this.task.arguments.peer != null;
			default -> false;
		};
	}

	private void call(NamedFilter filter) throws ProxyException {
		if (filter.blockingPhases().contains(this.phase)) {
			offload(filter);
		}
		else {
			watched(filter);
		}
	}

	private void watched(NamedFilter filter) throws ProxyException {
		this.task.watch.enter(this.phase.tag(), filter.name(), this.task.route().id());
		try {
			PhaseCall.call(this.phase, filter.filter(), this.task.session, this.task.arguments);
		}
		finally {
			returned();
		}
	}

	private void guarded(PanicIsolation.FallibleRunnable call) {
		Throwable thrown = PanicIsolation.capture(call);
		if (thrown != null) {
			endingPanicked(thrown);
		}
	}

	private void endingPanicked(Throwable thrown) {
		this.task.ending.broken(this.task.isolation().record(site(), thrown));
	}

	/**
	 * Calls all filters of a callback phase, each isolated from the others.
	 * @param phase the phase
	 * @param call takes each filter
	 */
	void callBack(Phase phase, Consumer<ProxyFilter> call) {
		for (NamedFilter filter : (this.task.session.route != null) ? this.task.route().chain(phase)
				: List.<NamedFilter>of()) {
			enter(phase, filter);
			try {
				guarded(() -> call.accept(filter.filter()));
			}
			finally {
				returned();
			}
			leave();
		}
	}

	// On and off the executor.

	private void offload(NamedFilter filter) throws ProxyException {
		Phase phase = this.phase;
		TaskSession session = this.task.session;
		PhaseArguments arguments = this.task.arguments;
		BlockingCall.Work work = () -> PhaseCall.call(phase, filter.filter(), session, arguments);
		BlockingCall call = new BlockingCall(session.observers.around(phase, filter.name(), work), this::crossBack);
		this.call = call;
		boolean taken = false;
		// An executor may block its caller.
		this.task.watch.enter(phase.tag(), filter.name(), this.task.route().id());
		try {
			this.task.engine.executor().execute(call);
			taken = true;
		}
		catch (RejectedExecutionException full) {
			if (phase != Phase.LOGGING) {
				throw ProxyException.internal(ErrorType.EXECUTOR_FULL, "phase " + phase.tag() + " of " + filter.name());
			}
			logger.warn("The executor for blocking calls is full: logging of filter {} is left out", filter.name());
		}
		finally {
			this.task.watch.leave();
			if (!taken) {
				this.call = null; // nobody will come back
			}
		}
	}

	private void crossBack() {
		try {
			this.task.downstream.loop().execute(this::resumeOnLoop);
		}
		catch (RejectedExecutionException loopHasEnded) {
			resumeOnLoop(); // the server is closed: nobody else touches the task any more
		}
	}

	private void resumeOnLoop() {
		this.task.isolation().run(this.task, this, (task, walk) -> walk.resume());
	}

	private void resume() throws ProxyException {
		Throwable thrown = Objects.requireNonNull(this.call, "call").thrown();
		this.call = null;
		if (this.cancelled) {
			if (thrown != null && !isAnticipatedEnd(thrown)) {
				this.task.isolation().record(site(), thrown);
			}
			this.cancelled = false;
			this.task.ending.callReturned();
			return;
		}
		if (thrown != null && this.phase == Phase.LOGGING) {
			endingPanicked(thrown);
		}
		else if (thrown != null) {
			this.task.failure().forgetPending(); // what the call threw came first
			PanicIsolation.rethrow(thrown);
		}
		this.current = null;
		if (!this.task.failure().failPending()) {
			if (proceed()) {
				start(this.task.phaseDone(this.phase));
			}
			this.task.pump.resume();
			this.task.pump.flushUpstream();
			this.task.pump.flushDownstream();
		}
	}

	// What a cancelled call throws because it was interrupted is no panic.
	private static boolean isAnticipatedEnd(Throwable thrown) {
		return thrown instanceof ProxyException || thrown instanceof InterruptedException || isInterrupt(thrown);
	}

	// A throwable of the user's own may panic when it is asked for its cause.
	private static boolean isInterrupt(Throwable thrown) {
		return PanicIsolation.capture(() -> {
			if (thrown.getCause() instanceof InterruptedException interrupt) {
				throw interrupt;
			}
		}) instanceof InterruptedException;
	}

	boolean isOffloaded() {
		return this.call != null;
	}

	/**
	 * Cuts the running blocking call off; {@link Ending#callReturned} follows when it has
	 * returned.
	 */
	void cancel() {
		this.cancelled = true;
		Objects.requireNonNull(this.call, "call").cancel();
	}

	// Blame.

	/**
	 * A filter is at work in a phase that is not walked: a body, trailer or callback
	 * phase. {@link #returned} follows always; {@link #leave} after the last filter,
	 * unless one has failed.
	 * @param phase the phase
	 * @param filter the filter
	 */
	void enter(Phase phase, NamedFilter filter) {
		this.phase = phase;
		this.task.session.phase = phase;
		this.current = filter;
		this.task.session.trail.reached(phase);
		this.task.watch.enter(phase.tag(), filter.name(), this.task.route().id());
	}

	/**
	 * The filter is not at work any more, whether it has failed or not.
	 */
	void returned() {
		this.task.watch.leave();
		this.task.clock.renew();
	}

	void leave() {
		this.current = null;
	}

	PanicSite site() {
		NamedFilter filter = this.current;
		String place = (filter != null) ? this.phase.tag() : PanicSite.ENGINE;
		return new PanicSite(place, (filter != null) ? filter.name() : null,
				(this.task.session.route != null) ? this.task.route().id() : null, this.task.session.summary());
	}

}
