package dev.pingora.protocol.h1;

import java.io.IOException;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.error.Retry;
import dev.pingora.http.HeadTable;
import dev.pingora.panic.Isolated;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.protocol.UpstreamHandler;
import dev.pingora.protocol.UpstreamSession;
import dev.pingora.transport.Deadline;
import dev.pingora.transport.WriteWatch;
import dev.pingora.upstream.HttpPeer;
import dev.pingora.upstream.PeerKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a peer: reads the responses, one session after the other.
 *
 * <pre>
 * IDLE ──► HEAD ──► BODY ──► COMPLETE ──► IDLE
 *           └────────┴──────────► CLOSED
 * </pre>
 *
 * It is used again only if both directions were complete, both sides want it to go on,
 * and nothing was received beyond the response: whatever comes while it is idle, were it
 * an end, closes it. All callbacks enter through the isolation border as steps of the
 * connection. All fields are owned by the channel's event loop, but for those that the
 * constructor sets.
 */
public final class H1ClientConnection extends ChannelInboundHandlerAdapter implements Isolated {

	private static final HeadLimits LIMITS = new HeadLimits(64 * 1024, 200);

	private enum State {

		IDLE, HEAD, BODY, COMPLETE, CLOSED

	}

	private final PanicIsolation isolation;

	private final PeerKey key;

	private final Owner owner;

	private final H1Input input = new H1Input();

	private final H1HeadParser parser = new H1HeadParser(LIMITS);

	private final H1Framing framing = new H1Framing(ErrorSource.UPSTREAM);

	private final H1BodyDecoder decoder = new H1BodyDecoder(ErrorSource.UPSTREAM, LIMITS);

	private final H1HeadWriter writer = new H1HeadWriter();

	private State state = State.IDLE;

	private @Nullable Channel channel;

	private @Nullable Deadline readDeadline;

	private @Nullable WriteWatch writeWatch;

	private @Nullable HeadTable head;

	private @Nullable H1UpstreamSession session;

	private boolean used;

	private boolean processing;

	private boolean responseBegun;

	private boolean ended;

	private long credit;

	/**
	 * Who keeps the connection while nobody uses it. Called on the event loop.
	 */
	public interface Owner {

		/**
		 * The connection may be used again.
		 * @param connection the connection
		 */
		void idle(H1ClientConnection connection);

		/**
		 * The connection is closed. Called once.
		 * @param connection the connection
		 */
		void closed(H1ClientConnection connection);

	}

	/**
	 * Makes the handler of one channel.
	 * @param isolation the border
	 * @param key who the peer is
	 * @param owner who keeps the connection while nobody uses it
	 */
	public H1ClientConnection(PanicIsolation isolation, PeerKey key, Owner owner) {
		this.isolation = isolation;
		this.key = key;
		this.owner = owner;
	}

	/**
	 * Returns who the peer is.
	 * @return the peer's key
	 */
	public PeerKey key() {
		return this.key;
	}

	/**
	 * Begins a session. To be called on the event loop, while the connection is idle.
	 * @param peer the peer, whose options apply to the session
	 * @return the session
	 */
	public UpstreamSession open(HttpPeer peer) {
		Channel channel = channel();
		if (this.state != State.IDLE) {
			throw new IllegalStateException("the connection is in use");
		}
		if (this.readDeadline != null) {
			this.readDeadline.disarm();
		}
		this.writeWatch = new WriteWatch(channel, peer.options().writeTimeout().toNanos(),
				() -> this.isolation.run(this, H1ClientConnection::writeTimedOut));
		H1UpstreamSession session = new H1UpstreamSession(this, channel, peer.options(), this.used);
		this.used = true;
		this.session = session;
		this.state = State.HEAD;
		this.credit = 0;
		this.responseBegun = false;
		return session;
	}

	/**
	 * Closes the connection. To be called on the event loop.
	 */
	public void close() {
		if (this.channel != null) {
			this.channel.close();
		}
	}

	private Channel channel() {
		Channel channel = this.channel;
		if (channel == null) {
			throw new IllegalStateException("not added to a channel");
		}
		return channel;
	}

	// Entries from Netty, each through the border.

	@Override
	public void handlerAdded(ChannelHandlerContext ctx) {
		this.channel = ctx.channel();
		this.readDeadline = new Deadline(ctx.channel().eventLoop(),
				() -> this.isolation.run(this, H1ClientConnection::readTimedOut));
	}

	@Override
	public void channelRead(ChannelHandlerContext ctx, Object message) {
		this.isolation.run(this, (ByteBuf) message, H1ClientConnection::received);
	}

