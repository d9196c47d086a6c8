package dev.pingora.protocol.h1;

import java.util.Objects;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.HeadTable;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Takes a body out of the octets of a connection (RFC 9112 sections 6 and 7), as slices,
 * without copying. Reused from message to message; owned by one event loop.
 */
final class H1BodyDecoder {

	private enum State {

		/** Octets of the body, {@code left} of them. */
		DATA,
		/** Octets of the body, up to the connection's end. */
		UNTIL_CLOSE,
		/** The CR after a chunk. */
		DATA_CR,
		/** The LF after a chunk. */
		DATA_LF,
		/** A chunk's size. */
		SIZE,
		/** A chunk's extensions. */
		EXTENSION,
		/** The LF after a chunk's size. */
		SIZE_LF,
		/** The trailers. */
		TRAILERS,
		/** The body is over. */
		DONE

	}

	private final ErrorSource source;

	private final H1HeadParser trailerParser;

	private @Nullable HeadTable trailers; // few messages have any

	private State state = State.DONE;

	private boolean chunked;

	private long left;

	private int digits;

	private long content; // the sizes of all chunks so far

	private @Nullable H1ChunkExtension extension; // few senders use any

	H1BodyDecoder(ErrorSource source, HeadLimits trailerLimits) {
		this.source = source;
		this.trailerParser = new H1HeadParser(trailerLimits);
	}

	void start(H1Framing framing) {
		if (this.trailers != null) {
			this.trailers.recycle();
		}
		this.chunked = framing.body() == H1Framing.Body.CHUNKED;
		this.left = framing.length();
		this.state = switch (framing.body()) {
			case NONE -> State.DONE;
			case LENGTH -> State.DATA;
			case CHUNKED -> startChunks();
			case UNTIL_CLOSE -> State.UNTIL_CLOSE;
		};
	}

	/**
	 * Everything up to the connection's end is wanted, as it is.
	 */
	void startRaw() {
		if (this.trailers != null) {
			this.trailers.recycle();
		}
		this.chunked = false;
		this.state = State.UNTIL_CLOSE;
	}

	boolean isDone() {
		return this.state == State.DONE;
	}

	boolean isUntilClose() {
		return this.state == State.UNTIL_CLOSE;
	}

	/**
	 * Returns the trailers of a body that is over.
	 * @return the trailers, or {@code null} if there were none
	 */
	@Nullable HeadTable trailers() {
		return (this.trailers != null && this.trailers.fields() > 0) ? this.trailers : null;
	}

	/**
	 * Takes the next octets of the body, and whatever follows them that is not body, so
	 * that {@link #isDone()} is known as early as possible.
	 * @param in the connection's octets
	 * @return a slice of which the caller becomes the owner, or {@code null} if there are
	 * no octets of the body in it
	 * @throws ProxyException if the framing is broken
	 */
	@Nullable ByteBuf next(ByteBuf in) throws ProxyException {
		if (this.chunked) {
			skipFraming(in);
		}
		ByteBuf data = null;
		if (this.state == State.DATA && in.isReadable()) {
			int size = (int) Math.min(in.readableBytes(), this.left);
			data = in.readRetainedSlice(size);
			this.left -= size;
			if (this.left == 0) {
				this.state = this.chunked ? State.DATA_CR : State.DONE;
			}
		}
		else if (this.state == State.UNTIL_CLOSE && in.isReadable()) {
			data = in.readRetainedSlice(in.readableBytes());
		}
		if (data != null && this.chunked) {
			boolean sound = false;
			try {
				skipFraming(in);
				sound = true;
			}
			finally {
				if (!sound) {
					data.release();
				}
			}
		}
		return data;
	}

	private void skipFraming(ByteBuf in) throws ProxyException {
		while (in.isReadable()) {
			switch (this.state) {
				case DATA_CR -> {
					expect(in.readByte(), '\r');
					this.state = State.DATA_LF;
				}
				case DATA_LF -> {
					expect(in.readByte(), '\n');
					this.state = startSize();
				}
				case SIZE -> size(in.readByte());
				case EXTENSION -> extension(in.readByte());
				case SIZE_LF -> {
					expect(in.readByte(), '\n');
					this.content += this.left;
					this.state = (this.left > 0) ? State.DATA : startTrailers();
				}
				case TRAILERS -> {
					if (this.trailerParser.parse(in)) {
						this.state = State.DONE;
					}
				}
				default -> {
					return;
				}
			}
		}
	}

	private State startChunks() {
		this.content = 0;
		if (this.extension != null) {
			this.extension.startBody();
		}
		return startSize();
	}

	private State startSize() {
		this.left = 0;
		this.digits = 0;
		return State.SIZE;
	}

	// RFC 9112 section 7.1.2: field lines up to an empty one, as in a head.
	private State startTrailers() {
		HeadTable trailers = (this.trailers != null) ? this.trailers : new HeadTable();
		this.trailers = trailers;
		this.trailerParser.start(H1HeadParser.Kind.trailers(this.source), trailers);
		return State.TRAILERS;
	}

	// RFC 9112 section 7.1: 1*HEXDIG; no sign, no space, and no more than a long can hold
	private void size(byte octet) throws ProxyException {
		int digit = Character.digit(octet, 16);
		if (digit >= 0 && octet > 0) {
			if (++this.digits > 15) {
				throw broken("chunk size too large");
			}
			this.left = this.left * 16 + digit;
		}
		else if (this.digits > 0 && octet == '\r') {
			this.state = State.SIZE_LF;
		}
		else if (this.digits > 0 && (octet == ';' || octet == ' ' || octet == '\t')) {
			startExtension();
			extension(octet);
		}
		else {
			throw broken("bad chunk size");
		}
	}

	private void startExtension() {
		H1ChunkExtension extension = this.extension;
		if (extension == null) {
			extension = new H1ChunkExtension(this.source);
			this.extension = extension;
		}
		extension.startLine(this.content);
		this.state = State.EXTENSION;
	}

	private void extension(byte octet) throws ProxyException {
		if (Objects.requireNonNull(this.extension).isEnd(octet)) {
			this.state = State.SIZE_LF;
		}
	}

	// RFC 9112 section 7.1: behind a size and behind a chunk. A lone LF may pass for it
	// elsewhere (section 2.2), but not here.
	private void expect(byte octet, char expected) throws ProxyException {
		if (octet != expected) {
			throw broken("a chunk does not end with CRLF");
		}
	}

	private ProxyException broken(String what) {
		return H1Framing.error(this.source, ErrorType.INVALID_BODY, what);
	}

}
