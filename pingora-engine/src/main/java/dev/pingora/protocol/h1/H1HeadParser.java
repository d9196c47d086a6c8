package dev.pingora.protocol.h1;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.Ascii;
import dev.pingora.http.HeadTable;
import dev.pingora.http.HttpVersion;
import io.netty.buffer.ByteBuf;

/**
 * Reads a head, strictly: what RFC 9112 lets a recipient repair is refused here, since
 * two recipients that repair differently can be played off against each other.
 * <p>
 * Octets are copied into the table in small steps, so that a body in the same buffer is
 * left alone, and a head is looked at line by line as it arrives: however it is cut into
 * pieces, each octet is scanned once. Reused from head to head; owned by one event loop.
 */
final class H1HeadParser {

	private static final int STEP = 2048;

	/** What is parsed. */
	enum Kind {

		REQUEST(ErrorSource.DOWNSTREAM), RESPONSE(ErrorSource.UPSTREAM), REQUEST_TRAILERS(ErrorSource.DOWNSTREAM),
		RESPONSE_TRAILERS(ErrorSource.UPSTREAM);

		private final ErrorSource sender;

		Kind(ErrorSource sender) {
			this.sender = sender;
		}

		static Kind trailers(ErrorSource sender) {
			return (sender == ErrorSource.UPSTREAM) ? RESPONSE_TRAILERS : REQUEST_TRAILERS;
		}

		boolean hasStartLine() {
			return this == REQUEST || this == RESPONSE;
		}

	}

	private final HeadLimits limits;

	private Kind kind = Kind.REQUEST;

	private HeadTable table = NO_TABLE;

	private int scanned;

	private int lineStart;

	private boolean expectStartLine;

	private boolean skippedEmptyLine;

	private static final HeadTable NO_TABLE = new HeadTable();

	H1HeadParser(HeadLimits limits) {
		this.limits = limits;
	}

	void start(Kind kind, HeadTable table) {
		this.kind = kind;
		this.table = table;
		this.scanned = 0;
		this.lineStart = 0;
		this.expectStartLine = kind.hasStartLine();
		this.skippedEmptyLine = false;
	}

	/**
	 * Takes octets up to the head's end.
	 * @param in the octets; those that belong to the head are skipped
	 * @return whether the head is complete
	 * @throws ProxyException if it is malformed or too large
	 */
	boolean parse(ByteBuf in) throws ProxyException {
		while (in.isReadable()) {
			int step = Math.min(in.readableBytes(), STEP);
			int at = this.table.extend(step);
			in.getBytes(in.readerIndex(), this.table.bytes(), at, step);
			boolean complete = scanLines();
			if (this.scanned > this.limits.size()) {
				throw tooLarge();
			}
			if (complete) {
				in.skipBytes(this.scanned - at);
				this.table.truncate(this.scanned);
				this.table = NO_TABLE;
				return true;
			}
			in.skipBytes(step);
		}
		return false;
	}

	// RFC 9112 section 3: a target longer than any that is read has a status of its own.
	private ProxyException tooLarge() {
		boolean endless = this.expectStartLine && this.lineStart == 0 && this.table.bytes()[0] > ' ';
		boolean target = this.kind == Kind.REQUEST && (endless || this.table.secondEnd() >= this.limits.size());
		return error(target ? ErrorType.URI_TOO_LONG : ErrorType.HEADER_TOO_LARGE,
				"head: more than " + this.limits.size() + " octets");
	}

	private boolean scanLines() throws ProxyException {
		byte[] bytes = this.table.bytes();
		int length = this.table.length();
		int i = this.scanned;
		while (i < length) {
			if (bytes[i++] != '\n') {
				continue;
			}
			int end = i - 2;
			// RFC 9112 section 2.2 allows a lone LF to be taken for a line's end; not
			// here.
			if (end < this.lineStart || bytes[end] != '\r') {
				throw malformed("a line ends without CR");
			}
			boolean last = line(bytes, this.lineStart, end);
			this.lineStart = i;
			if (last) {
				this.scanned = i;
				return true;
			}
		}
		this.scanned = i;
		return false;
	}

	// Returns whether this was the empty line that ends a head.
	private boolean line(byte[] bytes, int start, int end) throws ProxyException {
		if (!this.expectStartLine) {
			if (start == end) {
				return true;
			}
			field(bytes, start, end);
			return false;
		}
		if (start == end && this.kind == Kind.REQUEST && !this.skippedEmptyLine) {
			this.skippedEmptyLine = true; // RFC 9112 section 2.2: at least one is ignored
			return false;
		}
		this.expectStartLine = false;
		if (this.kind == Kind.REQUEST) {
			requestLine(bytes, start, end);
		}
		else {
			statusLine(bytes, start, end);
		}
		return false;
	}

