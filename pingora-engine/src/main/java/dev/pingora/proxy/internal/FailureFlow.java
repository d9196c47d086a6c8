package dev.pingora.proxy.internal;

import java.util.ArrayList;
import java.util.List;

import dev.pingora.balancing.Upstream;
import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.error.Retry;
import dev.pingora.event.Phase;
import dev.pingora.event.RequestOutcome;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicSite;
import dev.pingora.panic.PanicResponse;
import dev.pingora.protocol.DownstreamSession.End;
import dev.pingora.proxy.internal.ProxyEngine.RetryLimits;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of a failure: another attempt, an error answer, or, once the
 * response's head is out, an abort that the client can see. Owned by the task's event
 * loop.
 */
final class FailureFlow {

	private static final Logger logger = LoggerFactory.getLogger(FailureFlow.class);

	private final RequestTask task;

	private @Nullable ProxyException error;

	// Failed while a blocking phase ran: handled when that has returned.
	private @Nullable ProxyException pending;

	// The client's failure, where the call has thrown something else.
	private @Nullable ProxyException overruled;

	private boolean answering;

	private boolean staleMet;

	private boolean clientFailed;

	private List<HttpPeer> tried = List.of();

	FailureFlow(RequestTask task) {
		this.task = task;
	}

	boolean isFailing() {
		return this.error != null;
	}

	boolean hasMetStale() {
		return this.staleMet;
	}

	/**
	 * Returns whom the attempts before were made to.
	 * @return their peers, none before the first failure
	 */
	List<HttpPeer> tried() {
		return this.tried;
	}

	/**
	 * The client's session has failed: nothing more is read of it.
	 */
	void clientFailed() {
		this.clientFailed = true;
	}

	/**
	 * Something anticipated went wrong.
	 * @param error what
	 */
	void fail(ProxyException error) {
		if (this.task.ending.hasBegun()) {
			if (isShutdown(error)) {
				this.task.ending.abandon();
			}
			return;
		}
		this.clientFailed |= error.source() == ErrorSource.DOWNSTREAM;
		if (isClientGone(error)) {
			this.error = error;
			this.task.ending.begin(RequestOutcome.ABORTED, error, null, End.RESET);
		}
		else if (isShutdown(error) && this.task.walk.isOffloaded()) {
			this.error = error; // there is no time to wait for the call
			this.task.pump.stopRequest();
			giveUp(error, error.status());
		}
		else if (this.task.walk.isOffloaded() && isFailing() && error.source() == ErrorSource.UPSTREAM) {
			return; // the attempt has failed before, of which the call is to judge
		}
		else if (this.task.walk.isOffloaded()) {
			this.pending = (this.pending != null) ? this.pending : error;
		}
		else {
			this.task.isolation().run(this.task, error, (task, failed) -> task.failure().handle(failed));
		}
	}

	private static boolean isClientGone(ProxyException error) {
		return error.source() == ErrorSource.DOWNSTREAM && error.status() == 0;
	}

	private static boolean isShutdown(ProxyException error) {
		return error.type().equals(ErrorType.SHUTDOWN);
	}

	/**
	 * Fails with what went wrong while a blocking phase ran.
	 * @return whether there was such a failure
	 */
	boolean failPending() {
		ProxyException pending = this.pending;
		this.pending = null;
		if (pending != null) {
			fail(pending);
		}
		return pending != null;
	}

	/**
	 * What the call has thrown came first.
	 */
	void forgetPending() {
		ProxyException pending = this.pending;
		this.pending = null;
		if (pending != null && pending.source() == ErrorSource.DOWNSTREAM) {
			this.overruled = pending;
		}
	}

	private void handle(ProxyException error) throws ProxyException {
		boolean failedBefore = isFailing();
		this.error = error;
		this.task.arguments.error = error;
		this.task.pump.stopRequest();
		UpstreamAttempt attempt = this.task.attempt;
		if (failedBefore) { // the handling of the first failure has failed
			giveUp(error, error.status());
		}
		else if (attempt == null) {
			failForGood();
		}
		else if (attempt.isConnected()) {
			this.task.walk.start(Phase.ERROR_WHILE_PROXY);
		}
		else if (attempt.isDialling()) { // it was something else that failed
			attempt.over(null);
			attempt.release(false);
			failForGood();
		}
		else {
			this.task.arguments.error = tryOtherBackend(error);
			this.task.walk.start(Phase.FAIL_TO_CONNECT);
		}
	}

	// Nothing was sent, so another backend may be asked whatever the request is.
	private ProxyException tryOtherBackend(ProxyException error) {
		Upstream upstream = this.task.route().upstream();
		boolean another = upstream != null && !isShutdown(error)
				&& this.task.session.attempts < upstream.backends().size();
		return another ? error.retryable() : error;
	}

