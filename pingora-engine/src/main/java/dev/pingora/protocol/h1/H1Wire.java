package dev.pingora.protocol.h1;

import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.event.RejectedRequest;
import dev.pingora.forwarding.ClientFacts;
import dev.pingora.protocol.ClientLimits;
import dev.pingora.protocol.ClosingLimitCounts;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.protocol.SessionHandler;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.TaskAction;
import dev.pingora.transport.CloseWatch;
import dev.pingora.transport.LoopClock;
import dev.pingora.transport.Deadline;
import dev.pingora.transport.UnixAddress;
import dev.pingora.transport.WriteWatch;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What hangs on the channel of a client's connection.
 *
 * @param channel the channel
 * @param reader reads requests
 * @param writeWatch notices a client that doesn't read
 * @param sendRate notices a client that reads too slowly, or {@code null} if it may
 * @param closing the ways to close
 * @param writer writes the heads of responses
 * @param body writes the bodies of responses
 * @param client who is at the other end
 * @param clock the event loop's clock
 */
record H1Wire(Channel channel, H1RequestReader reader, WriteWatch writeWatch, @Nullable H1SendRate sendRate,
		H1Closing closing, H1HeadWriter writer, BodyWriter body, ClientFacts client, LoopClock clock) {

	private static final Logger logger = LoggerFactory.getLogger(H1ServerConnection.class);

	/**
	 * Hangs everything on a channel.
	 * @param channel the channel
	 * @param connection who is told
	 * @param options what is allowed to the client
	 * @param isolation the border
	 * @param closed counts the connections that limits close
	 * @return what hangs there
	 */
	static H1Wire of(Channel channel, H1ServerConnection connection, DownstreamOptions options,
			PanicIsolation isolation, ClosingLimitCounts closed) {
		CloseWatch.watch(channel);
		Deadline deadline = new Deadline(channel.eventLoop(),
				() -> isolation.run(connection, H1ServerConnection::readTimedOut));
		WriteWatch writeWatch = new WriteWatch(channel,
				() -> isolation.run(connection, (it) -> it.doesNotRead(ErrorType.WRITE_TIMEDOUT)));
		writeWatch.start(options.writeTimeout().toNanos());
		ClientLimits limits = options.limits();
		return new H1Wire(channel, new H1RequestReader(channel, options, connection, deadline), writeWatch,
				(limits.minResponseRate() > 0) ? new H1SendRate(channel, limits, connection, isolation) : null,
				new H1Closing(channel, isolation, options, closed), H1HeadWriter.ofLoop(), new BodyWriter(channel),
				new ClientFacts(options.forwarded(), channel), LoopClock.ofLoop());
	}

	void flush() {
		this.body.writeHead();
		this.channel.flush();
		this.writeWatch.flushed();
		if (this.sendRate != null) {
			this.sendRate.flushed();
		}
	}

	/**
	 * Runs a task when the loop has looked at its other connections once more.
	 * @param task the task, which must not throw
	 */
	void later(Runnable task) {
		this.channel.eventLoop().schedule(task, 0, TimeUnit.NANOSECONDS);
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
	 * Answers a request for which no task was born, and closes. Nothing else is read.
	 * @param error why; if it has no status, the connection is reset instead
	 * @param sessions who is told
	 */
	void refuse(ProxyException error, SessionHandler sessions) {
		SocketAddress client = UnixAddress.remote(this.channel);
		logger.debug("Refused a request of {}: {}", client, error.getMessage());
		sessions.rejected(this.channel.eventLoop(), new RejectedRequest("HTTP/1.1", client, error));
		if (error.status() == 0) {
			this.closing.reset();
			return;
		}
		this.closing.refuse(error.status(), this.writer);
		this.writeWatch.flushed();
	}

	/**
	 * The channel is closed.
	 */
	void closed() {
		this.body.drop();
		this.writeWatch.cancel();
		if (this.sendRate != null) {
			this.sendRate.cancel();
		}
		this.closing.closed();
		this.reader.stop();
	}

}
