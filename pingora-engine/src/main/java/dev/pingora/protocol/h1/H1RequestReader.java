package dev.pingora.protocol.h1;

import java.util.Objects;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.HeadTable;
import dev.pingora.http.Headers;
import dev.pingora.protocol.ClosingLimit;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.transport.Deadline;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Reads the requests of a client's connection, one after the other. While a request is
 * served, what the client sends ahead is held, up to a bound: so the responses have the
 * order of the requests (RFC 9112 section 9.3.2).
 *
 * <pre>
 * HEAD ──► BODY ──► COMPLETE ──► HEAD
 *   └───────┴──────────┴───────► STOPPED
 * </pre>
 *
 * A body is handed out only as far as it is credited. Owned by the channel's event loop.
 */
final class H1RequestReader {

	// So many requests may be pipelined before the loop's other connections have a turn.
	private static final int MOST_AT_A_TURN = 64;

	private enum State {

		HEAD, BODY, COMPLETE, STOPPED

	}

	private final Channel channel;

	private final DownstreamOptions options;

	private final Sink sink;

	private final Deadline deadline;

	private final H1Input input = new H1Input();

	private final H1HeadParser parser;

	private final H1Framing framing = new H1Framing(ErrorSource.DOWNSTREAM);

	private final H1RequestBody body;

	private State state = State.HEAD;

	private @Nullable HeadTable head;

	private boolean headTimed = true; // the first head since the accept

	private long idleNanos;

	private boolean processing;

	private int begun;

	private boolean yielding;

	private boolean eof;

	/**
	 * Who takes what is read. Its methods may end the request.
	 */
	interface Sink {

		void head(HeadTable head, boolean hasBody);

		void body(ByteBuf octets, boolean end);

		void trailers(Headers trailers);

		/** It is time for {@link #checkBodyRate()}, within the border. */
		void bodyRateTick();

	}

	H1RequestReader(Channel channel, DownstreamOptions options, Sink sink, Deadline deadline) {
		this.channel = channel;
		this.options = options;
		this.sink = sink;
		this.deadline = deadline;
		this.parser = new H1HeadParser(new HeadLimits(options.maxHeaderSize(), options.maxHeaderCount()));
		this.body = new H1RequestBody(options, channel.eventLoop(), deadline, sink::bodyRateTick);
		this.idleNanos = options.idleTimeout().toNanos();
		deadline.arm(options.headerTimeout().toNanos());
	}

	/**
	 * Takes what was received.
	 * @param data the octets, of which the reader becomes the owner
	 */
	void add(ByteBuf data) {
		this.input.add(data);
	}

	/**
	 * Reads as far as it goes: one loop for all that is held, so that pipelined requests
	 * don't nest.
	 * @throws ProxyException if a request is malformed or too large
	 */
	void process() throws ProxyException {
		if (this.processing) {
			return;
		}
		this.processing = true;
		try {
			boolean more = !this.yielding;
			while (more) {
				more = switch (this.state) {
					case HEAD -> readHead();
					case BODY -> readBody();
					case COMPLETE, STOPPED -> false;
				};
			}
		}
		finally {
			this.processing = false;
		}
		if (!this.eof) { // what nobody reads any more must not pile up either
			this.input.regulate(this.channel);
		}
	}

	/**
	 * Returns, once, whether requests wait for the {@link #nextTurn()}.
	 * @return whether the present turn was used up just now
	 */
	boolean yields() {
		boolean usedUp = !this.yielding && this.begun > MOST_AT_A_TURN;
		this.yielding |= usedUp;
		return usedUp;
	}

	/**
	 * The loop has looked at its other connections; unless it has promised to do so.
	 */
	void turnIsOver() {
		this.begun = 0;
	}

	/**
	 * The loop has looked at its other connections, as it has promised.
	 */
	void nextTurn() {
		this.yielding = false;
		this.begun = 0;
	}

	/**
	 * Returns whether there is work for {@link #process()} that nobody is doing.
	 * @return whether it is to be called
	 */
	boolean hasWork() {
		return !this.processing && (this.eof || !this.input.isEmpty())
				&& (this.state == State.HEAD || this.state == State.BODY);
	}

	private boolean readHead() throws ProxyException {
		ByteBuf in = this.input.front();
		if (in == null || (this.head == null && !mayBegin())) {
			return false;
		}
		HeadTable head = this.head;
		if (head == null) {
			head = HeadTables.take();
			this.head = head;
			this.parser.start(H1HeadParser.Kind.REQUEST, head);
		}
		if (!this.parser.parse(in)) {
			awaitHead();
			return true;
		}
		this.framing.request(head);
		this.deadline.disarm();
		this.body.start(this.framing);
		boolean hasBody = !this.body.isDone();
		this.state = hasBody ? State.BODY : State.COMPLETE;
		this.sink.head(head, hasBody);
		return true;
	}

	// A head that is here at once needs no look at the clock.
	private void awaitHead() {
		if (this.parser.isBeforeStartLine()) {
			this.deadline.armIfNot(this.idleNanos); // whoever did not read may have begun
		}
		else if (!this.headTimed) {
			this.headTimed = true;
			this.deadline.arm(this.options.headerTimeout().toNanos());
		}
	}