	@Override
	public void channelReadComplete(ChannelHandlerContext ctx) {
		H1UpstreamSession session = this.session;
		if (session != null) {
			session.handler().onReadComplete();
		}
	}

	@Override
	public void channelWritabilityChanged(ChannelHandlerContext ctx) {
		if (ctx.channel().isWritable() && this.session != null) {
			ctx.channel().eventLoop().execute(() -> this.isolation.run(this, H1ClientConnection::writable));
		}
	}

	@Override
	public void channelInactive(ChannelHandlerContext ctx) {
		this.isolation.run(this, H1ClientConnection::closed);
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
		this.isolation.run(this, cause, H1ClientConnection::broke);
	}

	// Reading.

	private void received(ByteBuf data) throws ProxyException {
		this.input.add(data);
		if (this.state == State.IDLE) {
			this.input.release(); // nobody asked: it can't be trusted any more
			channel().close();
			return;
		}
		process();
	}

	private void process() throws ProxyException {
		if (this.processing) {
			return;
		}
		this.processing = true;
		try {
			boolean more = true;
			while (more) {
				more = switch (this.state) {
					case HEAD -> readHead();
					case BODY -> readBody();
					case IDLE, COMPLETE, CLOSED -> false;
				};
			}
		}
		finally {
			this.processing = false;
		}
		this.input.regulate(channel());
	}

	private boolean readHead() throws ProxyException {
		ByteBuf in = this.input.front();
		if (in == null) {
			failIfEnded();
			return false;
		}
		H1UpstreamSession session = session();
		if (!session.isHeadWritten()) {
			throw ProxyException.upstream(ErrorType.INVALID_HTTP_HEADER, "response: before the request");
		}
		this.responseBegun = true;
		HeadTable head = this.head;
		if (head == null) {
			head = HeadTables.take();
			this.head = head;
			this.parser.start(H1HeadParser.Kind.RESPONSE, head);
		}
		if (!this.parser.parse(in)) {
			return true;
		}
		this.framing.response(head, session.isToHead());
		if (head.status() < 200) {
			informational(session, head);
		}
		else {
			this.decoder.start(this.framing);
			boolean end = this.decoder.isDone();
			this.state = end ? State.COMPLETE : State.BODY;
			awaitMore();
			session.handler().onHeader(head.response(), end);
		}
		return true;
	}

	private void informational(H1UpstreamSession session, HeadTable head) throws ProxyException {
		if (head.status() == 101) { // we never ask for it: Upgrade is of one hop
			throw ProxyException.upstream(ErrorType.INVALID_HTTP_HEADER, "response: 101 that was not asked for");
		}
		session.handler().onInformational(head.response());
		if (this.head == head) { // else the session has ended meanwhile
			head.recycle();
			this.parser.start(H1HeadParser.Kind.RESPONSE, head);
		}
	}

	private boolean readBody() throws ProxyException {
		if (this.credit <= 0) {
			return false;
		}
		ByteBuf in = this.input.front();
		if (in == null) {
			if (this.ended && this.decoder.isUntilClose()) {
				deliver(Unpooled.EMPTY_BUFFER, true);
			}
			failIfEnded();
			return false;
		}
		ByteBuf data = this.decoder.next(in);
		boolean done = this.decoder.isDone();
		if (data != null || done) {
			deliver((data != null) ? data : Unpooled.EMPTY_BUFFER, done);
		}
		return true;
	}

	private void deliver(ByteBuf octets, boolean done) {
		this.credit -= octets.readableBytes();
		HeadTable trailers = done ? this.decoder.trailers() : null;
		H1UpstreamSession session = session();
		if (done) {
			this.state = State.COMPLETE;
		}
		awaitMore();
		if (trailers == null) {
			session.handler().onBody(octets, done);
			return;
		}
		session.handler().onBody(octets, false);
		if (this.session == session) {
			session.handler().onTrailers(trailers.headers());
		}
	}

	// The peer is slow only while something is expected of it.
	private void awaitMore() {
		Deadline deadline = this.readDeadline;
		boolean expected = this.state == State.HEAD || (this.state == State.BODY && this.credit > 0);
		if (deadline != null && expected) {
			deadline.arm(session().options().readTimeout().toNanos());
		}
		else if (deadline != null) {
			deadline.disarm();
		}
	}

	private void failIfEnded() throws ProxyException {
		if (this.ended && (this.state == State.HEAD || this.state == State.BODY)) {
			throw failure(ErrorType.CONNECTION_CLOSED, "the peer closed the connection "
					+ (this.responseBegun ? "within its response" : "before its response"));
		}
	}

