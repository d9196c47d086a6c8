package dev.pingora.protocol.h1;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.HeadTable;
import dev.pingora.http.Headers;
import dev.pingora.panic.Isolated;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.protocol.ClosingLimitCounts;
import dev.pingora.protocol.DownstreamHandler;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.protocol.DownstreamSession.End;
import dev.pingora.protocol.SessionHandler;
import dev.pingora.protocol.ShutdownStage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection: {@link H1RequestReader} reads one request after the other, each
 * is handed to the engine as a session, {@link H1DownstreamSession} writes its response,
 * and {@link H1Closing} knows the ways to close.
 * <p>
 * All callbacks enter through the isolation border as steps of the connection; what the
 * engine does for a request has a border of its own within. All fields are owned by the
 * channel's event loop, but for those that the constructor sets.
 */
public final class H1ServerConnection extends ChannelInboundHandlerAdapter implements Isolated, H1RequestReader.Sink {

	// A client may have sent a request that nobody has read yet.
	private static final long LAST_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	private final DownstreamOptions options;

	private final SessionHandler sessions;

	private final PanicIsolation isolation;

	private final ClosingLimitCounts closed;

	private @Nullable H1Wire wire;

	// The present request.

	private @Nullable H1DownstreamSession session;

	private @Nullable DownstreamHandler handler;

	private boolean lastResponse;

	// The connection.

	private ShutdownStage stage = ShutdownStage.SERVING;

	private boolean left;

	/**
	 * Makes the handler of one channel.
	 * @param options what is allowed to the client
	 * @param sessions who takes the requests
	 * @param isolation the border
	 * @param closed counts the connections that limits close
	 */
	public H1ServerConnection(DownstreamOptions options, SessionHandler sessions, PanicIsolation isolation,
			ClosingLimitCounts closed) {
		this.options = options;
		this.sessions = sessions;
		this.isolation = isolation;
		this.closed = closed;
	}

	H1Wire wire() {
		H1Wire wire = this.wire;
		if (wire == null) {
			throw new IllegalStateException("not added to a channel");
		}
		return wire;
	}

	// Entries from Netty, each through the border.

	@Override
	public void handlerAdded(ChannelHandlerContext ctx) {
		this.wire = H1Wire.of(ctx.channel(), this, this.options, this.isolation, this.closed);
	}

	@Override
	public void channelRead(ChannelHandlerContext ctx, Object message) {
		wire().clock().hold();
		this.isolation.run(this, (ByteBuf) message, H1ServerConnection::received);
		wire().clock().go();
	}

	@Override
	public void channelReadComplete(ChannelHandlerContext ctx) {
		wire().reader().turnIsOver();
		readComplete();
	}

	@Override
	public void channelWritabilityChanged(ChannelHandlerContext ctx) {
		if (ctx.channel().isWritable() && !this.left) {
			ctx.channel().eventLoop().execute(() -> this.isolation.run(this, H1ServerConnection::writable));
		}
	}

	@Override
	public void channelInactive(ChannelHandlerContext ctx) {
		this.isolation.run(this, H1ServerConnection::closed);
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
		// Later, for it may be a call of the session that has failed to write.
		ctx.channel().eventLoop().execute(() -> this.isolation.run(this, cause, H1ServerConnection::broke));
	}

	// Reading.

	private void received(ByteBuf data) throws ProxyException {
		if (this.left) {
			wire().closing().discard(data);
			return;
		}
		wire().reader().add(data);
		process();
	}

	private void process() throws ProxyException {
		wire().reader().process();
		if (wire().reader().yields()) {
			// Scheduled, for the loop looks at no socket before what it executes.
			wire().later(() -> this.isolation.run(this, H1ServerConnection::nextTurn));
		}
	}

	private void nextTurn() throws ProxyException {
		wire().reader().nextTurn();
		processNow();
	}

	private void processLater() {
		if (wire().reader().hasWork()) {
			wire().channel().eventLoop().execute(() -> this.isolation.run(this, H1ServerConnection::processNow));
		}
	}

	private void processNow() throws ProxyException {
		if (!this.left) {
			process();
			readComplete();
		}
	}

	private void readComplete() {
		DownstreamHandler handler = this.handler;
		if (handler != null) {
			handler.onReadComplete();
		}
	}

	@Override
	public void head(HeadTable head, boolean hasBody) {
		H1DownstreamSession session = new H1DownstreamSession(this, wire().channel(), head, hasBody);
		this.session = session;
		wire().closing().begun();
		this.handler = this.sessions.open(session);
		this.handler.onRequest();
	}

	@Override
	public void body(ByteBuf octets, boolean end) {
		DownstreamHandler handler = this.handler;
		if (handler != null) {
			handler.onBody(octets, end);
		}
		else {
			octets.release();
		}
	}

