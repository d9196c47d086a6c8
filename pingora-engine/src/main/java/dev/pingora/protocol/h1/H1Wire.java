package dev.pingora.protocol.h1;

import dev.pingora.forwarding.ClientFacts;
import dev.pingora.transport.WriteWatch;
import io.netty.channel.Channel;

/**
 * What hangs on the channel of a client's connection.
 *
 * @param channel the channel
 * @param reader reads requests
 * @param writeWatch notices a client that doesn't read
 * @param closing the ways to close
 * @param writer writes the heads of responses
 * @param body writes the bodies of responses
 * @param client who is at the other end
 */
record H1Wire(Channel channel, H1RequestReader reader, WriteWatch writeWatch, H1Closing closing, H1HeadWriter writer,
		BodyWriter body, ClientFacts client) {

	void flush() {
		this.body.writeHead();
		this.channel.flush();
		this.writeWatch.flushed();
	}

	/**
	 * No other request is read.
	 */
	void stopReading() {
		this.reader.stop();
		this.reader.releaseHead();
		this.channel.config().setAutoRead(true);
	}

	/**
	 * Answers a request that nobody serves, and closes.
	 * @param status the status, or 0 to reset the connection instead
	 */
	void refuse(int status) {
		if (status == 0) {
			this.closing.reset();
			return;
		}
		this.closing.refuse(status, this.writer);
		this.writeWatch.flushed();
	}

	/**
	 * The channel is closed.
	 */
	void closed() {
		this.body.drop();
		this.writeWatch.cancel();
		this.closing.cancel();
		this.reader.stop();
	}

}
