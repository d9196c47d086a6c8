package dev.pingora.protocol.h1;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

import dev.pingora.http.FieldVisitor;
import dev.pingora.http.HeadTable;
import dev.pingora.http.Headers;
import dev.pingora.http.HttpVersion;
import dev.pingora.http.KnownField;
import dev.pingora.http.LineVisitor;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Writes heads. Fields that nobody touched are copied octet by octet, neighbours
 * together; fields of one hop are left out (RFC 9110 section 7.6.1), and those that tell
 * a message's length are written anew. Reused from message to message; owned by one event
 * loop.
 */
final class H1HeadWriter implements FieldVisitor, LineVisitor {

	private static final byte[] HTTP_1_1 = ascii("HTTP/1.1 ");

	private static final byte[] END_OF_REQUEST_LINE = ascii(" HTTP/1.1\r\n");

	private static final byte[] CRLF = ascii("\r\n");

	private static final byte[] COLON = ascii(": ");

	private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");

	private static final byte[] NO_CONTENT = ascii("Content-Length: 0\r\n");

	private static final byte[] CLOSE = ascii("Connection: close\r\n");

	private static final byte[] KEEP_ALIVE = ascii("Connection: keep-alive\r\n");

	private ByteBuf out = Unpooled.EMPTY_BUFFER;

	private boolean keepLength;

	private @Nullable List<String> nominated;

	// A run of neighbouring fields that is copied in one go.

	private byte @Nullable [] runBytes;

	private int runStart;

	private int runEnd;