	/**
	 * The filters have had their say about a failed attempt.
	 * @throws ProxyException what the next attempt throws
	 */
	void attemptFailed() throws ProxyException {
		ProxyException error = this.task.arguments.error();
		this.error = error;
		boolean again = mayRetry(error);
		this.task.arguments.error = again ? error : decisive(error);
		UpstreamAttempt attempt = this.task.attempt();
		this.staleMet |= attempt.isReused();
		this.task.session.response = null;
		attempt.over(error);
		attempt.release(false);
		if (!again) {
			failForGood();
			return;
		}
		logger.warn("Request {} to {} is tried again: {}", this.task.session.id(), this.task.session.peer,
				error.getMessage());
		this.task.engine.listeners().retried(this.task, error);
		this.error = null;
		this.task.attempt = null;
		if (this.tried.isEmpty()) {
			this.tried = new ArrayList<>(2);
		}
		this.tried.add(attempt.peer());
		this.task.arguments.peer = null;
		this.task.walk.start(Phase.UPSTREAM_PEER);
	}

	private boolean mayRetry(ProxyException error) {
		RetryLimits limits = this.task.engine.retries();
		boolean wanted = error.retry().shouldRetry(this.task.attempt().isReused());
		// A reused connection may have failed after the server had begun to work:
		// RFC 9110 section 9.2.2.
		boolean safe = error.retry() != Retry.IF_REUSED
				|| isIdempotent(this.task.arguments.sentMethod(this.task.session.request()));
		// Nothing more comes of a client that has failed, so no peer could get it whole.
		return wanted && safe && !this.clientFailed && !isShutdown(error) && !this.task.isHeaderSent()
				&& this.task.pump.isReplayable() && this.task.session.attempts <= limits.max()
				&& this.task.session.age().toNanos() < limits.budgetNanos();
	}

	// An error that asks for another attempt is no last word: the client's failure, which
	// forbids the attempt, is why the request fails.
	private ProxyException decisive(ProxyException error) {
		ProxyException overruled = this.overruled;
		if (overruled == null || isShutdown(error)) {
			return error;
		}
		return error.retry().shouldRetry(this.task.attempt().isReused()) ? overruled : error;
	}

	// RFC 9110 section 9.2.2
	static boolean isIdempotent(String method) {
		return switch (method) {
			case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
			default -> false;
		};
	}

	private void failForGood() throws ProxyException {
		ProxyException error = this.task.arguments.error();
		this.task.arguments.failureStatus = error.status();
		if (this.task.isHeaderSent()) {
			this.task.ending.begin(RequestOutcome.ERROR, error, null, End.RESET);
		}
		else {
			this.task.walk.start(Phase.FAIL_TO_PROXY);
		}
	}

	/**
	 * The filters have had their say about the answer.
	 */
	void answer() {
		giveUp(this.task.arguments.error(), this.task.arguments.failureStatus);
	}

	private void giveUp(ProxyException error, int status) {
		boolean canAnswer = status != 0 && !this.task.isHeaderSent() && !this.answering;
		this.answering = true;
		if (canAnswer) {
			End end = (error.source() == ErrorSource.DOWNSTREAM || isShutdown(error)) ? End.CLOSE : End.REUSE;
			Responder.respondError(this.task, status, end);
			this.task.ending.begin(RequestOutcome.ERROR, error, null, end);
		}
		else {
			this.task.ending.begin(RequestOutcome.ERROR, error, null, End.RESET);
		}
	}

	/**
	 * Something unanticipated was thrown: the request ends, and nothing is answered
	 * (unless an error page is wanted and still possible).
	 * @param panic what happened
	 */
	void panicked(Panic panic) {
		if (this.task.ending.hasBegun()) {
			this.task.ending.broken(panic);
			if (!this.task.walk.isOffloaded()) {
				this.task.ending.complete();
			}
			return;
		}
		boolean page = this.task.engine.panicResponse() == PanicResponse.ERROR_PAGE && !this.task.isHeaderSent()
				&& !this.answering;
		this.answering = true;
		if (page) { // if it panics as well, there is none
			page = this.task.isolation()
				.observe(PanicSite.of(PanicSite.ENGINE, null), this.task, FailureFlow::sendErrorPage) == null;
		}
		this.task.ending.begin(RequestOutcome.PANIC, this.error, panic, page ? End.CLOSE : End.RESET);
	}

	private static void sendErrorPage(RequestTask task) {
		UpstreamAttempt attempt = task.attempt;
		if (attempt != null) { // nothing more of it is wanted while filters log
			task.ending.pinResponse();
			attempt.over(null);
			attempt.release(false);
		}
		Responder.respondError(task, 500, End.CLOSE);
	}

}