	// A client that pipelines without reading must not make responses pile up, and one
	// that pipelines without end must not keep the loop from the others.
	private boolean mayBegin() {
		if (!this.channel.isWritable()) {
			this.deadline.disarm(); // the write timeout runs
			return false;
		}
		return ++this.begun <= MOST_AT_A_TURN;
	}

	private boolean readBody() throws ProxyException {
		ByteBuf in = this.input.front();
		if (!this.body.hasCredit() || in == null) {
			if (this.body.hasCredit() && this.eof) {
				deliver(Unpooled.EMPTY_BUFFER, true);
			}
			return false;
		}
		ByteBuf octets = this.body.next(in);
		if (octets != null) {
			deliver(octets, this.body.isDone());
		}
		return true;
	}

	private void deliver(ByteBuf octets, boolean done) {
		HeadTable present = this.head;
		HeadTable trailers = done ? this.body.trailers() : null;
		if (done) {
			this.state = State.COMPLETE;
		}
		awaitBody();
		this.sink.body(octets, done && trailers == null);
		// else it has ended
		if (trailers != null && present != null && this.head == present) {
			this.sink.trailers(H1Trailers.of(trailers, present));
		}
	}

	private void awaitBody() {
		this.body.await(this.state == State.BODY, this.input.isEmpty());
	}

	/**
	 * The clock of the body's rate has ticked.
	 * @throws ProxyException if the client sends too slowly
	 */
	void checkBodyRate() throws ProxyException {
		if (this.head != null && this.state == State.BODY) {
			this.body.checkRate();
		}
	}

	/**
	 * Allows more of the body to be handed out, by the next {@link #process()}.
	 * @param credit how much, by {@link dev.pingora.protocol.PieceCost}
	 */
	void credit(int credit) {
		this.body.credit(credit);
		awaitBody();
	}

	boolean awaitContinue(boolean passedOn) {
		boolean waits = this.body.awaitContinue(passedOn);
		awaitBody();
		return waits;
	}

	/**
	 * The client has been told 100.
	 */
	void continued() {
		this.body.continued();
		awaitBody();
	}

	/**
	 * Returns the protocol for which the present request asks; it has no body.
	 * @return an allowed protocol, or {@code null}
	 */
	@Nullable String upgrade() {
		HeadTable head = this.head;
		return (head != null && this.framing.hasUpgrade())
				? H1Upgrade.requested(head, this.options.upgrade().protocols()) : null;
	}

	/**
	 * The client has been told 101: whatever it has sent after the present request, which
	 * was no request until now, and all it sends is handed out as a body without framing.
	 */
	void startTunnel() {
		this.body.startTunnel();
		this.state = State.BODY;
	}

	/**
	 * The client of a tunnel has ended its direction.
	 */
	void endOfInput() {
		this.eof = true;
	}

	/**
	 * Skips the body if nobody has asked for it and all of it is here.
	 */
	void skipUnwantedBody() {
		if (this.state == State.BODY) {
			this.body.skipUnwanted(this.input);
			this.state = this.body.isDone() ? State.COMPLETE : State.BODY;
			// What was held may have stopped reading, and nobody may call process() now.
			this.input.regulate(this.channel);
		}
	}

	boolean isRequestComplete() {
		return this.state == State.COMPLETE;
	}

	boolean wantsKeepAlive() {
		return this.framing.isKeepAlive();
	}

	/**
	 * Returns whether the client waits for nothing and has sent nothing, unless it is the
	 * empty line that is ignored (RFC 9112 section 2.2).
	 * @return whether no request has begun
	 */
	boolean isIdle() {
		return this.state == State.HEAD && hasNoHead() && this.input.isEmpty();
	}

	private boolean hasNoHead() {
		return this.head == null || this.parser.isBeforeStartLine();
	}

	boolean mayReadMore() {
		return !this.eof;
	}

	boolean isInputEmpty() {
		return this.input.isEmpty();
	}

	/**
	 * The time that was allowed is over.
	 * @return which limit it was, if no request is late
	 * @throws ProxyException if a request is late
	 */
	ClosingLimit timedOut() throws ProxyException {
		if (this.state == State.BODY || !hasNoHead()) {
			throw ProxyException.downstream(ErrorType.READ_TIMEDOUT, "request: not read in time");
		}
		return this.headTimed ? ClosingLimit.NEVER_SPOKE : ClosingLimit.IDLE_TIMEOUT;
	}

	/**
	 * The present request has been served: the next one may follow.
	 */
	void next() {
		releaseHead();
		this.headTimed = false;
		this.state = State.HEAD;
		this.deadline.arm(this.idleNanos);
	}

	/**
	 * Waits no longer than this for a request to begin, from now on.
	 * @param nanos how long
	 */
	void waitAtMost(long nanos) {
		this.idleNanos = nanos;
		if (isIdle()) {
			this.headTimed = false; // the head has a time of its own then
			this.deadline.arm(nanos);
		}
	}

	/**
	 * Stops handing out anything, but keeps the present head.
	 */
	void stop() {
		this.state = State.STOPPED;
		this.deadline.cancel();
		this.body.cancel();
		this.input.release();
	}

	void releaseHead() {
		if (this.head != null) {
			HeadTables.give(Objects.requireNonNull(this.head));
			this.head = null;
		}
	}

}
