package dev.pingora.protocol.h1;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.Ascii;

/**
 * Reads what stands behind the sizes of a body's chunks, octet by octet, and forgets it:
 * extensions are meant for the next hop only, and nobody here knows any (RFC 9112 section
 * 7.1.1). They are held to their grammar nonetheless, so that all recipients agree on
 * where the line ends, and to a length.
 *
 * <pre>
 * *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )
 * </pre>
 *
 * Reused from body to body; owned by one event loop.
 */
final class H1ChunkExtension {

	// They are a way to send much and say little: so many octets in a line,
	private static final int MOST_IN_A_LINE = 1024;

	// so many in a body,
	private static final int MOST_IN_A_BODY = 16 * 1024;

	// and so many more for each octet of content.
	private static final int MORE_PER_OCTET = 16;

	private enum State {

		/** A semicolon is to come: there were blanks. */
		END,
		/** A semicolon: a name is to come. */
		NAME_START,
		/** Within a name. */
		NAME,
		/** Blanks behind a name. */
		NAME_END,
		/** An equals sign: a value is to come. */
		VALUE_START,
		/** Within a token. */
		TOKEN,
		/** Within quotes. */
		QUOTED,
		/** A backslash within quotes. */
		ESCAPED,
		/** The quotes that end a value. */
		QUOTED_END

	}

	private final ErrorSource source;

	private State state = State.END;

	private long left = MOST_IN_A_BODY; // without what its content adds

	private int lineLeft;

	H1ChunkExtension(ErrorSource source) {
		this.source = source;
	}

	void startBody() {
		this.left = MOST_IN_A_BODY;
	}

	/**
	 * Behind the digits of a size, something other than the line's end has come.
	 * @param content how many octets of the body's content came before it: as they have
	 * been received, not as many as would overflow here
	 */
	void startLine(long content) {
		this.state = State.END;
		this.lineLeft = (int) Math.min(MOST_IN_A_LINE, this.left + content * MORE_PER_OCTET);
	}

	/**
	 * Takes an octet.
	 * @param octet the octet
	 * @return whether it is the CR that ends the line
	 * @throws ProxyException if it must not stand there, or is one too many
	 */
	boolean isEnd(byte octet) throws ProxyException {
		if (octet == '\r' && mayEnd()) {
			return true;
		}
		if (--this.lineLeft < 0) {
			throw broken("chunk extensions: too long");
		}
		this.left--;
		this.state = next(octet);
		return false;
	}

	// A blank before a line's end belongs to nothing.
	private boolean mayEnd() {
		return this.state == State.NAME || this.state == State.TOKEN || this.state == State.QUOTED_END;
	}

	private State next(byte octet) throws ProxyException {
		switch (this.state) {
			case QUOTED -> {
				if (Ascii.isValueChar(octet)) {
					return (octet == '"') ? State.QUOTED_END : (octet == '\\') ? State.ESCAPED : State.QUOTED;
				}
			}
			case ESCAPED -> {
				if (Ascii.isValueChar(octet)) {
					return State.QUOTED;
				}
			}
			default -> {
				if (Ascii.isTokenChar(octet)) {
					return token();
				}
				if (octet == ' ' || octet == '\t') {
					return blank();
				}
				return delimiter(octet);
			}
		}
		throw bad();
	}

	private State token() throws ProxyException {
		return switch (this.state) {
			case NAME_START, NAME -> State.NAME;
			case VALUE_START, TOKEN -> State.TOKEN;
			default -> throw bad();
		};
	}

	private State blank() {
		return switch (this.state) {
			case NAME -> State.NAME_END;
			case TOKEN, QUOTED_END -> State.END;
			default -> this.state;
		};
	}

	private State delimiter(byte octet) throws ProxyException {
		boolean named = this.state == State.NAME || this.state == State.NAME_END;
		if (octet == ';' && (named || this.state == State.END || mayEnd())) {
			return State.NAME_START;
		}
		if (octet == '=' && named) {
			return State.VALUE_START;
		}
		if (octet == '"' && this.state == State.VALUE_START) {
			return State.QUOTED;
		}
		throw bad();
	}

	private ProxyException bad() {
		return broken("bad chunk extension");
	}

	private ProxyException broken(String what) {
		return H1Framing.error(this.source, ErrorType.INVALID_BODY, what);
	}

}
