package dev.pingora.protocol.h1;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.TaskAction;
import dev.pingora.transport.WriteWatch;
import io.netty.channel.Channel;

/**
 * What hangs on the channel of a client's connection.
 *
 * @param channel the channel
 * @param reader reads requests
 * @param writeWatch notices a client that doesn't read
 * @param closing the ways to close
 */
record H1Wire(Channel channel, H1RequestReader reader, WriteWatch writeWatch, H1Closing closing) {

	void flush() {
		this.channel.flush();
		this.writeWatch.flushed();
	}

	/**
	 * What the client has sent after its request, and all it sends, are raw octets.
	 * @param isolation the border
	 * @param connection the connection
	 * @param processNow makes it read
	 * @return writes raw octets
	 */
	H1Tunnel<H1ServerConnection> tunnel(PanicIsolation isolation, H1ServerConnection connection,
			TaskAction<H1ServerConnection> processNow) {
		this.reader.startTunnel();
		return new H1Tunnel<>(this.channel, isolation, connection, (ended) -> {
			this.reader.endOfInput();
			processNow.run(ended);
		});
	}

	/**
	 * No other request is read.
	 */
	void stopReading() {
		this.reader.stop();
		this.reader.releaseHead();
		if (this.reader.mayReadMore()) { // epoll can't begin again to read what has ended
			this.channel.config().setAutoRead(true);
		}
	}

	/**
	 * Answers a request that nobody serves, and closes.
	 * @param status the status, or 0 to reset the connection instead
	 * @param writer writes the head
	 */
	void refuse(int status, H1HeadWriter writer) {
		if (status == 0) {
			this.closing.reset();
			return;
		}
		this.closing.refuse(status, writer);
		this.writeWatch.flushed();
	}

	/**
	 * The channel is closed.
	 */
	void closed() {
		this.writeWatch.cancel();
		this.closing.cancel();
		this.reader.stop();
	}

}
