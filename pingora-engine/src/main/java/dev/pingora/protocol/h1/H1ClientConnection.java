package dev.pingora.protocol.h1;

import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.TimeUnit;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.panic.Isolated;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.protocol.UpstreamSession;
import dev.pingora.transport.PeerEnd;
import dev.pingora.upstream.HttpPeer;
import dev.pingora.upstream.PeerKey;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a peer, used by one session after the other: {@link H1UpstreamSession}
 * writes the request, {@link H1ResponseReader} reads the response.
 * <p>
 * It is used again only if both directions were complete, both sides want it to go on,
 * and nothing was received beyond the response: whatever comes while it is idle, were it
 * an end, closes it. All callbacks enter through the isolation border as steps of the
 * connection. All fields are owned by the channel's event loop, but for those that the
 * constructor sets.
 */
public final class H1ClientConnection extends ChannelInboundHandlerAdapter implements Isolated {

	// The older a connection, the likelier its peer is just about to close it.
	private static final long OLD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	private final PanicIsolation isolation;

	private final PeerKey key;

	private final Owner owner;

	private @Nullable H1ClientWire wire;

	private @Nullable H1UpstreamSession session;

	private boolean used;

	private long idleSince;

	private boolean closing;

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
		 * The connection is to be closed, which takes io_uring a while. At most once.
		 * @param connection the connection
		 */
		void closing(H1ClientConnection connection);

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
	 * Returns whether the idle connection may be used. If it was idle for long, the
	 * system is asked as well: its peer's end may have come without the event loop having
	 * been told yet. To be called on the event loop.
	 * @return whether no end of it is known
	 */
	public boolean isFit() {
		Channel channel = wire().channel();
		return isOpen() && (wire().clock().now() - this.idleSince < OLD_NANOS || !PeerEnd.hasCome(channel));
	}

	// On io_uring a channel is active until its closing, which may take a while, is done.
	private boolean isOpen() {
		return !this.closing && wire().channel().isActive();
	}

	/**
	 * Begins a session. To be called on the event loop, while the connection is idle.
	 * @param peer the peer, whose options apply to the session
	 * @return the session
	 */
	public UpstreamSession open(HttpPeer peer) {
		H1ClientWire wire = wire();
		wire.writeWatch().start(peer.options().writeTimeout().toNanos());
		H1UpstreamSession session = new H1UpstreamSession(this, wire.channel(), peer.options(), this.used);
		wire.reader().limit(peer.options());
		wire.reader().start(session);
		this.session = session;
		this.used = true;
		return session;
	}

	/**
	 * Closes the connection. To be called on the event loop.
	 */
	public void close() {
		boolean first = !this.closing;
		this.closing = true;
		Channel channel = wire().channel();
		channel.close();
		if (first && !channel.closeFuture().isDone()) {
			this.owner.closing(this);
		}
	}

	/**
	 * Waits for the end of the connection. To be called on the event loop.
	 * @param action is run on the loop then, perhaps within this call; must not throw
	 */
	public void whenClosed(Runnable action) {
		wire().channel().closeFuture().addListener((future) -> action.run());
	}

	private H1ClientWire wire() {
		H1ClientWire wire = this.wire;
		if (wire == null) {
			throw new IllegalStateException("not added to a channel");
		}
		return wire;
	}

	// Entries from Netty, each through the border.

	@Override
	public void handlerAdded(ChannelHandlerContext ctx) {
		this.wire = H1ClientWire.of(ctx.channel(), this.key,
				() -> this.isolation.run(this, H1ClientConnection::readTimedOut),
				() -> this.isolation.run(this, H1ClientConnection::writeTimedOut));
		// A write that fails must not throw away an answer that was received.
		ctx.channel().config().setAutoClose(false);
	}

	@Override
	public void channelRead(ChannelHandlerContext ctx, Object message) {
		wire().clock().hold();
		this.isolation.run(this, (ByteBuf) message, H1ClientConnection::received);
		wire().clock().go();
	}

	@Override
	public void channelReadComplete(ChannelHandlerContext ctx) {
		readComplete();
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
		H1UpstreamSession session = this.session;
		if (session != null && (session.tunnel() != null || !isBroken(cause))) {
			// Its handler is told, but later, for it may be a call of the session that
			// has failed to write.
			ctx.channel().eventLoop().execute(() -> this.isolation.run(this, cause, H1ClientConnection::broke));
		}
		else {
			this.isolation.run(this, cause, H1ClientConnection::broke);
		}
	}

	private void received(ByteBuf data) throws ProxyException {
		if (this.session == null) {
			data.release(); // RFC 9112 section 9.2: nobody asked, who knows what it is
			close();
			return;
		}
		wire().reader().add(data);
		wire().reader().process(wire().channel());
	}

	// What the session asks for.

	H1HeadWriter writer() {
		return wire().writer();
	}

	BodyWriter body() {
		return wire().body();
	}