	@Override
	public void trailers(Headers trailers) {
		DownstreamHandler handler = this.handler;
		if (handler != null) {
			handler.onTrailers(trailers);
		}
	}

	// What the session asks for.

	void credit(int credit) {
		wire().reader().credit(credit);
		processLater();
	}

	/**
	 * Returns whether the connection goes on after the present response, as far as is
	 * known now: only if the request is read whole (RFC 9112 section 9.3).
	 * @return whether it may
	 */
	boolean willGoOn() {
		H1RequestReader reader = wire().reader();
		reader.skipUnwantedBody();
		return reader.wantsKeepAlive() && !this.lastResponse && reader.isRequestComplete()
				&& this.stage == ShutdownStage.SERVING && wire().closing().allowsAnother();
	}

	void endAfterResponse() {
		this.lastResponse = true;
	}

	H1Tunnel<H1ServerConnection> tunnel(DownstreamHandler tunnel) {
		this.lastResponse = true;
		this.handler = tunnel;
		return wire().tunnel(this.isolation, this, H1ServerConnection::processNow);
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
		H1RequestReader reader = wire().reader();
		if (end == End.RESET || (end == End.REUSE && !complete)) {
			wire().body().drop();
			leave();
			wire().closing().reset();
			return;
		}
		wire().flush();
		if (end == End.REUSE && !this.lastResponse && reader.isRequestComplete()) {
			wire().closing().answered(!reader.isInputEmpty());
			reader.next();
			processLater();
		}
		else {
			boolean allRead = reader.isRequestComplete() && reader.isInputEmpty();
			leave();
			wire().closing().close(allRead);
		}
	}

	private void leave() {
		this.left = true;
		wire().stopReading();
	}

	// What goes wrong.

	@Override
	public void failed(ProxyException error) {
		DownstreamHandler handler = this.handler;
		if (handler != null) {
			this.lastResponse = true;
			wire().reader().stop();
			handler.onFailure(error);
		}
		else if (!this.left) {
			refuse(error);
		}
	}

	private void refuse(ProxyException error) {
		leave();
		wire().refuse(error, this.sessions);
	}

	void readTimedOut() throws ProxyException {
		wire().closing().timedOut(wire().reader().timedOut(), this.stage);
		leaveIdle();
	}

	@Override
	public void bodyRateTick() {
		this.isolation.run(this, (connection) -> connection.wire().reader().checkBodyRate());
	}

	void doesNotRead(ErrorType type) throws ProxyException {
		if (this.handler != null) {
			throw ProxyException.downstream(type, "response: the client does not read");
		}
		wire().closing().unread(type);
	}

	private void writable() throws ProxyException {
		DownstreamHandler handler = this.handler;
		if (handler != null && wire().channel().isWritable()) {
			handler.onWritable();
		}
		else if (handler == null && wire().reader().hasWork()) {
			processNow();
		}
	}

	private void closed() throws ProxyException {
		wire().closed();
		if (this.handler != null) { // RFC 9112 section 8, if within a request
			throw ProxyException.downstream(ErrorType.CONNECTION_CLOSED, "the client is gone");
		}
		leave();
	}

	private void broke(Throwable cause) throws ProxyException {
		if (!(cause instanceof IOException)) {
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
	 * Tells how far the server's end has come: any thread may, once this was added.
	 * @param stage the stage that was reached
	 */
	public void shutDown(ShutdownStage stage) {
		if (this.wire != null) { // else it could not be added, and is closed
			wire().channel().eventLoop().execute(() -> this.isolation.run(this, stage, H1ServerConnection::reached));
		}
	}

	private void reached(ShutdownStage stage) {
		this.stage = stage;
		switch (stage) {
			case SERVING, QUIESCED -> {
				// Only the next response's head is different.
			}
			case DRAINING -> {
				if (!this.left) {
					wire().reader().waitAtMost(LAST_LOOK_NANOS);
				}
			}
			case EXPIRED -> {
				if (this.session == null || !this.session.isResponseComplete()) {
					endRequest();
				}
			}
			case ABORTED -> {
				endRequest();
				wire().closing().resetNow();
			}
		}
	}

	private void endRequest() {
		DownstreamHandler handler = this.handler;
		ProxyException error = ProxyException.internal(ErrorType.SHUTDOWN, "the server ends");
		if (handler != null) {
			handler.onFailure(error);
		}
		else if (!this.left && wire().reader().isIdle()) {
			leaveIdle();
		}
		else if (!this.left) {
			refuse(error);
		}
	}

	// No request is there, but the client may not have read the last response yet.
	private void leaveIdle() {
		leave();
		wire().closing().close(true);
		wire().writeWatch().flushed();
	}

}
