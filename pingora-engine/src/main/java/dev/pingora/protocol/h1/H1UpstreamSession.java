package dev.pingora.protocol.h1;

import java.util.Objects;

import dev.pingora.error.ProxyException;
import dev.pingora.error.Retry;
import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.protocol.UpstreamHandler;
import dev.pingora.protocol.UpstreamSession;
import dev.pingora.upstream.PeerOptions;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * One attempt's use of a connection to a peer: writes the request. A new one is made for
 * each use, so that a stale one can't touch the next. Owned by the connection's event
 * loop.
 */
final class H1UpstreamSession implements UpstreamSession, H1Exchange {

	private final H1ClientConnection connection;

	private final Channel channel;

	private final PeerOptions options;

	private final boolean reused;

	private @Nullable UpstreamHandler handler;

	private boolean toHead;

	private boolean headWritten;

	private boolean requestComplete;

	private boolean broken;

	private boolean failed;

	private boolean ended;

	private @Nullable String upgrade;

	private @Nullable H1Tunnel<H1ClientConnection> tunnel;

	H1UpstreamSession(H1ClientConnection connection, Channel channel, PeerOptions options, boolean reused) {
		this.connection = connection;
		this.channel = channel;
		this.options = options;
		this.reused = reused;
	}

	@Override
	public void start(UpstreamHandler handler) {
		this.handler = handler;
	}

	UpstreamHandler handler() {
		return Objects.requireNonNull(this.handler, "start(...) was not called");
	}

	PeerOptions options() {
		return this.options;
	}

	@Override
	public EventLoop loop() {
		return this.channel.eventLoop();
	}

	@Override
	public boolean isReused() {
		return this.reused;
	}

	@Override
	public void writeHeader(RequestHeader header, boolean end) {
		this.toHead = header.method().equals("HEAD");
		if (isOpen()) {
			this.headWritten = true;
			ByteBuf out = this.connection.writer().buffer(this.channel.alloc());
			H1HeadWriter.Written framing = this.connection.writer().request(out, header, end);
			this.connection.body().start(out, framing, end);
		}
		complete(end);
	}

	@Override
	public void writeUpgrade(RequestHeader header, String protocol) {
		this.toHead = header.method().equals("HEAD");
		this.upgrade = protocol;
		if (isOpen()) {
			this.headWritten = true;
			ByteBuf out = this.channel.alloc().buffer(512);
			this.connection.writer().request(out, header, true);
			H1Upgrade.add(out, protocol);
			this.channel.write(out, this.channel.voidPromise());
		}
		complete(true);
	}

	@Override
	public void writeBody(ByteBuf data, boolean end) {
		if (this.tunnel != null && !this.ended) {
			this.tunnel.write(data, end);
			return;
		}
		if (!isOpen()) {
			data.release();
			return;
		}
		wrote(this.connection.body().write(data, end), end);
	}

	@Override
	public void writeTrailers(Headers trailers) {
		if (isOpen()) {
			wrote(this.connection.body().writeTrailers(trailers, this.connection.writer()), true);
		}
	}

	private void wrote(@Nullable ProxyException wrongLength, boolean end) {
		if (wrongLength != null) {
			this.broken = true;
			this.connection.failLater(this, wrongLength);
		}
		else {
			complete(end);
		}
	}

	private void complete(boolean end) {
		if (end) {
			this.requestComplete = true;
			this.connection.requestWritten();
		}
	}

	@Override
	public void awaitContinue(boolean waits) {
		if (isOpen()) {
			this.connection.awaitContinue(waits);
		}
	}

	@Override
	public void flush() {
		if (!this.ended) {
			this.connection.flush();
		}
	}

	@Override
	public void credit(int credit) {
		if (!this.ended) {
			this.connection.credit(credit);
		}
	}

	@Override
	public boolean isWritable() {
		return this.channel.isWritable();
	}

	/**
	 * Notes that the session has failed. A broken connection fails each of its writes,
	 * but the handler is told once.
	 * @return whether this is the first time
	 */
	boolean failFirst() {
		boolean first = !this.failed;
		this.failed = true;
		return first;
	}

	/**
	 * Judges a failure by what was sent.
	 * @param error the failure
	 * @return the same, or, if nothing was sent, one that may be met by sending the
	 * request elsewhere, whatever it is
	 */
	ProxyException verdict(ProxyException error) {
		return (!this.headWritten && error.retry() == Retry.IF_REUSED) ? error.withRetry(Retry.ALWAYS) : error;
	}

	/**
	 * Nothing can be written any more, but an answer may have come.
	 */
	void stopWriting() {
		this.broken = true;
	}

	private boolean isOpen() {
		return !this.ended && !this.broken && !this.requestComplete && this.channel.isActive();
	}

	@Nullable H1Tunnel<H1ClientConnection> tunnel() {
		return this.tunnel;
	}

	// The response, as it is read.

	@Override
	public @Nullable String upgrade() {
		return this.upgrade;
	}

	@Override
	public void upgraded(ResponseHeader header) {
		this.tunnel = this.connection.tunnel();
		handler().onUpgrade(header);
	}

	@Override
	public boolean isHeadWritten() {
		return this.headWritten;
	}

	@Override
	public boolean isToHead() {
		return this.toHead;
	}

	@Override
	public long readTimeoutNanos() {
		return this.options.readTimeout().toNanos();
	}

	@Override
	public void informational(ResponseHeader header) {
		handler().onInformational(header);
	}

	@Override
	public void head(ResponseHeader header, boolean end) {
		handler().onHeader(header, end);
	}

	@Override
	public void body(ByteBuf octets, boolean end) {
		handler().onBody(octets, end);
	}

	@Override
	public void trailers(Headers trailers) {
		handler().onTrailers(trailers);
	}

	// The end.

	@Override
	public void recycle() {
		if (!this.ended) {
			this.ended = true;
			this.connection.sessionEnded(this, this.requestComplete && !this.broken);
		}
	}

	@Override
	public void close() {
		if (!this.ended) {
			this.ended = true;
			this.connection.sessionEnded(this, false);
		}
	}

}