	private static byte[] ascii(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

	/**
	 * How a written body's end is told.
	 *
	 * @param body the way
	 * @param length the number of octets if the way is {@code LENGTH}
	 */
	record Written(H1Framing.Body body, long length) {

		static final Written NONE = new Written(H1Framing.Body.NONE, 0);

		static final Written CHUNKED = new Written(H1Framing.Body.CHUNKED, 0);

		static final Written UNTIL_CLOSE = new Written(H1Framing.Body.UNTIL_CLOSE, 0);

	}

	/**
	 * Writes a request's head.
	 * @param out where to; released if this throws
	 * @param header the head
	 * @param end whether there is no body
	 * @return how the body's end is told
	 * @throws IllegalStateException if code has spoilt the {@code Content-Length}
	 */
	Written request(ByteBuf out, RequestHeader header, boolean end) {
		boolean sound = false;
		try {
			Written written = writeRequest(out, header, end);
			sound = true;
			return written;
		}
		finally {
			finish(out, sound);
		}
	}

	private void finish(ByteBuf out, boolean sound) {
		this.out = Unpooled.EMPTY_BUFFER;
		this.runBytes = null;
		if (!sound) {
			out.release();
		}
	}

	private Written writeRequest(ByteBuf out, RequestHeader header, boolean end) {
		this.out = out;
		header.visitMethod(this);
		out.writeByte(' ');
		header.visitTarget(this);
		out.writeBytes(END_OF_REQUEST_LINE);
		Written declared = declared(header.headers());
		Written written = end ? Written.NONE : declared;
		this.keepLength = declared.body() == H1Framing.Body.LENGTH && (!end || declared.length() == 0);
		fields(header.headers());
		if (written.body() == H1Framing.Body.CHUNKED) {
			out.writeBytes(CHUNKED);
		}
		out.writeBytes(CRLF);
		return written;
	}

	// By length if somebody said how long, else by chunks.
	private static Written declared(Headers headers) {
		if (!headers.contains("content-length")) {
			return Written.CHUNKED;
		}
		List<String> lengths = headers.all("content-length");
		String length = lengths.get(0);
		boolean valid = lengths.size() == 1 && !length.isEmpty() && length.length() <= 18;
		for (int i = 0; i < length.length(); i++) {
			valid &= length.charAt(i) >= '0' && length.charAt(i) <= '9';
		}
		if (!valid) { // received ones were checked, so this is a filter's
			throw new IllegalStateException("Content-Length: " + lengths + " (expected: one number)");
		}
		return new Written(H1Framing.Body.LENGTH, Long.parseLong(length));
	}

	/**
	 * What a response answers.
	 *
	 * @param version the client's version
	 * @param toHead whether the request's method was HEAD
	 * @param keepAlive whether the connection goes on
	 */
	record Exchange(HttpVersion version, boolean toHead, boolean keepAlive) {
	}

	/**
	 * Writes a response's head.
	 * @param out where to; released if this throws
	 * @param header the head
	 * @param end whether there is no body
	 * @param exchange what it answers
	 * @return how the body's end is told
	 * @throws IllegalStateException if code has spoilt the {@code Content-Length}
	 */
	Written response(ByteBuf out, ResponseHeader header, boolean end, Exchange exchange) {
		boolean sound = false;
		try {
			Written written = writeResponse(out, header, end, exchange);
			sound = true;
			return written;
		}
		finally {
			finish(out, sound);
		}
	}

	private Written writeResponse(ByteBuf out, ResponseHeader header, boolean end, Exchange exchange) {
		statusLine(out, header);
		int status = header.status();
		boolean bodiless = (exchange.toHead() && status != 204) || status == 304; // RFC
																					// 9110
																					// section
																					// 8.6
		Written declared = declared(header.headers());
		Written written = end ? Written.NONE : declared;
		if (written.body() == H1Framing.Body.CHUNKED && exchange.version() == HttpVersion.HTTP_1_0) {
			written = Written.UNTIL_CLOSE; // RFC 9112 section 6.1
		}
		// The length that a HEAD or a 304 tells is that of another response: kept as it
		// is.
		this.keepLength = written.body() == H1Framing.Body.LENGTH || (end && bodiless);
		fields(header.headers());
		if (written.body() == H1Framing.Body.CHUNKED) {
			out.writeBytes(CHUNKED);
		}
		else if (end && !bodiless && status >= 200 && status != 204) {
			out.writeBytes(NO_CONTENT);
		}
		if (!exchange.keepAlive() || written.body() == H1Framing.Body.UNTIL_CLOSE) {
			out.writeBytes(CLOSE);
		}
		else if (exchange.version() == HttpVersion.HTTP_1_0) {
			out.writeBytes(KEEP_ALIVE);
		}
		out.writeBytes(CRLF);
		return written;
	}

	/**
	 * Writes the head of an interim response.
	 * @param out where to
	 * @param header the head
	 */
	void informational(ByteBuf out, ResponseHeader header) {
		statusLine(out, header);
		this.keepLength = false;
		fields(header.headers());
		out.writeBytes(CRLF);
		this.out = Unpooled.EMPTY_BUFFER;
	}

	/**
	 * Writes trailers, and the empty line after them.
	 * @param out where to
	 * @param trailers the trailers
	 */
	void trailers(ByteBuf out, Headers trailers) {
		this.out = out;
		this.keepLength = false;
		fields(trailers);
		out.writeBytes(CRLF);
		this.out = Unpooled.EMPTY_BUFFER;
	}

	private void statusLine(ByteBuf out, ResponseHeader header) {
		this.out = out;
		int status = header.status();
		out.writeBytes(HTTP_1_1);
		out.writeByte('0' + status / 100).writeByte('0' + status / 10 % 10).writeByte('0' + status % 10).writeByte(' ');
		header.visitReason(this);
		out.writeBytes(CRLF);
	}

	private void fields(Headers headers) {
		this.nominated = headers.contains("connection") ? nominated(headers) : null;
		headers.visit(this);
		endRun();
	}

	private static List<String> nominated(Headers headers) {
		return headers.all("connection")
			.stream()
			.flatMap((value) -> List.of(value.split(",")).stream())
			.map((token) -> token.trim().toLowerCase(Locale.ROOT))
			// Never those we need.
			.filter((token) -> KnownField.of(token) == KnownField.OTHER)
			.toList();
	}

	private boolean isForwarded(int known) {
		return switch (known) {
			case KnownField.CONNECTION, KnownField.KEEP_ALIVE, KnownField.PROXY_CONNECTION, KnownField.TE,
					KnownField.TRANSFER_ENCODING, KnownField.UPGRADE ->
				false;
			case KnownField.CONTENT_LENGTH -> this.keepLength;
			default -> true;
		};
	}

	@Override
	public void octets(HeadTable table, int field) {
		if (!isForwarded(table.known(field)) || isNominated(table, field)) {
			return;
		}
		int start = table.nameStart(field);
		if (this.runBytes == null || start != this.runEnd + CRLF.length) {
			endRun();
			this.runBytes = table.bytes();
			this.runStart = start;
		}
		this.runEnd = table.valueEnd(field);
	}

	private boolean isNominated(HeadTable table, int field) {
		List<String> nominated = this.nominated;
		return nominated != null && !nominated.isEmpty()
				&& nominated.contains(
						new String(table.bytes(), table.nameStart(field), table.nameEnd(field) - table.nameStart(field),
								StandardCharsets.ISO_8859_1)
							.toLowerCase(Locale.ROOT));
	}

	private void endRun() {
		if (this.runBytes != null) {
			this.out.writeBytes(this.runBytes, this.runStart, this.runEnd - this.runStart).writeBytes(CRLF);
			this.runBytes = null;
		}
	}

	@Override
	public void text(int known, String name, String value) {
		endRun();
		// Not subject to nomination: the client must not take away what a filter has set.
		if (isForwarded(known)) {
			text(name);
			this.out.writeBytes(COLON);
			text(value);
			this.out.writeBytes(CRLF);
		}
	}

	@Override
	public void octets(byte[] bytes, int start, int end) {
		this.out.writeBytes(bytes, start, end - start);
	}

	@Override
	public void text(String text) {
		this.out.writeCharSequence(text, StandardCharsets.ISO_8859_1);
	}

}
