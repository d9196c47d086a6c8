package dev.pingora.proxy.internal;

import dev.pingora.connector.ConnectHandler;
import dev.pingora.connector.Connector;
import dev.pingora.error.ProxyException;
import dev.pingora.event.Phase;
import dev.pingora.http.Headers;
import dev.pingora.http.HttpDate;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.protocol.UpstreamHandler;
import dev.pingora.protocol.UpstreamSession;
import dev.pingora.upstream.HttpPeer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * One try to call a peer: obtain a session, send the request, receive the response. It
 * owns the upstream session and ends it exactly once. Owned by the task's event loop.
 */
final class UpstreamAttempt implements ConnectHandler, UpstreamHandler {

	private final RequestTask task;

	private final HttpPeer peer;

	private @Nullable Runnable dialling;

	private @Nullable UpstreamSession session;

	private boolean responseEnded;

	private boolean upgraded;

	private boolean over;

	UpstreamAttempt(RequestTask task, HttpPeer peer) {
		this.task = task;
		this.peer = peer;
	}

	void connect() throws ProxyException {
		EventLoop loop = this.task.downstream.loop();
		Connector connector = this.task.engine.connector();
		boolean fresh = this.task.needsFreshConnection();
		UpstreamSession reused = fresh ? null : connector.reuse(loop, this.peer);
		if (reused != null) {
			connected(reused);
		}
		else {
			this.dialling = fresh ? connector.dial(loop, this.peer, this) : connector.obtain(loop, this.peer, this);
		}
	}

	private void connected(UpstreamSession session) throws ProxyException {
		this.dialling = null;
		this.session = session;
		if (this.task.ending.hasBegun()) {
			release(false);
			return;
		}
		session.start(this);
		this.task.arguments.reused = session.isReused();
		this.task.session.connected(session.isReused());
		this.task.walk.start(Phase.CONNECTED_TO_UPSTREAM);
	}

	private void connectFailed(ProxyException error) {
		this.dialling = null;
		this.task.failed(error);
	}

	void sendRequest() throws ProxyException {
		UpstreamSession session = session();
		RequestHeader request = this.task.arguments.upstreamRequest();
		if (!request.hasHeader("host")) { // RFC 9112 section 3.2; HTTP/1.0 needs none
			request.headers().set("Host", this.peer.key().authority());
		}
		this.task.session.observers.upstreamRequest(request);
		boolean hasBody = this.task.downstream.hasBody();
		String upgrade = this.task.downstream.upgrade();
		if (upgrade != null && request.hasHeader("upgrade")) { // a filter may forbid it
			session.writeUpgrade(request, upgrade);
		}
		else {
			session.writeHeader(request, !hasBody);
		}
		this.task.pump.startRequest(session);
		if (hasBody) {
			flushLater();
		}
		else {
			session.flush();
		}
	}

	// If the body's first piece is here already, it goes out together with the head.
	private void flushLater() {
		this.task.downstream.loop().execute(() -> isolation().run(this.task, (task) -> task.pump.flushUpstream()));
	}

	private void responseHeader(ResponseHeader header) throws ProxyException {
		if (this.task.isFailing()) {
			return;
		}
		// RFC 9110 section 6.6.1
		if (header.status() >= 200 && !header.hasHeader("Date")) {
			header.headers().add("Date", HttpDate.now());
		}
		this.task.session.responded(header, this.task.clock.now());
		this.task.arguments.response = header;
		this.task.arguments.upgraded = this.upgraded;
		this.task.walk.start(Phase.UPSTREAM_RESPONSE_FILTER);
	}

	private void informational(ResponseHeader header) {
		if (!this.task.isHeaderSent() && !this.task.isFailing()) {
			this.task.downstream.writeInformational(header);
			this.task.downstream.flush();
		}
	}

	HttpPeer peer() {
		return this.peer;
	}

	boolean isConnected() {
		return this.session != null;
	}

	boolean isDialling() {
		return this.dialling != null;
	}

	boolean isReused() {
		return this.session != null && this.session.isReused();
	}

	boolean isResponseEnded() {
		return this.responseEnded;
	}

	UpstreamSession session() {
		UpstreamSession session = this.session;
		if (session == null) {
			throw new IllegalStateException("not connected to " + this.peer);
		}
		return session;
	}

	/**
	 * Nothing more comes of the attempt: its observers are told, once.
	 * @param error why it failed, or {@code null}
	 */
	void over(@Nullable ProxyException error) {
		if (!this.over) {
			this.over = true;
			this.task.session.observers.attemptFinished(this.task.session.upstreamStatus(), error);
		}
	}

	/**
	 * Ends the attempt. Later calls do nothing.
	 * @param clean whether the connection may serve other requests
	 */
	void release(boolean clean) {
		Runnable cancelDialling = this.dialling;
		UpstreamSession session = this.session;
		this.dialling = null;
		this.session = null;
		if (cancelDialling != null) {
			cancelDialling.run();
		}
		if (session != null && clean) {
			session.recycle();
		}
		else if (session != null) {
			session.close();
		}
	}

	// Entries from the connector and the upstream session, each an isolation border.

	private PanicIsolation isolation() {
		return this.task.isolation();
	}

	@Override
	public void onConnected(UpstreamSession session) {
		isolation().run(this.task, session, (task, connection) -> task.attempt().connected(connection));
	}

	@Override
	public void onConnectFailed(ProxyException error) {
		isolation().run(this.task, error, (task, failed) -> task.attempt().connectFailed(failed));
	}

	@Override
	public void onConnectPanicked(Panic panic) {
		isolation().run(this.task, panic, (task, happened) -> task.panicked(happened));
	}

	@Override
	public void onInformational(ResponseHeader header) {
		isolation().run(this.task, header, (task, interim) -> task.attempt().informational(interim));
	}

	@Override
	public void onHeader(ResponseHeader header, boolean end) {
		this.responseEnded = end;
		isolation().run(this.task, header, (task, head) -> task.attempt().responseHeader(head));
	}

	@Override
	public void onUpgrade(ResponseHeader header) {
		this.upgraded = true;
		isolation().run(this.task, header, (task, head) -> task.attempt().responseHeader(head));
	}

	@Override
	public void onBody(ByteBuf data, boolean end) {
		this.responseEnded = end;
		isolation().run(this.task, data, (task, piece) -> task.pump.onResponseBody(piece));
	}

	@Override
	public void onTrailers(Headers trailers) {
		this.responseEnded = true;
		isolation().run(this.task, trailers, (task, fields) -> task.pump.onResponseTrailers(fields));
	}

	@Override
	public void onWritable() {
		isolation().run(this.task, (task) -> task.pump.onUpstreamWritable());
	}

	@Override
	public void onReadComplete() {
		isolation().run(this.task, (task) -> task.pump.flushDownstream());
	}

	@Override
	public void onFailure(ProxyException error) {
		isolation().run(this.task, error, (task, failed) -> task.failed(failed));
	}

	@Override
	public void onPanic(Panic panic) {
		isolation().run(this.task, panic, (task, happened) -> task.panicked(happened));
	}

}
