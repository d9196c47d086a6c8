package dev.pingora.protocol.h1;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.error.Retry;
import dev.pingora.http.HeadTable;
import dev.pingora.protocol.PieceCost;
import dev.pingora.transport.Deadline;
import dev.pingora.upstream.PeerKey;
import dev.pingora.upstream.PeerOptions;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Reads the responses of a connection to a peer, one after the other.
 *
 * <pre>
 * IDLE ──► HEAD ──► BODY ──► COMPLETE ──► IDLE
 *           └────────┴──────────┴───────► STOPPED
 * </pre>
 *
 * A body is handed out only as far as it is credited. Owned by the channel's event loop.
 */
final class H1ResponseReader {

	private enum State {

		IDLE, HEAD, BODY, COMPLETE, STOPPED

	}

	private final PeerKey peer;

	private final Deadline deadline;

	private final H1Input input = new H1Input();

	private final HeadLimits limits = HeadLimits.of(PeerOptions.defaults());

	private final H1HeadParser parser = new H1HeadParser(this.limits);

	private final H1Framing framing = new H1Framing(ErrorSource.UPSTREAM);

	private final H1BodyDecoder decoder = new H1BodyDecoder(ErrorSource.UPSTREAM, this.limits);

	private State state = State.IDLE;

	private @Nullable H1Exchange request;

	private @Nullable HeadTable head;

	private boolean processing;

	private boolean begun;

	private boolean eof;

	private boolean goesOn;

	private boolean requestWritten;

	private boolean continueAwaited;

	private @Nullable String broken;

	private boolean tunnel;

	private final InterimBudget interim = new InterimBudget(this.limits);

	private long credit;

	H1ResponseReader(PeerKey peer, Deadline deadline) {
		this.peer = peer;
		this.deadline = deadline;
	}

	/**
	 * Sets how large the heads of the next response may be.
	 * @param options the options of the peer that is asked
	 */
	void limit(PeerOptions options) {
		this.limits.set(options.maxHeaderSize(), options.maxHeaderCount());
	}

	/**
	 * A request begins.
	 * @param request the request
	 */
	void start(H1Exchange request) {
		if (this.state != State.IDLE) {
			throw new IllegalStateException("the connection is in use");
		}
		this.deadline.disarm();
		this.request = request;
		this.state = State.HEAD;
		this.begun = false;
		this.goesOn = true;
		this.requestWritten = false;
		this.continueAwaited = false;
		this.interim.start();
		this.credit = 0;
	}

	/**
	 * Takes what was received.
	 * @param data the octets, of which the reader becomes the owner
	 */
	void add(ByteBuf data) {
		this.input.add(data);
	}

	/**
	 * The connection is broken, and will be closed. A peer that answers without reading
	 * all of the request resets it, behind an answer that is to be delivered (RFC 9112
	 * section 9.6); the present response may not go on beyond what was received.
	 * @param how what is wrong
	 */
	void broken(String how) {
		this.broken = (this.broken != null) ? this.broken : how;
		requestWritten(); // if nothing more comes, not even the end
	}

	/**
	 * The peer has closed the connection: nothing more is received.
	 */
	void endOfInput() {
		this.eof = true;
	}

	/**
	 * Reads as far as it goes.
	 * @param channel the channel
	 * @throws ProxyException if the response is malformed or incomplete
	 */
	void process(Channel channel) throws ProxyException {
		if (this.processing) {
			return;
		}
		this.processing = true;
		try {
			boolean more = true;
			while (more) {
				H1Exchange request = this.request;
				more = request != null && switch (this.state) {
					case HEAD -> readHead(request);
					case BODY -> readBody(request);
					case IDLE, COMPLETE, STOPPED -> false;
				};
			}
		}
		finally {
			this.processing = false;
		}
		if (this.state == State.BODY || this.state == State.COMPLETE) {
			awaitMore();
		}
		if (!this.eof) { // epoll can't begin again to read what has ended
			this.input.regulate(channel);
		}
	}

	/**
	 * Returns whether there is work for {@link #process} that nobody is doing.
	 * @return whether it is to be called
	 */
	boolean hasWork() {
		return !this.processing && this.state == State.BODY && (this.eof || !this.input.isEmpty());
	}

	private boolean readHead(H1Exchange request) throws ProxyException {
		ByteBuf in = this.input.front();
		if (in == null) {
			checkMoreMayCome();
			return false;
		}
		if (!request.isHeadWritten()) {
			// RFC 9112 section 9.2: what was left behind by an earlier request, say.
			// Nothing was sent.
			throw ProxyException.upstream(ErrorType.INVALID_HTTP_HEADER, "response: before the request")
				.withRetry(Retry.ALWAYS);
		}
		this.begun = true;
		HeadTable head = this.head;
		if (head == null) {
			head = HeadTables.take();
			this.head = head;
			this.parser.start(H1HeadParser.Kind.RESPONSE, head);
		}
		if (!this.parser.parse(in)) {
			return true;
		}
		this.framing.response(head, request.isToHead());
		this.goesOn &= this.framing.isKeepAlive();
		if (head.status() == 101 && H1Upgrade.isAgreed(head, request.upgrade())) {
			startTunnel(request, head);
			return true;
		}
		if (head.status() < 200) {
			informational(request, head);
			return true;
		}
		this.decoder.start(this.framing);
		boolean end = this.decoder.isDone();
		this.state = end ? State.COMPLETE : State.BODY;
		request.head(head.response(), end);
		return true;
	}

	private void startTunnel(H1Exchange request, HeadTable head) {
		this.tunnel = true;
		this.decoder.startRaw();
		this.state = State.BODY;
		awaitMore();
		request.upgraded(head.response());
	}

