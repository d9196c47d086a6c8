package dev.pingora.protocol.h1;

import java.io.IOException;
import java.net.SocketAddress;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.HeadTable;
import dev.pingora.panic.Isolated;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.protocol.DownstreamHandler;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.protocol.DownstreamSession.End;
import dev.pingora.protocol.SessionHandler;
import dev.pingora.transport.Deadline;
import dev.pingora.transport.WriteWatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection: reads one request after the other and hands each to the engine
 * as a session. While a request is served, what the client sends ahead is held, up to a
 * bound.
 *
 * <pre>
 * HEAD ──► BODY ──► WAITING ──► HEAD      a request, its body, its response
 *   └───────┴──────────┴──────► CLOSING   see {@link H1Closing}
 * </pre>
 *
 * All callbacks enter through the isolation border as steps of the connection; what the
 * engine does for a request has a border of its own within. All fields are owned by the
 * channel's event loop, but for those that the constructor sets.
 */
public final class H1ServerConnection extends ChannelInboundHandlerAdapter implements Isolated {

	private static final Logger logger = LoggerFactory.getLogger(H1ServerConnection.class);

	private enum State {

		HEAD, BODY, WAITING, CLOSING

	}

	private final DownstreamOptions options;

	private final SessionHandler sessions;

	private final PanicIsolation isolation;

	// Reading.

	private final H1Input input = new H1Input();

	private final H1HeadParser parser;

	private final H1Framing framing = new H1Framing(ErrorSource.DOWNSTREAM);

	private final H1BodyDecoder decoder;

	private State state = State.HEAD;

	private @Nullable HeadTable head;

	private boolean processing;

	private long credit;

	private boolean credited;

	private long bodyOctets;

	// The present request.

	private @Nullable H1DownstreamSession session;

	private @Nullable DownstreamHandler handler;

	private boolean lastResponse;

	// Writing and ending.

	private final H1HeadWriter writer = new H1HeadWriter();

	private @Nullable Wire wire;

	/**
	 * What hangs on the channel.
	 *
	 * @param channel the channel
	 * @param readDeadline for a head, a body's next octets, the next request
	 * @param writeWatch notices a client that doesn't read
	 * @param closing the ways to close
	 */
	private record Wire(Channel channel, Deadline readDeadline, WriteWatch writeWatch, H1Closing closing) {
	}

	/**
	 * Makes the handler of one channel.
	 * @param options what is allowed to the client
	 * @param sessions who takes the requests
	 * @param isolation the border
	 */
	public H1ServerConnection(DownstreamOptions options, SessionHandler sessions, PanicIsolation isolation) {
		this.options = options;
		this.sessions = sessions;
		this.isolation = isolation;
		HeadLimits limits = new HeadLimits(options.maxHeaderSize(), options.maxHeaderCount());
		this.parser = new H1HeadParser(limits);
		this.decoder = new H1BodyDecoder(ErrorSource.DOWNSTREAM, limits);
	}

	private Wire wire() {
		Wire wire = this.wire;
		if (wire == null) {
			throw new IllegalStateException("not added to a channel");
		}
		return wire;
	}

	// Entries from Netty, each through the border.

	@Override
	public void handlerAdded(ChannelHandlerContext ctx) {
		Channel channel = ctx.channel();
		Deadline read = new Deadline(channel.eventLoop(),
				() -> this.isolation.run(this, H1ServerConnection::readTimedOut));
		WriteWatch write = new WriteWatch(channel, this.options.writeTimeout().toNanos(),
				() -> this.isolation.run(this, H1ServerConnection::writeTimedOut));
		this.wire = new Wire(channel, read, write, new H1Closing(channel, this.isolation, this.options.resetTimeout()));
		read.arm(this.options.headerTimeout().toNanos());
	}

	@Override
	public void channelRead(ChannelHandlerContext ctx, Object message) {
		this.isolation.run(this, (ByteBuf) message, H1ServerConnection::received);
	}

	@Override
	public void channelReadComplete(ChannelHandlerContext ctx) {
		DownstreamHandler handler = this.handler;
		if (handler != null) {
			handler.onReadComplete();
		}
	}

	@Override
	public void channelWritabilityChanged(ChannelHandlerContext ctx) {
		if (ctx.channel().isWritable() && this.handler != null) {
			ctx.channel().eventLoop().execute(() -> this.isolation.run(this, H1ServerConnection::writable));
		}
	}

	@Override
	public void channelInactive(ChannelHandlerContext ctx) {
		this.isolation.run(this, H1ServerConnection::closed);
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
		this.isolation.run(this, cause, H1ServerConnection::broke);
	}

	// Reading.

	private void received(ByteBuf data) throws ProxyException {
		if (this.state == State.CLOSING) {
			wire().closing().discard(data);
			return;
		}
		this.input.add(data);
		process();
	}

