package dev.pingora.protocol.h1;

import java.util.concurrent.TimeUnit;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.protocol.ClientLimits;
import dev.pingora.transport.Deadline;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * Notices a client that takes a response too slowly, although it takes something now and
 * then. Owned by the channel's event loop.
 * <p>
 * If octets still wait to be sent when the grace is over, a mark is put behind them. It
 * has to go out in the time that so many octets may take. A client's system tells in
 * large steps what its application has read; so nothing smaller than all that waits is
 * measured.
 */
final class H1SendRate {

	private final Channel channel;

	private final double nanosPerOctet;

	private final long graceNanos;

	private final H1ServerConnection connection;

	private final PanicIsolation isolation;

	private final Deadline deadline;

	private boolean watching;

	private boolean marked;

	private boolean cancelled;

	/**
	 * Makes a rate that is not watched.
	 * @param channel the channel
	 * @param limits the rate, more than 0, and the grace
	 * @param connection who is told
	 * @param isolation the border
	 */
	H1SendRate(Channel channel, ClientLimits limits, H1ServerConnection connection, PanicIsolation isolation) {
		this.channel = channel;
		this.nanosPerOctet = TimeUnit.SECONDS.toNanos(1) / (double) limits.minResponseRate();
		this.graceNanos = limits.rateGrace().toNanos();
		this.connection = connection;
		this.isolation = isolation;
		this.deadline = new Deadline(channel.eventLoop(), () -> isolation.run(connection, (ignored) -> timeIsUp()));
	}

	/**
	 * Something was flushed: watch it if it did not go out at once.
	 */
	void flushed() {
		if (!this.watching && !this.cancelled && pending() > 0) {
			this.watching = true;
			this.deadline.arm(this.graceNanos);
		}
	}

	private long pending() {
		ChannelOutboundBuffer buffer = this.channel.unsafe().outboundBuffer();
		return (buffer == null || buffer.isEmpty()) ? 0 : buffer.totalPendingWriteBytes();
	}

	private void timeIsUp() throws ProxyException {
		long pending = pending();
		if (this.marked) {
			this.connection.doesNotRead(ErrorType.WRITE_TOO_SLOW);
		}
		else if (pending > 0) {
			this.marked = true;
			this.deadline.arm(this.graceNanos + (long) (pending * this.nanosPerOctet));
			this.channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
				.addListener((sent) -> this.isolation.run(this.connection, (ignored) -> markPassed()));
		}
		else {
			this.watching = false;
		}
	}

	private void markPassed() {
		this.marked = false;
		this.watching = false;
		this.deadline.disarm();
		flushed();
	}

	void cancel() {
		this.cancelled = true;
		this.deadline.cancel();
	}

}
