package dev.pingora.proxy.internal;

import java.time.Duration;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.event.RequestOutcome;
import dev.pingora.http.Headers;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.Isolated;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.protocol.DownstreamHandler;
import dev.pingora.protocol.DownstreamSession;
import dev.pingora.protocol.DownstreamSession.End;
import dev.pingora.protocol.PieceCost;
import dev.pingora.protocol.UpgradeOptions;
import dev.pingora.protocol.UpstreamHandler;
import dev.pingora.protocol.UpstreamSession;
import dev.pingora.transport.Deadline;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a request whose upgrade both sides agree to: raw octets in both
 * directions, with the back-pressure of bodies, but past their filters. It takes the
 * place of the task and of its attempt as the sessions' handler.
 * <p>
 * Each direction ends on its own. When both have ended, the request has; when a side has
 * ended and the other one stays silent, too. Whatever else happens to a connection ends
 * both by a reset. Owned by the task's event loop.
 */
final class Tunnel implements Isolated {

	private final RequestTask task;

	private final DownstreamSession client;

	private final UpstreamSession peer;

	private final Deadline silence;

	private final @Nullable Deadline lifetime;

	private long silenceNanos;

	private boolean clientEnded;

	private boolean peerEnded;

	private int owedToClient;

	private int owedToPeer;

	private boolean released;

	private Tunnel(RequestTask task) {
		UpgradeOptions options = task.engine.upgrades();
		this.task = task;
		this.client = task.downstream;
		this.peer = task.attempt().session();
		this.silenceNanos = options.idleTimeout().toNanos();
		this.silence = new Deadline(this.client.loop(), () -> isolation().run(this, Tunnel::silent));
		this.lifetime = options.maxLifetime().isZero() ? null
				: new Deadline(this.client.loop(), () -> isolation().run(this, Tunnel::tooOld));
	}

	/**
	 * The filters have seen the head of the 101.
	 * @param task the request
	 * @throws ProxyException if a filter's answer in its place can't be written
	 */
	static void start(RequestTask task) throws ProxyException {
		ResponseHeader response = task.arguments.response();
		task.session.status = response.status();
		if (response.status() != 101) { // a filter does not agree
			task.downstream.writeHeader(response, true);
			task.responseComplete();
			return;
		}
		Tunnel tunnel = new Tunnel(task);
		task.tunnel = tunnel;
		task.engine.tunnelOpened();
		tunnel.open(response);
	}

	private void open(ResponseHeader response) {
		this.peer.start(new FromPeer(this, this.task.attempt()));
		this.client.acceptUpgrade(response, new FromClient(this, this.task));
		this.silence.arm(this.silenceNanos);
		if (this.lifetime != null) {
			this.lifetime.arm(this.task.engine.upgrades().maxLifetime().toNanos());
		}
		this.client.flush(); // which may find out that the client is gone
		if (isOver()) {
			return;
		}
		this.client.credit(BodyPump.WINDOW);
		this.peer.credit(BodyPump.WINDOW);
	}

	private boolean isOver() {
		return this.task.isFailing();
	}

	// The octets.

	private void fromClient(ByteBuf data, boolean end) {
		int cost = PieceCost.of(data);
		this.task.session.bytesReceived += data.readableBytes();
		if (isOver()) {
			data.release();
			return;
		}
		this.clientEnded = end;
		this.peer.writeBody(data, end);
		creditClient(cost);
		moved(end);
	}

	private void fromPeer(ByteBuf data, boolean end) {
		if (isOver()) {
			data.release();
			return;
		}
		int cost = PieceCost.of(data);
		this.task.session.bytesSent += data.readableBytes();
		this.peerEnded = end;
		this.client.writeBody(data, end);
		creditPeer(cost);
		moved(end);
	}

	private void creditClient(int cost) {
		this.owedToClient += cost;
		if (this.owedToClient > 0 && !this.clientEnded && this.peer.isWritable()) {
			int credit = this.owedToClient;
			this.owedToClient = 0;
			this.client.credit(credit);
		}
	}

	private void creditPeer(int cost) {
		this.owedToPeer += cost;
		if (this.owedToPeer > 0 && !this.peerEnded && this.client.isWritable()) {
			int credit = this.owedToPeer;
			this.owedToPeer = 0;
			this.peer.credit(credit);
		}
	}

	// The end.

	private void moved(boolean end) {
		if (isOver()) {
			return; // writing has found out that a side is gone
		}
		if (this.clientEnded && this.peerEnded) {
			over(End.CLOSE);
			return;
		}
		if (end) {
			Duration halfClosed = this.task.engine.upgrades().halfCloseTimeout();
			this.silenceNanos = Math.min(this.silenceNanos, halfClosed.toNanos());
		}
		this.silence.arm(this.silenceNanos);
	}

	private void over(End how) {
		this.task.ending.begin(RequestOutcome.PROXIED, null, null, how);
	}