	// RFC 9112 section 3: method SP request-target SP HTTP-version
	private void requestLine(byte[] bytes, int start, int end) throws ProxyException {
		int methodEnd = start;
		while (methodEnd < end && Ascii.isTokenChar(bytes[methodEnd])) {
			methodEnd++;
		}
		if (methodEnd == start || methodEnd == end || bytes[methodEnd] != ' ') {
			throw malformed("request line: bad method");
		}
		int targetStart = methodEnd + 1;
		int targetEnd = targetStart;
		while (targetEnd < end && isTargetChar(bytes[targetEnd])) {
			targetEnd++;
		}
		if (targetEnd < end && bytes[targetEnd] != ' ') {
			throw error(ErrorType.INVALID_TARGET, "request line: bad target");
		}
		// HTTP/0.9, too: RFC 9112 appendix C.1
		if (targetEnd == targetStart || targetEnd == end) {
			throw malformed("request line: no target or no version");
		}
		this.table.version(version(bytes, targetEnd + 1, end));
		this.table.requestLine(start, methodEnd, targetStart, targetEnd);
	}

	// No target has a fragment (RFC 9112 section 3.2): some would cut it off, some not.
	private static boolean isTargetChar(byte octet) {
		return (octet & 0xff) > ' ' && octet != 0x7f && octet != '#';
	}

	// RFC 9112 section 4: HTTP-version SP status-code SP [ reason-phrase ]
	private void statusLine(byte[] bytes, int start, int end) throws ProxyException {
		int codeStart = start + 9;
		int codeEnd = codeStart + 3;
		if (codeEnd > end || bytes[codeStart - 1] != ' ' || (codeEnd < end && bytes[codeEnd] != ' ')) {
			throw malformed("bad status line");
		}
		int status = 0;
		for (int i = codeStart; i < codeEnd; i++) {
			if (!isDigit(bytes[i])) {
				throw malformed("bad status");
			}
			status = status * 10 + (bytes[i] - '0');
		}
		if (status < 100) {
			throw malformed("bad status");
		}
		int reasonStart = Math.min(codeEnd + 1, end);
		for (int i = reasonStart; i < end; i++) {
			if (!Ascii.isValueChar(bytes[i])) {
				throw malformed("bad reason phrase");
			}
		}
		this.table.version(version(bytes, start, codeStart - 1));
		this.table.statusLine(status, reasonStart, end);
	}

	// RFC 9112 section 2.3
	private HttpVersion version(byte[] bytes, int start, int end) throws ProxyException {
		boolean wellFormed = end - start == 8 && bytes[start] == 'H' && bytes[start + 1] == 'T'
				&& bytes[start + 2] == 'T' && bytes[start + 3] == 'P' && bytes[start + 4] == '/'
				&& isDigit(bytes[start + 5]) && bytes[start + 6] == '.' && isDigit(bytes[start + 7]);
		if (!wellFormed) {
			throw malformed("bad HTTP version");
		}
		if (bytes[start + 5] == '1' && bytes[start + 7] == '1') {
			return HttpVersion.HTTP_1_1;
		}
		if (bytes[start + 5] == '1' && bytes[start + 7] == '0') {
			return HttpVersion.HTTP_1_0;
		}
		throw error(ErrorType.UNSUPPORTED_VERSION,
				"HTTP version " + (char) bytes[start + 5] + "." + (char) bytes[start + 7]);
	}

	private static boolean isDigit(byte octet) {
		return octet >= '0' && octet <= '9';
	}

	// RFC 9112 section 5: field-name ":" OWS field-value OWS
	private void field(byte[] bytes, int start, int end) throws ProxyException {
		if (this.table.fields() == this.limits.fields()) {
			throw error(ErrorType.HEADER_TOO_LARGE, "head: more than " + this.limits.fields() + " fields");
		}
		int nameEnd = start;
		while (nameEnd < end && Ascii.isTokenChar(bytes[nameEnd])) {
			nameEnd++;
		}
		// A line fold (section 5.2) starts with white space, and so fails here; so does
		// white space before the colon (section 5.1).
		if (nameEnd == start || nameEnd == end || bytes[nameEnd] != ':') {
			throw malformed("bad field name");
		}
		int valueStart = nameEnd + 1;
		while (valueStart < end && isBlank(bytes[valueStart])) {
			valueStart++;
		}
		int valueEnd = end;
		while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1])) {
			valueEnd--;
		}
		for (int i = valueStart; i < valueEnd; i++) {
			// RFC 9110 section 5.5, CR and NUL included.
			if (!Ascii.isValueChar(bytes[i])) {
				throw malformed("bad field value");
			}
		}
		if (this.kind.hasStartLine() || !H1Trailers.isForbidden(bytes, start, nameEnd)) {
			this.table.field(start, nameEnd, valueStart, valueEnd);
		}
	}

	private static boolean isBlank(byte octet) {
		return octet == ' ' || octet == '\t';
	}

	/**
	 * Returns whether octets of the present head have come.
	 * @return whether it has begun
	 */
	boolean hasBegun() {
		return this.table != NO_TABLE && this.table.length() > 0;
	}

	/**
	 * Returns whether nothing of the present head has come, but perhaps the empty line
	 * before it that is ignored, or the beginning of one.
	 * @return whether its first line has not begun
	 */
	boolean isBeforeStartLine() {
		int begun = this.table.length() - this.lineStart;
		return this.expectStartLine && (begun == 0 || (begun == 1 && this.table.bytes()[this.lineStart] == '\r'));
	}

	private ProxyException malformed(String what) {
		return error(ErrorType.INVALID_HTTP_HEADER, what);
	}

	private ProxyException error(ErrorType type, String what) {
		return H1Framing.error(this.kind.sender, type, what);
	}

}
