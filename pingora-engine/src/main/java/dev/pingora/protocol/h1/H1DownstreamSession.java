package dev.pingora.protocol.h1;

import java.net.SocketAddress;

import dev.pingora.error.ProxyException;
import dev.pingora.forwarding.ClientFacts;
import dev.pingora.http.HeadTable;
import dev.pingora.http.Headers;
import dev.pingora.http.HttpVersion;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.protocol.DownstreamHandler;
import dev.pingora.protocol.DownstreamSession;
import dev.pingora.transport.UnixAddress;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * One request on a client's connection: writes the response. A new one is made for each
 * request, so that a stale one can't touch the next request. Owned by the connection's
 * event loop.
 */
final class H1DownstreamSession implements DownstreamSession {

	private final H1ServerConnection connection;

	private final Channel channel;

	private final RequestHeader request;

	private final boolean hasBody;

	private final boolean toHead;

	private boolean responseComplete;

	private boolean broken;

	private boolean ended;

	private @Nullable H1Tunnel<H1ServerConnection> tunnel;

	H1DownstreamSession(H1ServerConnection connection, Channel channel, HeadTable head, boolean hasBody) {
		this.connection = connection;
		this.channel = channel;
		this.request = head.request();
		this.hasBody = hasBody;
		this.toHead = head.firstEnd() - head.firstStart() == 4 && this.request.method().equals("HEAD");
	}

	@Override
	public RequestHeader request() {
		return this.request;
	}

	@Override
	public boolean hasBody() {
		return this.hasBody;
	}

	@Override
	public @Nullable String upgrade() {
		return this.hasBody ? null : this.connection.wire().reader().upgrade();
	}

	@Override
	public String protocol() {
		return this.request.version().toString();
	}

	@Override
	public EventLoop loop() {
		return this.channel.eventLoop();
	}

	@Override
	public SocketAddress remoteAddress() {
		return UnixAddress.remote(this.channel);
	}

	@Override
	public SocketAddress localAddress() {
		return UnixAddress.local(this.channel);
	}

	@Override
	public ClientFacts client() {
		return this.connection.wire().client();
	}

	@Override
	public void credit(int credit) {
		if (!this.ended) {
			this.connection.credit(credit);
		}
	}

	@Override
	public boolean awaitContinue(boolean passedOn) {
		return !this.ended && this.connection.wire().reader().awaitContinue(passedOn);
	}

	@Override
	public boolean isWritable() {
		return this.channel.isWritable();
	}

	@Override
	public void endAfterResponse() {
		if (!this.ended) {
			this.connection.endAfterResponse();
		}
	}

	@Override
	public void writeInformational(ResponseHeader header) {
		// RFC 9110 section 15.2: not to a client of HTTP/1.0
		if (isOpen() && this.request.version() != HttpVersion.HTTP_1_0) {
			ByteBuf out = this.channel.alloc().buffer(256);
			this.connection.wire().writer().informational(out, header);
			this.channel.write(out, this.channel.voidPromise());
			if (header.status() == 100) {
				this.connection.wire().reader().continued();
			}
		}
	}

	@Override
	public void writeHeader(ResponseHeader header, boolean end) {
		if (!isOpen()) {
			return;
		}
		H1HeadWriter writer = this.connection.wire().writer();
		boolean keepAlive = this.connection.willGoOn();
		ByteBuf out = writer.buffer(this.channel.alloc());
		H1HeadWriter.Written framing = writer.response(out, header, end,
				H1HeadWriter.Exchange.of(this.request.version(), this.toHead, keepAlive));
		if (writer.saidClose()) {
			this.connection.endAfterResponse();
		}
		this.connection.wire().body().start(out, framing, end);
		this.responseComplete = end;
	}

	@Override
	public void acceptUpgrade(ResponseHeader header, DownstreamHandler tunnel) {
		String protocol = upgrade();
		if (isOpen() && protocol != null) {
			ByteBuf out = this.channel.alloc().buffer(256);
			// It has no length either.
			this.connection.wire().writer().informational(out, header);
			H1Upgrade.add(out, protocol);
			this.channel.write(out, this.channel.voidPromise());
			this.tunnel = this.connection.tunnel(tunnel);
		}
	}

	@Override
	public void writeBody(ByteBuf data, boolean end) {
		if (this.tunnel != null && !this.ended) {
			this.tunnel.write(data, end);
			return;
		}
		if (!isOpen() || this.toHead) {
			data.release();
			this.responseComplete |= end;
			return;
		}
		wrote(this.connection.wire().body().write(data, end), end);
	}

	@Override
	public void writeTrailers(Headers trailers) {
		if (this.toHead) { // a filter may have asked the upstream for more than the head
			this.responseComplete |= isOpen();
		}
		else if (isOpen()) {
			wrote(this.connection.wire().body().writeTrailers(trailers, this.connection.wire().writer()), true);
		}
	}

	private void wrote(@Nullable ProxyException wrongLength, boolean end) {
		if (wrongLength != null) {
			this.broken = true;
			this.connection.failLater(this, wrongLength);
		}
		else {
			this.responseComplete = end;
		}
	}

	@Override
	public boolean hasFailed() {
		return this.broken;
	}

	@Override
	public void flush() {
		if (!this.ended) {
			this.connection.wire().flush();
		}
	}

	private boolean isOpen() {
		return !this.ended && !this.broken && !this.responseComplete && this.channel.isActive();
	}

	boolean isResponseComplete() {
		return this.responseComplete;
	}

	@Override
	public void end(End end) {
		if (!this.ended) {
			this.ended = true;
			this.connection.sessionEnded(end, this.responseComplete && !this.broken);
		}
	}

}
