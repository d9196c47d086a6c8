package dev.pingora.transport;

import java.lang.ref.WeakReference;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Notices a channel whose writes make no progress. Owned by the channel's event loop.
 * <p>
 * Two looks see the same if the same piece is the next to go out, and as much of it has
 * gone. Pieces are told apart by identity, but what was written is soon used again for
 * another piece. So the first look leaves a mark behind all that waits: as long as it has
 * not gone out, whatever was appended since is behind it. What is pending says nothing:
 * as much may have been appended as has gone.
 */
public final class WriteWatch {

	// Most writes that don't go out at once do so soon, with io_uring all of them: the
	// first look comes after this part of the time.
	private static final int PATIENCE = 8;

	private final Channel channel;

	private final Runnable stuck;

	private final Deadline deadline;

	private long timeoutNanos;

	private boolean started;

	private boolean watching;

	// The last look. What was written is not kept from the collector.

	private @Nullable ChannelFuture mark;

	private @Nullable WeakReference<Object> piece;

	private long progress;

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
	 * @param timeoutNanos how long writes may make no progress, in nanoseconds; it may
	 * take an eighth longer until that is noticed
	 */
	public void start(long timeoutNanos) {
		this.timeoutNanos = timeoutNanos;
		this.started = true;
	}

	/**
	 * Something was flushed: watch it if it did not go out at once.
	 */
	public void flushed() {
		if (this.started && !this.watching && isWaiting()) {
			this.watching = true;
			this.deadline.arm(this.timeoutNanos / PATIENCE);
		}
	}

	private boolean isWaiting() {
		ChannelOutboundBuffer buffer = this.channel.unsafe().outboundBuffer();
		return buffer != null && !buffer.isEmpty();
	}

	private boolean look() {
		ChannelOutboundBuffer buffer = this.channel.unsafe().outboundBuffer();
		if (buffer == null || buffer.isEmpty()) {
			forget();
			return false;
		}
		if (this.mark == null || this.mark.isDone()) {
			// Not flushed: whatever is flushed next is behind it, and takes it along.
			this.mark = this.channel.write(Unpooled.EMPTY_BUFFER);
		}
		this.piece = new WeakReference<>(buffer.current());
		this.progress = buffer.currentProgress();
		return true;
	}

	private void forget() {
		this.mark = null;
		this.piece = null;
	}

	private boolean isStuck() {
		ChannelOutboundBuffer buffer = this.channel.unsafe().outboundBuffer();
		return buffer != null && isWaiting() && this.mark != null && !this.mark.isDone() && this.piece != null
				&& this.piece.refersTo(buffer.current()) && this.progress == buffer.currentProgress();
	}

	private void check() {
		if (isStuck()) {
			this.watching = false;
			forget();
			this.stuck.run();
		}
		else if (look()) {
			this.deadline.arm(this.timeoutNanos);
		}
		else {
			this.watching = false;
		}
	}

	/**
	 * Stops watching, until the next start.
	 */
	public void stop() {
		this.started = false;
		this.watching = false;
		forget();
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
