package dev.pingora.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * Notices a channel whose writes make no progress. Owned by the channel's event loop.
 */
public final class WriteWatch {

	private final Channel channel;

	private final long timeoutNanos;

	private final Runnable stuck;

	private final Deadline deadline;

	private boolean watching;

	private boolean cancelled;

	private long pendingBefore;

	private long progressBefore;

	/**
	 * Makes a watch that is not watching.
	 * @param channel the channel
	 * @param timeoutNanos how long writes may make no progress, in nanoseconds
	 * @param stuck is run on the loop when they did not; it must not throw
	 */
	public WriteWatch(Channel channel, long timeoutNanos, Runnable stuck) {
		this.channel = channel;
		this.timeoutNanos = timeoutNanos;
		this.stuck = stuck;
		this.deadline = new Deadline(channel.eventLoop(), this::check);
	}

	/**
	 * Something was flushed: watch it if it did not go out at once.
	 */
	public void flushed() {
		if (!this.watching && !this.cancelled && remember()) {
			this.watching = true;
			this.deadline.arm(this.timeoutNanos);
		}
	}

	private boolean remember() {
		ChannelOutboundBuffer buffer = this.channel.unsafe().outboundBuffer();
		if (buffer == null || buffer.isEmpty()) {
			return false;
		}
		this.pendingBefore = buffer.totalPendingWriteBytes();
		this.progressBefore = buffer.currentProgress();
		return true;
	}

	private void check() {
		long pending = this.pendingBefore;
		long progress = this.progressBefore;
		if (!remember()) {
			this.watching = false;
		}
		else if (pending == this.pendingBefore && progress == this.progressBefore) {
			this.watching = false;
			this.stuck.run();
		}
		else {
			this.deadline.arm(this.timeoutNanos);
		}
	}

	/**
	 * Stops watching for good.
	 */
	public void cancel() {
		this.cancelled = true;
		this.deadline.cancel();
	}

}
