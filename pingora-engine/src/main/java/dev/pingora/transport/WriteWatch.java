package dev.pingora.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * Notices a channel whose writes make no progress. Owned by the channel's event loop.
 */
public final class WriteWatch {

	private final Channel channel;

	private final Runnable stuck;

	private final Deadline deadline;

	private long timeoutNanos;

	private boolean started;

	private boolean watching;

	private long pendingBefore;

	private long progressBefore;

	/**
	 * Makes a watch that is not started.
	 * @param channel the channel
	 * @param stuck is run on the loop when writes made no progress; it must not throw
	 */
	public WriteWatch(Channel channel, Runnable stuck) {
		this.channel = channel;
		this.stuck = stuck;
		this.deadline = new Deadline(channel.eventLoop(), this::check);
	}

	/**
	 * Starts, perhaps again.
	 * @param timeoutNanos how long writes may make no progress, in nanoseconds
	 */
	public void start(long timeoutNanos) {
		this.timeoutNanos = timeoutNanos;
		this.started = true;
	}

	/**
	 * Something was flushed: watch it if it did not go out at once.
	 */
	public void flushed() {
		if (this.started && !this.watching && remember()) {
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
	 * Stops watching, until the next start.
	 */
	public void stop() {
		this.started = false;
		this.watching = false;
		this.deadline.disarm();
	}

	/**
	 * Stops watching for good and frees the loop's timer.
	 */
	public void cancel() {
		stop();
		this.deadline.cancel();
	}

}
