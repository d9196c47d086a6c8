package dev.pingora.protocol.h1;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.HeadTable;
import dev.pingora.protocol.DownstreamOptions;
import dev.pingora.protocol.PieceCost;
import dev.pingora.transport.Deadline;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * The body of the request that a client's connection is reading: what of it may be handed
 * out, how large it may become, and how slowly it may come. After a 101 it is whatever
 * the client sends. Reused from request to request; owned by the channel's event loop.
 */
final class H1RequestBody {

	private final DownstreamOptions options;

	private final EventLoop loop;

	private final Deadline deadline;

	private final Runnable rateTick;

	private final H1BodyDecoder decoder;

	private long credit;

	private boolean credited;

	private long octets;

	// RFC 9110 section 10.1.1: it wants to be told 100, and that is up to the peer.

	private boolean waits;

	private boolean passedOn;

	private boolean tunnel;

	private @Nullable H1BodyRate rate;

	/**
	 * Makes the body of no request.
	 * @param options its limits
	 * @param loop the owner
	 * @param deadline the reader's deadline
	 * @param rateTick is run when {@link #checkRate} is to be called
	 */
	H1RequestBody(DownstreamOptions options, EventLoop loop, Deadline deadline, Runnable rateTick) {
		this.options = options;
		this.loop = loop;
		this.deadline = deadline;
		this.rateTick = rateTick;
		this.decoder = new H1BodyDecoder(ErrorSource.DOWNSTREAM,
				new HeadLimits(options.maxHeaderSize(), options.maxHeaderCount()));
	}

	/**
	 * A request's head has been read.
	 * @param framing what it says of the body
	 * @throws ProxyException if the body is too large
	 */
	void start(H1Framing framing) throws ProxyException {
		if (this.options.maxBodySize() >= 0 && framing.length() > this.options.maxBodySize()) {
			throw tooLarge();
		}
		this.decoder.start(framing);
		this.credit = 0;
		this.credited = false;
		this.octets = 0;
		this.waits = framing.expectsContinue();
		this.passedOn = false;
	}

	void startTunnel() {
		this.tunnel = true;
		this.decoder.startRaw();
		this.credit = 0;
		this.credited = true;
	}

	boolean isDone() {
		return this.decoder.isDone();
	}

	@Nullable HeadTable trailers() {
		return this.decoder.trailers();
	}

	void credit(int credit) {
		this.credit += credit;
		this.credited = true;
	}

	boolean hasCredit() {
		return this.credit > 0;
	}

	/**
	 * Takes the next piece.
	 * @param in what was received
	 * @return the piece, of which the caller becomes the owner, or {@code null} if
	 * nothing of the body was there
	 * @throws ProxyException if the body is malformed or too large
	 */
	@Nullable ByteBuf next(ByteBuf in) throws ProxyException {
		ByteBuf data = this.decoder.next(in);
		if (data == null) {
			return this.decoder.isDone() ? Unpooled.EMPTY_BUFFER : null;
		}
		this.waits = false; // it has begun
		this.credit -= PieceCost.of(data);
		this.octets += data.readableBytes();
		if (!this.tunnel && this.options.maxBodySize() >= 0 && this.octets > this.options.maxBodySize()) {
			data.release();
			throw tooLarge();
		}
		return data;
	}

	private ProxyException tooLarge() {
		return ProxyException.downstream(ErrorType.BODY_TOO_LARGE,
				"request: body of more than " + this.options.maxBodySize() + " octets");
	}

	/**
	 * Skips the body if nobody has asked for it and all of it is here.
	 * @param input what was received
	 */
	void skipUnwanted(H1Input input) {
		if (this.credited) {
			return;
		}
		try {
			for (ByteBuf in = input.front(); in != null && !this.decoder.isDone(); in = input.front()) {
				ByteBuf data = this.decoder.next(in);
				if (data != null) {
					data.release();
				}
			}
		}
		catch (ProxyException broken) {
			return; // the connection ends with the answer
		}
	}

	// How slowly it may come.

	/**
	 * A peer has been asked.
	 * @param passedOn whether it knows that the client may wait for 100
	 * @return whether the client waits for that peer
	 */
	boolean awaitContinue(boolean passedOn) {
		this.passedOn = passedOn;
		return this.waits && passedOn;
	}

	void continued() {
		this.waits = false;
	}

	/**
	 * Arms the clocks if the client is waited for.
	 * @param underWay whether the body has not ended
	 * @param nothingHeld whether all that was received was taken
	 */
	void await(boolean underWay, boolean nothingHeld) {
		if (underWay && this.credit > 0 && !this.tunnel && !(this.waits && this.passedOn)) {
			this.deadline.arm(this.options.readTimeout().toNanos());
			if (this.options.limits().minBodyRate() > 0 && nothingHeld) {
				rate().await();
			}
			return;
		}
		this.deadline.disarm(); // it is not the client who is slow
		if (this.rate != null) {
			this.rate.pause(underWay);
		}
	}

	private H1BodyRate rate() {
		H1BodyRate rate = this.rate;
		if (rate == null) {
			rate = new H1BodyRate(this.options, this.loop, this.rateTick);
			this.rate = rate;
		}
		return rate;
	}

	/**
	 * The clock of the body's rate has ticked.
	 * @throws ProxyException if the client sends too slowly
	 */
	void checkRate() throws ProxyException {
		if (this.rate != null) {
			this.rate.check(this.octets, !this.waits);
		}
	}

	void cancel() {
		if (this.rate != null) {
			this.rate.cancel();
		}
	}

}
