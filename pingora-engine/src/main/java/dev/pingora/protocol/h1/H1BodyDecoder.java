package dev.pingora.protocol.h1;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.Ascii;
import dev.pingora.http.HeadTable;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Takes a body out of the octets of a connection (RFC 9112 sections 6 and 7), as slices,
 * without copying. Reused from message to message; owned by one event loop.
 */
final class H1BodyDecoder {

	// Extensions mean nothing to us, and are a way to send much and say little.
	private static final int MAX_CHUNK_LINE = 1024;

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

	private int lineLength;

	private boolean quoted;

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
			case CHUNKED -> startSize();
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

	private State startSize() {
		this.left = 0;
		this.digits = 0;
		this.lineLength = 0;
		this.quoted = false;
		return State.SIZE;
	}

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
		else if (this.digits > 0 && octet == ';') {
			this.state = State.EXTENSION;
		}
		else {
			throw broken("bad chunk size");
		}
	}

	// RFC 9112 section 7.1.1: ignored, but held to their characters, and no line ends
	// within quotes, so that all recipients agree on where the line ends
	private void extension(byte octet) throws ProxyException {
		if (++this.lineLength > MAX_CHUNK_LINE) {
			throw broken("chunk extensions: more than " + MAX_CHUNK_LINE + " octets");
		}
		if (octet == '"') {
			this.quoted = !this.quoted;
		}
		else if (octet == '\r' && !this.quoted) {
			this.state = State.SIZE_LF;
		}
		else if (!(this.quoted ? isQuotable(octet) : isExtensionChar(octet))) {
			throw broken("bad chunk extension");
		}
	}

	private static boolean isExtensionChar(byte octet) {
		return Ascii.isTokenChar(octet) || octet == ';' || octet == '=' || octet == ' ' || octet == '\t';
	}

	// Without quoted pairs: an escaped quote is where opinions differ.
	private static boolean isQuotable(byte octet) {
		return octet != '\\' && Ascii.isValueChar(octet);
	}

	private void expect(byte octet, char expected) throws ProxyException {
		if (octet != expected) {
			throw broken("a chunk does not end with CRLF");
		}
	}

	private ProxyException broken(String what) {
		return H1Framing.error(this.source, ErrorType.INVALID_BODY, what);
	}

}