	// RFC 9110 section 15.2: all are forwarded, as many as there are, which must end.
	private void informational(H1Exchange request, HeadTable head) throws ProxyException {
		// RFC 9110 sections 7.8 and 15.2.2: not asked for, or for something else
		if (head.status() == 101) {
			throw ProxyException.upstream(ErrorType.INVALID_HTTP_HEADER, "response: 101 that was not asked for");
		}
		this.interim.spend(head.length());
		boolean goOn = this.continueAwaited && head.status() == 100;
		request.informational(head.response());
		if (this.head == head) { // else the request has ended meanwhile
			head.recycle();
			this.parser.start(H1HeadParser.Kind.RESPONSE, head);
			if (goOn) {
				awaitContinue(false);
			}
			if (this.requestWritten || this.continueAwaited) {
				awaitMore(); // it shows that it works
			}
		}
	}

	private boolean readBody(H1Exchange request) throws ProxyException {
		if (this.credit <= 0) {
			return false;
		}
		ByteBuf in = this.input.front();
		if (in == null) {
			if (this.eof && this.broken == null && this.decoder.isUntilClose()) {
				deliver(request, Unpooled.EMPTY_BUFFER, true);
			}
			checkMoreMayCome();
			return false;
		}
		ByteBuf data = this.decoder.next(in);
		boolean done = this.decoder.isDone();
		if (data != null || done) {
			deliver(request, (data != null) ? data : Unpooled.EMPTY_BUFFER, done);
		}
		return true;
	}

	private void deliver(H1Exchange request, ByteBuf octets, boolean done) {
		this.credit -= PieceCost.of(octets);
		HeadTable present = this.head;
		HeadTable trailers = done ? this.decoder.trailers() : null;
		if (done) {
			this.state = State.COMPLETE;
		}
		request.body(octets, done && trailers == null);
		// else it has ended
		if (trailers != null && present != null && this.request == request) {
			request.trailers(H1Trailers.of(trailers, present));
		}
	}

	// RFC 9112 section 8: what is not whole when the connection ends never will be.
	private void checkMoreMayCome() throws ProxyException {
		if (this.eof && (this.state == State.HEAD || this.state == State.BODY)) {
			String when = this.begun ? "within its response" : "before its response";
			throw (this.broken != null) ? failure(ErrorType.READ_ERROR, "broke " + when + ": " + this.broken)
					: failure(ErrorType.CONNECTION_CLOSED, "closed the connection " + when);
		}
	}

	/**
	 * Makes an error of the connection, which may be innocent as long as nothing of a
	 * response has come.
	 * @param type what failed
	 * @param what what the peer did
	 * @return the error
	 */
	ProxyException failure(ErrorType type, String what) {
		H1Exchange request = this.request;
		boolean sent = request != null && request.isHeadWritten();
		Retry retry = this.begun ? Retry.NEVER : (sent ? Retry.IF_REUSED : Retry.ALWAYS);
		return ProxyException.upstream(type, this.peer + " " + what).withRetry(retry);
	}

	/**
	 * Allows more of the body to be handed out, by the next {@link #process}.
	 * @param credit how much, by {@link PieceCost}
	 */
	void credit(int credit) {
		this.credit += credit;
		if (!this.processing && this.state == State.BODY) {
			awaitMore();
		}
	}

	/**
	 * The request has been written whole: now the peer must answer in time.
	 */
	void requestWritten() {
		this.requestWritten = true;
		if (this.state == State.HEAD) {
			awaitMore();
		}
	}

	/**
	 * The rest of the request waits for the peer, or no longer: RFC 9110 section 10.1.1.
	 * @param waits whether the peer must answer in time
	 */
	void awaitContinue(boolean waits) {
		this.continueAwaited = waits;
		if (this.state == State.HEAD && waits) {
			awaitMore();
		}
		else if (this.state == State.HEAD && !this.requestWritten) {
			this.deadline.disarm(); // it waits for the client
		}
	}

	// The peer is slow only while something is expected of it.
	private void awaitMore() {
		H1Exchange request = this.request;
		boolean expected = this.state == State.HEAD || (this.state == State.BODY && this.credit > 0 && !this.tunnel);
		if (request != null && expected) {
			this.deadline.arm(request.readTimeoutNanos());
		}
		else {
			this.deadline.disarm();
		}
	}

	/**
	 * Returns whether the connection may serve another request: the response was read
	 * whole, wants it to go on, and nothing came after it (RFC 9112 sections 9.2 and
	 * 9.3).
	 * @return whether it may go on
	 */
	boolean mayGoOn() {
		return this.state == State.COMPLETE && !this.tunnel && this.goesOn && this.input.isEmpty() && !this.eof
				&& this.broken == null;
	}

	boolean isComplete() {
		return this.state == State.COMPLETE;
	}

	/**
	 * Forgets the request; another one may start.
	 * @param idleNanos how long it may take until then
	 */
	void idle(long idleNanos) {
		releaseHead();
		this.request = null;
		this.state = State.IDLE;
		this.deadline.arm(idleNanos);
	}

	/**
	 * Forgets the request, and reads nothing any more.
	 */
	void close() {
		releaseHead();
		this.request = null;
		stop();
	}

	/**
	 * Stops handing out anything, but keeps the present head.
	 */
	void stop() {
		this.state = State.STOPPED;
		this.deadline.cancel();
		this.input.release();
	}

	private void releaseHead() {
		if (this.head != null) {
			HeadTables.give(this.head);
			this.head = null;
		}
	}

}