	private void silent() throws ProxyException {
		if (isOver()) {
			return;
		}
		if (this.clientEnded || this.peerEnded) {
			over(End.CLOSE);
			return;
		}
		throw ProxyException.downstream(ErrorType.READ_TIMEDOUT,
				"tunnel: no octet of either side within " + this.silenceNanos / 1_000_000 + " ms");
	}

	private void tooOld() throws ProxyException {
		if (!isOver()) {
			throw ProxyException.downstream(ErrorType.READ_TIMEDOUT,
					"tunnel: open for " + this.task.engine.upgrades().maxLifetime().toMillis() + " ms");
		}
	}

	// Who has ended its direction may go altogether: nobody reads what is still sent.

	private void clientFailed(ProxyException error) {
		if (this.clientEnded && isGone(error)) {
			over(End.RESET);
		}
		else {
			this.task.failed(error);
		}
	}

	private void peerFailed(ProxyException error) {
		if (this.peerEnded && isGone(error)) {
			over(End.CLOSE);
		}
		else {
			this.task.failed(error);
		}
	}

	private static boolean isGone(ProxyException error) {
		return error.type().equals(ErrorType.CONNECTION_CLOSED) || error.type().equals(ErrorType.READ_ERROR);
	}

	/**
	 * The request has ended. Later calls do nothing.
	 */
	void release() {
		if (!this.released) {
			this.released = true;
			this.silence.cancel();
			if (this.lifetime != null) {
				this.lifetime.cancel();
			}
			this.task.engine.tunnelClosed();
		}
	}

	// What the border asks and tells.

	private PanicIsolation isolation() {
		return this.task.isolation();
	}

	@Override
	public PanicSite panicSite() {
		return this.task.panicSite();
	}

	@Override
	public void failed(ProxyException error) {
		this.task.failed(error);
	}

	@Override
	public void panicked(Panic panic) {
		this.task.panicked(panic);
	}

	/**
	 * What the client's session tells, each entry an isolation border.
	 *
	 * @param tunnel the tunnel
	 * @param before who was told before
	 */
	private record FromClient(Tunnel tunnel, DownstreamHandler before) implements DownstreamHandler {

		@Override
		public void onRequest() {
			this.before.onRequest();
		}

		@Override
		public void onBody(ByteBuf data, boolean end) {
			if (end) {
				this.tunnel.isolation().run(this.tunnel, data, (tunnel, last) -> tunnel.fromClient(last, true));
			}
			else {
				this.tunnel.isolation().run(this.tunnel, data, (tunnel, piece) -> tunnel.fromClient(piece, false));
			}
		}

		@Override
		public void onTrailers(Headers trailers) {
			this.before.onTrailers(trailers);
		}

		@Override
		public void onWritable() {
			this.tunnel.isolation().run(this.tunnel, (tunnel) -> tunnel.creditPeer(0));
		}

		@Override
		public void onReadComplete() {
			this.tunnel.isolation().run(this.tunnel, (tunnel) -> tunnel.peer.flush());
		}

		@Override
		public void onFailure(ProxyException error) {
			this.tunnel.isolation().run(this.tunnel, error, Tunnel::clientFailed);
		}

		@Override
		public void onPanic(Panic panic) {
			this.before.onPanic(panic);
		}

	}

	/**
	 * What the peer's session tells, each entry an isolation border.
	 *
	 * @param tunnel the tunnel
	 * @param before who was told before
	 */
	private record FromPeer(Tunnel tunnel, UpstreamHandler before) implements UpstreamHandler {

		@Override
		public void onInformational(ResponseHeader header) {
			this.before.onInformational(header);
		}

		@Override
		public void onHeader(ResponseHeader header, boolean end) {
			this.before.onHeader(header, end);
		}

		@Override
		public void onUpgrade(ResponseHeader header) {
			this.before.onUpgrade(header);
		}

		@Override
		public void onBody(ByteBuf data, boolean end) {
			if (end) {
				this.tunnel.isolation().run(this.tunnel, data, (tunnel, last) -> tunnel.fromPeer(last, true));
			}
			else {
				this.tunnel.isolation().run(this.tunnel, data, (tunnel, piece) -> tunnel.fromPeer(piece, false));
			}
		}

		@Override
		public void onTrailers(Headers trailers) {
			this.before.onTrailers(trailers);
		}

		@Override
		public void onWritable() {
			this.tunnel.isolation().run(this.tunnel, (tunnel) -> tunnel.creditClient(0));
		}

		@Override
		public void onReadComplete() {
			this.tunnel.isolation().run(this.tunnel, (tunnel) -> tunnel.client.flush());
		}

		@Override
		public void onFailure(ProxyException error) {
			this.tunnel.isolation().run(this.tunnel, error, Tunnel::peerFailed);
		}

		@Override
		public void onPanic(Panic panic) {
			this.before.onPanic(panic);
		}

	}

}
