package dev.pingora.protocol.h1;

import dev.pingora.transport.CloseWatch;
import dev.pingora.transport.Deadline;
import dev.pingora.transport.LoopClock;
import dev.pingora.transport.WriteWatch;
import dev.pingora.upstream.PeerKey;
import io.netty.channel.Channel;

/**
 * What hangs on the channel of a connection to a peer.
 *
 * @param channel the channel
 * @param reader reads responses
 * @param clock the event loop's clock
 * @param writeWatch notices a peer that doesn't read
 * @param writer writes the heads of requests
 * @param body writes the bodies of requests
 */
record H1ClientWire(Channel channel, H1ResponseReader reader, LoopClock clock, WriteWatch writeWatch,
		H1HeadWriter writer, BodyWriter body) {

	/**
	 * Hangs everything on a channel.
	 * @param channel the channel
	 * @param key who the peer is
	 * @param readTimedOut is run when nothing was received for too long
	 * @param writeTimedOut is run when the peer doesn't read
	 * @return what hangs there
	 */
	static H1ClientWire of(Channel channel, PeerKey key, Runnable readTimedOut, Runnable writeTimedOut) {
		CloseWatch.watch(channel);
		Deadline deadline = new Deadline(channel.eventLoop(), readTimedOut);
		return new H1ClientWire(channel, new H1ResponseReader(key, deadline), LoopClock.ofLoop(),
				new WriteWatch(channel, writeTimedOut), H1HeadWriter.ofLoop(), new BodyWriter(channel));
	}

	void flush() {
		this.body.writeHead();
		this.channel.flush();
		this.writeWatch.flushed();
	}

}
