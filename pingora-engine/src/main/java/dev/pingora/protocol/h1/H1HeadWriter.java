package dev.pingora.protocol.h1;

import java.nio.charset.StandardCharsets;

import dev.pingora.transport.LoopBuffer;
import dev.pingora.http.FieldBlock;
import dev.pingora.http.FieldVisitor;
import dev.pingora.http.HeadTable;
import dev.pingora.http.Headers;
import dev.pingora.http.HttpVersion;
import dev.pingora.http.KnownField;
import dev.pingora.http.LineVisitor;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/**
 * Writes heads. Fields that nobody touched are copied octet by octet, neighbours
 * together, in their order; those of one name stay lines of their own, as
 * {@code Set-Cookie} must (RFC 9110 section 5.3). Fields of one hop are left out (RFC
 * 9110 section 7.6.1), and those that tell a message's length are written anew. Reused
 * from message to message; owned by one event loop.
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

	private static final byte[] UPGRADE = ascii("Connection: upgrade\r\n");

	private static final byte[] CLOSE_UPGRADE = ascii("Connection: close, upgrade\r\n");

	private static final byte[] KEEP_ALIVE_UPGRADE = ascii("Connection: keep-alive, upgrade\r\n");

	private static final FastThreadLocal<H1HeadWriter> OF_LOOP = new FastThreadLocal<>() {

		@Override
		protected H1HeadWriter initialValue() {
			return new H1HeadWriter();
		}

	};

	private final LoopBuffer buffers = LoopBuffer.ofWrites();

	private final HeadOctets head = new HeadOctets();

	private boolean inTrailers; // received ones were cleaned when they were read

	private boolean keepLength;

	// RFC 9110 section 15.5.22: a 426 must tell to what; with any other status it is a
	// matter of the upstream's hop.
	private boolean keepUpgrade;

	private boolean saidUpgrade;

	private boolean saidClose;

	private final NominatedFields nominated = new NominatedFields();

	// A run of neighbouring fields that is copied in one go.

	private byte @Nullable [] runBytes;

	private int runStart;

	private int runEnd;

	/**
	 * Returns the writer of the present event loop.
	 * @return the writer
	 */
	static H1HeadWriter ofLoop() {
		return OF_LOOP.get();
	}

	/**
	 * Takes a buffer for a head.
	 * @param allocator makes buffers
	 * @return an empty buffer, which has room for most heads and a small body
	 */
	ByteBuf buffer(ByteBufAllocator allocator) {
		return this.buffers.take(allocator, BodyWriter.HEAD_CAPACITY);
	}

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
			Written written = writeRequest(header, end);
			this.head.moveTo(out);
			sound = true;
			return written;
		}
		finally {
			finish(out, sound);
		}
	}

	private void finish(ByteBuf out, boolean sound) {
		this.nominated.clear();
		if (!sound) {
			out.release();
		}
	}

	private void begin(Headers headers) {
		this.head.clear(); // whatever has become of the last one
		this.inTrailers = false;
		this.keepUpgrade = false;
		this.saidUpgrade = false;
		this.runBytes = null;
		this.nominated.read(headers);
	}

	private Written writeRequest(RequestHeader header, boolean end) {
		begin(header.headers());
		header.visitMethod(this);
		this.head.add(' ');
		header.visitTarget(this);
		this.head.add(END_OF_REQUEST_LINE);
		Written declared = declared(header.headers());
		Written written = end ? Written.NONE : declared;
		this.keepLength = declared.body() == H1Framing.Body.LENGTH && (!end || declared.length() == 0);
		fields(header.headers());
		if (written.body() == H1Framing.Body.CHUNKED) {
			this.head.add(CHUNKED);
		}
		this.head.add(CRLF);
		return written;
	}

	// By length if somebody said how long, else by chunks.
	private static Written declared(Headers headers) {
		long length = headers.contentLength();
		return (length >= 0) ? new Written(H1Framing.Body.LENGTH, length) : Written.CHUNKED;
	}

	/**
	 * What a response answers.
	 *
	 * @param version the client's version
	 * @param toHead whether the request's method was HEAD
	 * @param keepAlive whether the connection goes on
	 */
	record Exchange(HttpVersion version, boolean toHead, boolean keepAlive) {

		private static final Exchange USUAL = new Exchange(HttpVersion.HTTP_1_1, false, true);

		static Exchange of(HttpVersion version, boolean toHead, boolean keepAlive) {
			boolean usual = version == HttpVersion.HTTP_1_1 && !toHead && keepAlive;
			return usual ? USUAL : new Exchange(version, toHead, keepAlive);
		}

	}

	/**
	 * Writes a response's head.
	 * @param out where to; released if this throws
	 * @param header the head
	 * @param end whether there is no body
	 * @param exchange what it answers
	 * @return how the body's end is told; {@link #saidClose()} tells whether the head
	 * announces the connection's end
	 * @throws IllegalStateException if code has spoilt the {@code Content-Length}
	 */
	Written response(ByteBuf out, ResponseHeader header, boolean end, Exchange exchange) {
		boolean sound = false;
		try {
			Written written = writeResponse(header, end, exchange);
			this.head.moveTo(out);
			sound = true;
			return written;
		}
		finally {
			finish(out, sound);
		}
	}

	private Written writeResponse(ResponseHeader header, boolean end, Exchange exchange) {
		statusLine(header);
		int status = header.status();
		// RFC 9110 section 8.6
		boolean bodiless = (exchange.toHead() && status != 204) || status == 304;
		Written declared = declared(header.headers());
		Written written = end ? Written.NONE : declared;
		if (written.body() == H1Framing.Body.CHUNKED && exchange.version() == HttpVersion.HTTP_1_0) {
			written = Written.UNTIL_CLOSE; // RFC 9112 section 6.1
		}
		// The length that a HEAD or a 304 tells is that of another response: kept as it
		// is.
		this.keepLength = written.body() == H1Framing.Body.LENGTH || (end && bodiless);
		this.keepUpgrade = status == 426;
		fields(header.headers());
		if (written.body() == H1Framing.Body.CHUNKED) {
			this.head.add(CHUNKED);
		}
		else if (end && !bodiless && status >= 200 && status != 204) {
			this.head.add(NO_CONTENT);
		}
		this.saidClose = !exchange.keepAlive() || written.body() == H1Framing.Body.UNTIL_CLOSE
				|| this.nominated.isCloseByCode();
		if (this.saidClose) {
			this.head.add(this.saidUpgrade ? CLOSE_UPGRADE : CLOSE);
		}
		else if (exchange.version() == HttpVersion.HTTP_1_0) {
			this.head.add(this.saidUpgrade ? KEEP_ALIVE_UPGRADE : KEEP_ALIVE);
		}
		else if (this.saidUpgrade) {
			this.head.add(UPGRADE); // RFC 9110 section 7.8
		}
		this.head.add(CRLF);
		return written;
	}

	boolean saidClose() {
		return this.saidClose;
	}

	/**
	 * Writes the head of an interim response.
	 * @param out where to; released if this throws
	 * @param header the head
	 */
	void informational(ByteBuf out, ResponseHeader header) {
		boolean sound = false;
		try {
			statusLine(header);
			this.keepLength = false;
			fields(header.headers());
			this.head.add(CRLF);
			this.head.moveTo(out);
			sound = true;
		}
		finally {
			finish(out, sound);
		}
	}

	/**
	 * Writes trailers, and the empty line after them.
	 * @param out where to; released if this throws
	 * @param trailers the trailers
	 */
	void trailers(ByteBuf out, Headers trailers) {
		boolean sound = false;
		try {
			begin(trailers);
			this.inTrailers = true;
			this.keepLength = false;
			fields(trailers);
			this.head.add(CRLF);
			this.head.moveTo(out);
			sound = true;
		}
		finally {
			finish(out, sound);
		}
	}

	private void statusLine(ResponseHeader header) {
		begin(header.headers());
		int status = header.status();
		this.head.add(HTTP_1_1);
		this.head.add('0' + status / 100);
		this.head.add('0' + status / 10 % 10);
		this.head.add('0' + status % 10);
		this.head.add(' ');
		header.visitReason(this);
		this.head.add(CRLF);
	}

	private void fields(Headers headers) {
		headers.visit(this);
		endRun();
	}

	private boolean isForwarded(int known) {
		return switch (known) {
			case KnownField.CONNECTION, KnownField.KEEP_ALIVE, KnownField.PROXY_CONNECTION, KnownField.TE,
					KnownField.TRANSFER_ENCODING ->
				false;
			case KnownField.UPGRADE -> {
				this.saidUpgrade |= this.keepUpgrade;
				yield this.keepUpgrade;
			}
			case KnownField.CONTENT_LENGTH -> this.keepLength;
			default -> true;
		};
	}

	@Override
	public void octets(HeadTable table, int field) {
		int known = table.known(field);
		if (!isForwarded(known) || (known != KnownField.UPGRADE && this.nominated.contains(table, field))) {
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

	private void endRun() {
		if (this.runBytes != null) {
			this.head.add(this.runBytes, this.runStart, this.runEnd);
			this.head.add(CRLF);
			this.runBytes = null;
		}
	}

	@Override
	public void text(int known, String name, String value) {
		endRun();
		// Not subject to nomination: the client must not take away what a filter has set.
		if (isForwarded(known) && !(this.inTrailers && H1Trailers.isForbidden(name))) {
			text(name);
			this.head.add(COLON);
			text(value);
			this.head.add(CRLF);
		}
	}

	@Override
	public void block(FieldBlock block) {
		if (this.inTrailers) {
			FieldVisitor.super.block(block);
			return;
		}
		endRun();
		this.head.add(block.octets());
	}

	@Override
	public void octets(byte[] bytes, int start, int end) {
		this.head.add(bytes, start, end);
	}

	@Override
	public void text(String text) {
		this.head.add(text);
	}

}