	// One loop for all that was received, so that pipelined requests don't nest.
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
					case WAITING, CLOSING -> false;
				};
			}
		}
		finally {
			this.processing = false;
		}
		if (this.state != State.CLOSING) {
			this.input.regulate(wire().channel());
		}
	}

	private void processLater() {
		if (!this.processing && !(this.input.isEmpty() && this.state == State.HEAD)) {
			wire().channel().eventLoop().execute(() -> this.isolation.run(this, H1ServerConnection::process));
		}
	}

	private boolean readHead() throws ProxyException {
		ByteBuf in = this.input.front();
		if (in == null) {
			return false;
		}
		HeadTable head = this.head;
		if (head == null) {
			head = HeadTables.take();
			this.head = head;
			this.parser.start(H1HeadParser.Kind.REQUEST, head);
			if (wire().closing().hasAnswered()) { // the first head has had its time since
													// accept
				wire().readDeadline().arm(this.options.headerTimeout().toNanos());
			}
		}
		if (!this.parser.parse(in)) {
			return true;
		}
		this.framing.request(head);
		if (this.options.maxBodySize() >= 0 && this.framing.length() > this.options.maxBodySize()) {
			throw bodyTooLarge();
		}
		open(head);
		return true;
	}

	private void open(HeadTable head) {
		wire().readDeadline().disarm();
		this.decoder.start(this.framing);
		boolean hasBody = !this.decoder.isDone();
		this.state = hasBody ? State.BODY : State.WAITING;
		this.credit = 0;
		this.credited = false;
		this.bodyOctets = 0;
		H1DownstreamSession session = new H1DownstreamSession(this, wire().channel(), head, hasBody);
		this.session = session;
		DownstreamHandler handler = this.sessions.open(session);
		this.handler = handler;
		handler.onRequest();
	}

	private boolean readBody() throws ProxyException {
		ByteBuf in = this.input.front();
		if (this.credit <= 0 || in == null) {
			return false;
		}
		ByteBuf data = this.decoder.next(in);
		boolean done = this.decoder.isDone();
		if (data == null && !done) {
			return true;
		}
		ByteBuf octets = (data != null) ? data : Unpooled.EMPTY_BUFFER;
		this.credit -= octets.readableBytes();
		this.bodyOctets += octets.readableBytes();
		if (this.options.maxBodySize() >= 0 && this.bodyOctets > this.options.maxBodySize()) {
			octets.release();
			throw bodyTooLarge();
		}
		deliver(octets, done);
		return true;
	}

	private void deliver(ByteBuf octets, boolean done) {
		HeadTable trailers = done ? this.decoder.trailers() : null;
		H1DownstreamSession session = this.session;
		DownstreamHandler handler = this.handler;
		if (done) {
			this.state = State.WAITING;
			wire().readDeadline().disarm();
		}
		else {
			awaitBody();
		}
		if (handler == null) {
			octets.release();
			return;
		}
		handler.onBody(octets, done && trailers == null);
		if (trailers != null && session == this.session) {
			handler.onTrailers(trailers.headers());
		}
	}

	private void awaitBody() {
		if (this.credit > 0) {
			wire().readDeadline().arm(this.options.readTimeout().toNanos());
		}
		else {
			wire().readDeadline().disarm(); // it is not the client who is slow
		}
	}

	private ProxyException bodyTooLarge() {
		return ProxyException.downstream(ErrorType.BODY_TOO_LARGE,
				"request: body of more than " + this.options.maxBodySize() + " octets");
	}

	// What the session asks for.

	void credit(int octets) {
		this.credit += octets;
		this.credited = true;
		if (this.state == State.BODY) {
			awaitBody();
			processLater();
		}
	}

	SocketAddress remoteAddress() {
		return wire().channel().remoteAddress();
	}

	SocketAddress localAddress() {
		return wire().channel().localAddress();
	}

	H1HeadWriter writer() {
		return this.writer;
	}

	/**
	 * Returns whether the connection goes on after the present response, as far as is
	 * known now. A body that nobody has asked for is skipped if all of it is here.
	 * @return whether it may
	 */
	boolean willGoOn() {
		if (this.state == State.BODY && !this.credited) {
			this.isolation.run(this, H1ServerConnection::skipBody);
		}
		return this.framing.isKeepAlive() && !this.lastResponse && this.state == State.WAITING;
	}

	private void skipBody() throws ProxyException {
		for (ByteBuf in = this.input.front(); in != null && !this.decoder.isDone(); in = this.input.front()) {
			ByteBuf data = this.decoder.next(in);
			if (data != null) {
				data.release();
			}
		}
		if (this.decoder.isDone()) {
			this.state = State.WAITING;
		}
	}

	void endAfterResponse() {
		this.lastResponse = true;
	}

	void flush() {
		wire().channel().flush();
		wire().writeWatch().flushed();
	}

	void failLater(H1DownstreamSession session, ProxyException error) {
		wire().channel().eventLoop().execute(() -> this.isolation.run(this, session, (connection, failed) -> {
			DownstreamHandler handler = connection.handler;
			if (connection.session == failed && handler != null) {
				handler.onFailure(error);
			}
		}));
	}

	void sessionEnded(End end, boolean complete) {
		this.session = null;
		this.handler = null;
		releaseHead();
		H1Closing closing = wire().closing();
		boolean whole = complete || end == End.CLOSE;
		if (end == End.RESET || !whole) {
			leave();
			closing.reset();
			return;
		}
		boolean allRead = this.state == State.WAITING && this.input.isEmpty();
		flush();
		if (end == End.REUSE && !this.lastResponse && this.state == State.WAITING) {
			this.state = State.HEAD;
			closing.answered();
			wire().readDeadline().arm(this.options.idleTimeout().toNanos());
			processLater();
		}
		else {
			leave();
			closing.close(allRead);
		}
	}

	private void releaseHead() {
		if (this.head != null) {
			HeadTables.give(this.head);
			this.head = null;
		}
	}

	// Nothing more is read for requests.
	private void leave() {
		this.state = State.CLOSING;
		wire().readDeadline().cancel();
		this.input.release();
		wire().channel().config().setAutoRead(true);
	}

	// What goes wrong.

	@Override
	public void failed(ProxyException error) {
		DownstreamHandler handler = this.handler;
		wire().readDeadline().disarm();
		if (handler != null) {
			this.lastResponse = true;
			this.state = State.WAITING; // nothing more is delivered
			this.input.release();
			handler.onFailure(error);
		}
		else if (this.state != State.CLOSING) {
			refuse(error);
		}
	}

	// No task was born for it: the connection answers itself.
	private void refuse(ProxyException error) {
		logger.debug("Refused a request of {}: {}", remoteAddress(), error.getMessage());
		releaseHead();
		leave();
		if (error.status() == 0) {
			wire().closing().reset();
			return;
		}
		wire().closing().refuse(error.status(), this.writer);
		wire().writeWatch().flushed();
	}

	private void readTimedOut() throws ProxyException {
		if (this.state == State.HEAD && this.head == null) {
			leave();
			wire().channel().close(); // idle
		}
		else if (this.state == State.HEAD || this.state == State.BODY) {
			throw ProxyException.downstream(ErrorType.READ_TIMEDOUT, "request: not read in time");
		}
	}

	private void writeTimedOut() throws ProxyException {
		if (this.handler != null) {
			throw ProxyException.downstream(ErrorType.WRITE_TIMEDOUT, "response: the client does not read");
		}
		wire().closing().resetNow();
	}

	private void writable() {
		DownstreamHandler handler = this.handler;
		if (handler != null && wire().channel().isWritable()) {
			handler.onWritable();
		}
	}

	private void closed() throws ProxyException {
		boolean served = this.handler != null;
		wire().writeWatch().cancel();
		wire().closing().cancel();
		releaseInput();
		if (served) {
			throw ProxyException.downstream(ErrorType.CONNECTION_CLOSED, "the client is gone");
		}
		releaseHead();
		this.state = State.CLOSING;
	}

	private void releaseInput() {
		wire().readDeadline().cancel();
		this.input.release();
	}

	private void broke(Throwable cause) throws ProxyException {
		if (!(cause instanceof IOException)) {
			wire().closing().resetNow();
			PanicIsolation.rethrow(cause);
		}
		if (this.handler != null) {
			throw ProxyException.downstream(ErrorType.READ_ERROR, "the client's connection: " + cause.getMessage());
		}
		wire().channel().close();
	}

	@Override
	public PanicSite panicSite() {
		return PanicSite.of(PanicSite.CODEC, "http1");
	}

	@Override
	public void panicked(Panic panic) {
		DownstreamHandler handler = this.handler;
		if (handler != null) {
			handler.onPanic(panic);
		}
		else {
			leave();
			wire().closing().reset();
		}
	}

	// What the server asks for, from any thread.

	/**
	 * Ends the connection politely: now if it is idle, else after the present request.
	 * May be called by any thread.
	 */
	public void drain() {
		wire().channel().eventLoop().execute(() -> this.isolation.run(this, H1ServerConnection::drainNow));
	}

	private void drainNow() {
		this.lastResponse = true;
		if (this.state == State.HEAD && this.head == null && this.input.isEmpty()) {
			leave();
			wire().channel().close();
		}
	}

	/**
	 * Ends the connection at once. May be called by any thread.
	 */
	public void abort() {
		wire().channel()
			.eventLoop()
			.execute(() -> this.isolation.run(this, (connection) -> wire().closing().resetNow()));
	}

}