	private ProxyException failure(ErrorType type, String what) {
		return ProxyException.upstream(type, this.key + ": " + what)
			.withRetry(this.responseBegun ? Retry.NEVER : Retry.IF_REUSED);
	}

	// What the session asks for.

	private H1UpstreamSession session() {
		H1UpstreamSession session = this.session;
		if (session == null) {
			throw new IllegalStateException("the connection is idle");
		}
		return session;
	}

	H1HeadWriter writer() {
		return this.writer;
	}

	void requestWritten() {
		if (this.state == State.HEAD) {
			awaitMore();
		}
	}

	void credit(int octets) {
		this.credit += octets;
		if (this.state == State.BODY) {
			awaitMore();
			if (!this.processing && (this.ended || !this.input.isEmpty())) {
				channel().eventLoop().execute(() -> this.isolation.run(this, H1ClientConnection::processAndComplete));
			}
		}
	}

	private void processAndComplete() throws ProxyException {
		process();
		H1UpstreamSession session = this.session;
		if (session != null) {
			session.handler().onReadComplete();
		}
	}

	void flush() {
		channel().flush();
		if (this.writeWatch != null) {
			this.writeWatch.flushed();
		}
	}

	void failLater(H1UpstreamSession session, ProxyException error) {
		channel().eventLoop().execute(() -> this.isolation.run(this, session, (connection, failed) -> {
			if (connection.session == failed) {
				failed.handler().onFailure(error);
			}
		}));
	}

	void sessionEnded(boolean reusable) {
		H1UpstreamSession session = session();
		boolean goesOn = reusable && this.state == State.COMPLETE && this.framing.isKeepAlive() && this.input.isEmpty()
				&& channel().isActive() && !session.options().idleTimeout().isZero();
		this.session = null;
		if (this.head != null) {
			HeadTables.give(this.head);
			this.head = null;
		}
		cancelTimers();
		if (goesOn) {
			this.state = State.IDLE;
			if (this.readDeadline != null) {
				this.readDeadline.arm(session.options().idleTimeout().toNanos());
			}
			this.owner.idle(this);
		}
		else {
			this.state = State.CLOSED;
			this.input.release();
			channel().close();
		}
	}

	private void cancelTimers() {
		if (this.readDeadline != null) {
			this.readDeadline.disarm();
		}
		if (this.writeWatch != null) {
			this.writeWatch.cancel();
			this.writeWatch = null;
		}
	}

	// What goes wrong.

	private void readTimedOut() throws ProxyException {
		if (this.session == null) {
			channel().close(); // idle for long enough
		}
		else if (this.state == State.HEAD || this.state == State.BODY) {
			throw ProxyException.upstream(ErrorType.READ_TIMEDOUT,
					this.key + ": no octet within " + session().options().readTimeout().toMillis() + " ms");
		}
	}

	private void writeTimedOut() throws ProxyException {
		if (this.session != null) {
			throw ProxyException.upstream(ErrorType.WRITE_TIMEDOUT, this.key + ": the peer does not read");
		}
	}

	private void writable() {
		H1UpstreamSession session = this.session;
		if (session != null && channel().isWritable()) {
			session.handler().onWritable();
		}
	}

	private void closed() throws ProxyException {
		this.ended = true;
		this.owner.closed(this);
		if (this.readDeadline != null) {
			this.readDeadline.cancel();
		}
		if (this.session == null) {
			this.state = State.CLOSED;
			this.input.release();
			return;
		}
		processAndComplete();
	}

	private void broke(Throwable cause) throws ProxyException {
		if (!(cause instanceof IOException)) {
			channel().close();
			PanicIsolation.rethrow(cause);
		}
		if (this.session != null && this.state != State.COMPLETE) {
			throw failure(ErrorType.READ_ERROR, String.valueOf(cause.getMessage()));
		}
		channel().close();
	}

	@Override
	public PanicSite panicSite() {
		return PanicSite.of(PanicSite.CODEC, "http1");
	}

	@Override
	public void failed(ProxyException error) {
		H1UpstreamSession session = this.session;
		if (session == null) {
			channel().close();
			return;
		}
		this.state = State.CLOSED; // nothing more is delivered
		this.input.release();
		cancelTimers();
		session.handler().onFailure(error);
	}

	@Override
	public void panicked(Panic panic) {
		H1UpstreamSession session = this.session;
		if (session == null) {
			channel().close();
			return;
		}
		this.state = State.CLOSED;
		session.handler().onPanic(panic);
	}

}
