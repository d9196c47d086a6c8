package dev.pingora.proxy.internal;

import dev.pingora.error.ProxyException;
import dev.pingora.event.Phase;
import dev.pingora.http.Headers;
import dev.pingora.http.ResponseHeader;
import dev.pingora.protocol.PieceCost;
import dev.pingora.protocol.UpstreamSession;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Moves both bodies at once, piece by piece, with back-pressure from end to end.
 * <p>
 * Each source may send {@link #WINDOW} ahead, as {@link PieceCost} counts. The cost of
 * what was forwarded is credited back to the source at once while the sink is writable,
 * else when it is writable again; so neither direction ever holds more than a window, one
 * read of the network and the sink's high water mark, nor more pieces than that costs.
 * <p>
 * The request's body is asked for when the upstream's head has been sent. Pieces that
 * arrive while a blocking phase runs, or between two attempts, wait in {@code held}.
 * Owned by the task's event loop.
 */
final class BodyPump {

	static final int WINDOW = 128 * 1024;

	private final RequestTask task;

	// Request direction.

	// What can't be forwarded yet; made when it is needed.
	private @Nullable HeldBody held;

	private @Nullable Headers heldTrailers;

	private @Nullable ReplayBuffer replay;

	private @Nullable UpstreamSession upstream;

	private boolean requestEnded;

	private boolean asked;

	// The client waits until the peer says 100 (Continue).
	private boolean awaitingContinue;

	private int owedToClient;

	// Response direction.

	private int owedToUpstream;

	BodyPump(RequestTask task) {
		this.task = task;
	}

	// Request direction.

	/**
	 * The request's head has been written: its body may follow.
	 * @param upstream where to
	 */
	void startRequest(UpstreamSession upstream) throws ProxyException {
		if (!this.task.downstream.hasBody()) {
			return;
		}
		this.upstream = upstream;
		if (this.replay == null) {
			int limit = mayRetry() ? this.task.engine.retries().maxReplaySize() : 0;
			// Filters may edit in place.
			this.replay = new ReplayBuffer(limit, !this.task.route().chain(Phase.REQUEST_BODY_FILTER).isEmpty());
		}
		else {
			sendAgain(this.replay);
		}
		resume();
		awaitContinue(upstream,
				this.task.downstream.awaitContinue(this.task.arguments.upstreamRequest().hasHeader("expect")));
		if (!this.asked) {
			this.asked = true;
			this.task.downstream.credit(WINDOW);
		}
		creditClient();
	}

	// RFC 9110 section 10.1.1: it is the peer's time until the client begins.
	private void awaitContinue(UpstreamSession upstream, boolean waits) {
		if (waits || this.awaitingContinue) {
			this.awaitingContinue = waits;
			upstream.awaitContinue(waits);
		}
	}

	// Only a reused connection fails innocently, and only what is idempotent is repeated
	// then; else a filter has to ask for a retry.
	private boolean mayRetry() {
		boolean byItself = this.task.arguments.reused
				&& FailureFlow.isIdempotent(this.task.arguments.sentMethod(this.task.session.request()));
		return this.task.engine.retries().max() > 0
				&& (byItself || !this.task.route().chain(Phase.ERROR_WHILE_PROXY).isEmpty());
	}

	private void sendAgain(ReplayBuffer replay) throws ProxyException {
		for (int i = 0; i < replay.count(); i++) {
			writeUpstream(replay.piece(i), false);
		}
		if (this.requestEnded && !isHolding() && this.heldTrailers == null) {
			writeUpstream(Unpooled.EMPTY_BUFFER, true);
		}
	}

	void onRequestBody(ByteBuf data, boolean end) throws ProxyException {
		this.task.session.bytesReceived += data.readableBytes();
		this.requestEnded = end;
		UpstreamSession upstream = this.upstream;
		if (upstream != null) {
			awaitContinue(upstream, false);
		}
		if (mustWait()) {
			hold(data);
		}
		else {
			// Even if a filter throws: for the next attempt.
			this.owedToClient += PieceCost.of(data);
			forward(data, end);
			creditClient();
		}
	}

	void onRequestTrailers(Headers trailers) throws ProxyException {
		this.requestEnded = true;
		this.heldTrailers = trailers;
		resume();
	}

	private void hold(ByteBuf data) {
		HeldBody held = this.held;
		if (held == null) {
			held = new HeldBody();
			this.held = held;
		}
		held.add(data);
	}

	private boolean isHolding() {
		return this.held != null && !this.held.isEmpty();
	}

	private boolean mustWait() {
		return this.upstream == null || this.task.walk.isOffloaded() || isHolding();
	}

	/**
	 * Forwards what has waited.
	 * @throws ProxyException what a filter throws
	 */
	void resume() throws ProxyException {
		HeldBody held = this.held;
		while (held != null && this.upstream != null && !held.isEmpty() && !this.task.walk.isOffloaded()) {
			ByteBuf data = held.remove();
			this.owedToClient += held.settle();
			forward(data, this.requestEnded && !isHolding() && this.heldTrailers == null);
		}
		if (held != null) {
			creditClient();
		}
		UpstreamSession upstream = this.upstream;
		Headers trailers = this.heldTrailers;
		if (upstream != null && trailers != null && !this.task.walk.isOffloaded()) {
			this.heldTrailers = null;
			dropReplay(); // trailers aren't kept
			writeRest(upstream);
			upstream.writeTrailers(trailers);
			upstream.flush();
		}
	}

	// Filters see the body's end before the trailers: what they have kept back goes out.
	private void writeRest(UpstreamSession upstream) throws ProxyException {
		ByteBuf rest = BodyFilters.filter(this.task, Phase.REQUEST_BODY_FILTER, Unpooled.EMPTY_BUFFER, true);
		if (rest.isReadable()) {
			upstream.writeBody(rest, false);
		}
		else {
			rest.release();
		}
	}

	private void forward(ByteBuf data, boolean last) throws ProxyException {
		if (this.replay != null) {
			this.replay.keep(data);
		}
		writeUpstream(data, last);
	}

	private void writeUpstream(ByteBuf data, boolean last) throws ProxyException {
		ByteBuf filtered = BodyFilters.filter(this.task, Phase.REQUEST_BODY_FILTER, data, last);
		UpstreamSession upstream = this.upstream;
		if (upstream != null && (last || filtered.isReadable())) {
			upstream.writeBody(filtered, last);
		}
		else {
			filtered.release();
		}
	}

	private void creditClient() {
		if (this.owedToClient > 0 && !this.requestEnded && this.upstream != null && this.upstream.isWritable()) {
			int credit = this.owedToClient;
			this.owedToClient = 0;
			this.task.downstream.credit(credit);
		}
	}

	void onUpstreamWritable() {
		creditClient();
	}

	void flushUpstream() {
		if (this.upstream != null) {
			this.upstream.flush();
		}
	}

	/**
	 * The attempt has failed: what comes now waits for the next one.
	 */
	void stopRequest() {
		this.upstream = null;
	}

	/**
	 * Returns whether the request can be sent again from its start.
	 * @return whether nothing was sent yet, or all that was sent is kept, and nothing was
	 * lost
	 */
	boolean isReplayable() {
		return (this.replay == null || this.replay.isWhole()) && (this.held == null || this.held.isWhole());
	}

	private void dropReplay() {
		if (this.replay != null) {
			this.replay.drop();
		}
	}

	// Response direction.

	/**
	 * The filters have seen the response's head: send it, and ask for the body.
	 * @throws ProxyException never yet
	 */
	void startResponse() throws ProxyException {
		ResponseHeader response = this.task.arguments.response();
		boolean end = this.task.attempt().isResponseEnded() || hasNoBody(response.status());
		dropReplay();
		this.task.session.status = response.status();
		this.task.downstream.writeHeader(response, end);
		if (end) {
			this.task.responseComplete();
		}
		else {
			this.task.attempt().session().credit(WINDOW);
		}
	}

	// RFC 9110 section 6.4.1; a filter may have set such a status.
	private static boolean hasNoBody(int status) {
		return status == 204 || status == 304;
	}

	void onResponseBody(ByteBuf data) throws ProxyException {
		if (this.task.isFailing()) {
			data.release();
			return;
		}
		boolean last = this.task.attempt().isResponseEnded();
		int cost = PieceCost.of(data);
		ByteBuf filtered = filterResponse(data, last);
		if (last || filtered.isReadable()) {
			this.task.downstream.writeBody(filtered, last);
		}
		else {
			filtered.release();
		}
		if (last) {
			this.task.responseComplete();
		}
		else {
			creditUpstream(cost);
		}
	}

	private ByteBuf filterResponse(ByteBuf data, boolean last) throws ProxyException {
		ByteBuf seen = BodyFilters.filter(this.task, Phase.UPSTREAM_RESPONSE_BODY_FILTER, data, last);
		ByteBuf filtered = BodyFilters.filter(this.task, Phase.RESPONSE_BODY_FILTER, seen, last);
		this.task.session.bytesSent += filtered.readableBytes();
		return filtered;
	}

	void onResponseTrailers(Headers trailers) throws ProxyException {
		if (!this.task.isFailing()) {
			// what filters have kept back
			ByteBuf rest = filterResponse(Unpooled.EMPTY_BUFFER, true);
			if (rest.isReadable()) {
				this.task.downstream.writeBody(rest, false);
			}
			else {
				rest.release();
			}
			BodyFilters.trailers(this.task, trailers);
			this.task.downstream.writeTrailers(trailers);
			this.task.responseComplete();
		}
	}

	private void creditUpstream(int cost) {
		this.owedToUpstream += cost;
		UpstreamAttempt attempt = this.task.attempt;
		if (this.owedToUpstream > 0 && attempt != null && attempt.isConnected() && this.task.downstream.isWritable()) {
			int credit = this.owedToUpstream;
			this.owedToUpstream = 0;
			attempt.session().credit(credit);
		}
	}

	void onDownstreamWritable() {
		creditUpstream(0);
	}

	void flushDownstream() {
		if (!this.task.ending.isConnectionReleased()) {
			this.task.downstream.flush();
		}
	}

	/**
	 * The task has ended: release what is held.
	 */
	void release() {
		this.upstream = null;
		if (this.held != null) {
			this.held.release();
			this.held = null;
		}
		dropReplay();
	}

}
