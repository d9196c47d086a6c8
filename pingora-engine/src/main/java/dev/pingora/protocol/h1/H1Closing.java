package dev.pingora.protocol.h1;

import java.util.concurrent.TimeUnit;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.HttpDate;
import dev.pingora.http.HttpVersion;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.Isolated;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.protocol.ClosingLimit;
import dev.pingora.protocol.ClosingLimitCounts;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.protocol.ShutdownStage;
import dev.pingora.transport.Deadline;
import dev.pingora.transport.SendQueue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import org.jspecify.annotations.Nullable;

/**
 * The ways in which a client's connection is closed. Owned by the channel's event loop.
 * <p>
 * <b>Politely</b>: what was written is delivered, then a FIN. If the client may still be
 * sending, closing at once would make the kernel answer with a reset, which overtakes the
 * response at the client; so only the sending side is closed, and what comes is discarded
 * for a while (RFC 9112 section 9.6).
 * <p>
 * <b>By a reset</b>, which tells the client that its response is not whole. A reset
 * discards what the kernel has not delivered yet, so the responses to earlier requests on
 * the connection are waited for, within a bound.
 */
final class H1Closing implements Isolated {

	private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

	private static final int MAX_DISCARDED = 256 * 1024;

	private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

	// Where the system can't tell what was delivered, and the client seems to have read
	// all of it, since it has sent its next request only now: a round trip around the
	// globe.
	private static final long BLIND_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

	private final Channel channel;

	private final PanicIsolation isolation;

	private final long resetNanos;

	private final int maxRequests;

	private final ClosingLimitCounts closed;

	private int requests;

	private @Nullable ClosingLimit limit;

	private @Nullable Deadline timer; // made when it is needed

	private final boolean blind;

	private boolean answered;

	private boolean ahead;

	private long lastAnswer;

	private boolean resetting;

	private long resetBy;

	private int discarded;

	H1Closing(Channel channel, PanicIsolation isolation, DownstreamOptions options, ClosingLimitCounts closed) {
		this.channel = channel;
		this.isolation = isolation;
		this.resetNanos = options.resetTimeout().toNanos();
		this.maxRequests = options.limits().maxKeepaliveRequests();
		this.closed = closed;
		this.blind = !SendQueue.isKnown(channel);
	}

	/**
	 * A request has begun.
	 */
	void begun() {
		this.requests++;
	}

	/**
	 * Returns whether there may be another request after the present one, if nothing else
	 * is against it.
	 * @return whether the limit allows it; else it closes the connection
	 */
	boolean allowsAnother() {
		boolean last = this.requests == this.maxRequests;
		if (last) {
			limited(ClosingLimit.MAX_KEEPALIVE_REQUESTS);
		}
		return !last;
	}

	/**
	 * A limit closes the connection: the last one is counted, once that is done.
	 * @param limit the limit
	 */
	void limited(ClosingLimit limit) {
		this.limit = limit;
	}

	/**
	 * No request has come in time: a limit closes the connection, unless it is the server
	 * that waits no longer since it drains.
	 * @param limit the limit
	 * @param stage how far the server's end has come
	 */
	void timedOut(ClosingLimit limit, ShutdownStage stage) {
		if (stage.compareTo(ShutdownStage.DRAINING) < 0) {
			limited(limit);
		}
	}

	/**
	 * A response has been written whole.
	 * @param ahead whether the client has sent the next request before it can have read
	 * this response
	 */
	void answered(boolean ahead) {
		this.answered = true;
		this.ahead = ahead;
		if (this.blind) {
			this.lastAnswer = System.nanoTime();
		}
	}

	/**
	 * Closes politely.
	 * @param allRead whether the client has sent nothing that was not read
	 */
	void close(boolean allRead) {
		ChannelOutboundBuffer waiting = this.channel.unsafe().outboundBuffer();
		if (waiting == null || waiting.totalPendingWriteBytes() == 0) {
			flushed(allRead);
			return;
		}
		this.channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
			.addListener((flushed) -> this.isolation.run(this, allRead, H1Closing::flushed));
	}

	private void flushed(boolean allRead) {
		if (allRead || !(this.channel instanceof DuplexChannel duplex)) {
			this.channel.close();
		}
		else if (this.channel.isActive()) {
			duplex.shutdownOutput();
			lookIn(LINGER_NANOS);
		}
	}

	/**
	 * Answers a request that never became a session, and closes.
	 * @param status the status
	 * @param writer writes the head
	 */
	void refuse(int status, H1HeadWriter writer) {
		ByteBuf out = this.channel.alloc().buffer(128);
		ResponseHeader header = ResponseHeader.of(status);
		header.headers().set("Date", HttpDate.now()); // RFC 9110 section 6.6.1
		if (status == 405) { // RFC 9110 section 15.5.6
			header.headers().set("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
		}
		writer.response(out, header, true, new H1HeadWriter.Exchange(HttpVersion.HTTP_1_1, false, false));
		this.channel.write(out, this.channel.voidPromise());
		close(false);
	}

	/**
	 * Takes what the client sends although nobody listens any more.
	 * @param data the octets, of which this method becomes the owner
	 */
	void discard(ByteBuf data) {
		this.discarded += data.readableBytes();
		data.release();
		if (this.discarded > MAX_DISCARDED && !this.resetting) {
			this.channel.close();
		}
	}

	/**
	 * Resets the connection as soon as earlier responses have been delivered.
	 */
	void reset() {
		if (this.answered && this.channel.isActive()) {
			this.resetting = true;
			this.resetBy = System.nanoTime() + this.resetNanos;
			checkDelivered();
		}
		else {
			resetNow();
		}
	}

	private void checkDelivered() {
		long now = System.nanoTime();
		boolean delivered = switch (SendQueue.of(this.channel)) {
			case EMPTY -> true;
			case PENDING -> false;
			case UNKNOWN -> !this.ahead && now - this.lastAnswer > BLIND_NANOS;
		};
		if (delivered || now - this.resetBy > 0) {
			resetNow();
		}
		else {
			lookIn(POLL_NANOS);
		}
	}

	/**
	 * Resets the connection of a client that does not read, or too slowly, what the
	 * requests that have ended have left behind.
	 * @param type which of both
	 */
	void unread(ErrorType type) {
		limited(type.equals(ErrorType.WRITE_TOO_SLOW) ? ClosingLimit.WRITE_TOO_SLOW : ClosingLimit.WRITE_TIMEDOUT);
		resetNow();
	}

	/**
	 * Resets the connection, whatever waits to be delivered.
	 */
	void resetNow() {
		if (this.channel.isActive()) {
			this.channel.config().setOption(ChannelOption.SO_LINGER, 0);
		}
		this.channel.close();
	}

	private void timeIsUp() {
		if (this.resetting) {
			checkDelivered();
		}
		else {
			this.channel.close();
		}
	}

	private void lookIn(long nanos) {
		if (this.timer == null) {
			this.timer = new Deadline(this.channel.eventLoop(), () -> this.isolation.run(this, H1Closing::timeIsUp));
		}
		this.timer.arm(nanos);
	}

	/**
	 * The channel is closed.
	 */
	void closed() {
		if (this.limit != null) {
			this.closed.closed(this.limit);
		}
		if (this.timer != null) {
			this.timer.cancel();
		}
	}

	@Override
	public PanicSite panicSite() {
		return PanicSite.of(PanicSite.CODEC, "http1");
	}

	@Override
	public void failed(ProxyException error) {
		this.channel.close();
	}

	@Override
	public void panicked(Panic panic) {
		this.channel.close();
	}

}