	void requestWritten() {
		wire().reader().requestWritten();
	}

	void awaitContinue(boolean waits) {
		wire().reader().awaitContinue(waits);
	}

	void credit(int credit) {
		wire().reader().credit(credit);
		if (wire().reader().hasWork()) {
			wire().channel().eventLoop().execute(() -> this.isolation.run(this, H1ClientConnection::processNow));
		}
	}

	private void processNow() throws ProxyException {
		wire().reader().process(wire().channel());
		readComplete();
	}

	private void readComplete() {
		H1UpstreamSession session = this.session;
		if (session != null) {
			session.handler().onReadComplete();
		}
	}

	H1Tunnel<H1ClientConnection> tunnel() {
		return new H1Tunnel<>(wire().channel(), this.isolation, this, H1ClientConnection::inputEnded);
	}

	private void inputEnded() throws ProxyException {
		wire().reader().endOfInput();
		processNow();
	}

	void flush() {
		wire().flush();
	}

	void failLater(H1UpstreamSession session, ProxyException error) {
		wire().channel().eventLoop().execute(() -> this.isolation.run(this, session, (connection, failed) -> {
			if (connection.session == failed && failed.failFirst()) {
				failed.handler().onFailure(error);
			}
		}));
	}

	// Whatever throws here, nobody else would close the connection.
	void sessionEnded(H1UpstreamSession session, boolean reusable) {
		this.session = null;
		boolean kept = false;
		try {
			wire().writeWatch().stop();
			wire().body().drop();
			kept = reusable && keep(session.options().idleTimeout().toNanos());
		}
		finally {
			if (!kept) {
				end(session);
			}
		}
	}

	private boolean keep(long idleNanos) {
		if (!wire().reader().mayGoOn() || !isOpen() || idleNanos <= 0) {
			return false;
		}
		wire().reader().idle(idleNanos);
		this.idleSince = wire().clock().now();
		this.owner.idle(this);
		return true;
	}

	private void end(H1UpstreamSession session) {
		H1Tunnel<H1ClientConnection> tunnel = session.tunnel();
		boolean whole = wire().reader().isComplete();
		wire().reader().close();
		if (tunnel != null) {
			tunnel.close(whole, session.options().writeTimeout().toNanos());
		}
		else {
			close();
		}
	}

	// What goes wrong.

	private void readTimedOut() throws ProxyException {
		H1UpstreamSession session = this.session;
		if (session == null) {
			close(); // idle for long enough
			return;
		}
		throw ProxyException.upstream(ErrorType.READ_TIMEDOUT,
				this.key + ": no octet within " + session.options().readTimeout().toMillis() + " ms");
	}

	private void writeTimedOut() throws ProxyException {
		if (this.session != null) {
			throw ProxyException.upstream(ErrorType.WRITE_TIMEDOUT, this.key + ": the peer does not read");
		}
	}

	private void writable() {
		H1UpstreamSession session = this.session;
		if (session != null && wire().channel().isWritable()) {
			session.handler().onWritable();
		}
	}

	private void closed() throws ProxyException {
		this.owner.closed(this);
		wire().writeWatch().cancel();
		wire().reader().endOfInput();
		H1UpstreamSession session = this.session;
		if (session == null) {
			wire().reader().close();
		}
		else if (session.tunnel() != null) { // a FIN does not close it
			throw wire().reader().failure(ErrorType.CONNECTION_CLOSED, "has broken the connection");
		}
		else {
			processNow();
		}
	}

	// If it was reading that failed, the channel is closed after this; if it was writing,
	// reading goes on to the end.
	private void broke(Throwable cause) throws ProxyException {
		if (!isBroken(cause)) {
			PanicIsolation.rethrow(cause);
		}
		H1UpstreamSession session = this.session;
		if (session == null) {
			close();
			return;
		}
		String reason = String.valueOf(((cause.getCause() != null) ? cause.getCause() : cause).getMessage());
		if (session.tunnel() != null) { // no answer is waited for
			throw wire().reader().failure(ErrorType.READ_ERROR, reason);
		}
		wire().reader().broken(reason);
		session.stopWriting();
	}

	// A socket that can't be shut down any more is broken as well.
	private static boolean isBroken(Throwable cause) {
		return cause instanceof IOException || cause instanceof NotYetConnectedException;
	}

	@Override
	public PanicSite panicSite() {
		return PanicSite.of(PanicSite.CODEC, "http1");
	}

	@Override
	public void failed(ProxyException error) {
		H1UpstreamSession session = this.session;
		if (session == null) {
			close();
			return;
		}
		wire().reader().stop(); // nothing more is delivered
		if (session.failFirst()) {
			session.handler().onFailure(session.verdict(error));
		}
	}

	@Override
	public void panicked(Panic panic) {
		H1UpstreamSession session = this.session;
		if (session == null) {
			close();
			return;
		}
		wire().reader().stop();
		session.handler().onPanic(panic);
	}

}
