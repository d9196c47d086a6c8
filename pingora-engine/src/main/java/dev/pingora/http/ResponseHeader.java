package dev.pingora.http;

import org.jspecify.annotations.Nullable;

/**
 * The head of a response: status, reason phrase and header fields (RFC 9112 section 4).
 * <p>
 * Used by one thread at a time. After the request's end every method throws
 * {@code IllegalStateException}.
 */
public final class ResponseHeader {

	private final @Nullable HeadTable table;

	private final int generation;

	private final Headers headers;

	private final HttpVersion version;

	private int status;

	private boolean statusEdited;

	ResponseHeader(HeadTable table) {
		this(table, table.generation(), new Headers(table), table.version());
		this.status = table.status();
	}

	private ResponseHeader(@Nullable HeadTable table, int generation, Headers headers, HttpVersion version) {
		this.table = table;
		this.generation = generation;
		this.headers = headers;
		this.version = version;
	}

	/**
	 * Makes a response without fields.
	 * @param status the status, 100 to 999
	 * @return the response
	 * @throws IllegalArgumentException if the status is out of range
	 */
	public static ResponseHeader of(int status) {
		ResponseHeader header = new ResponseHeader(null, 0, Headers.create(), HttpVersion.HTTP_1_1);
		header.setStatus(status);
		return header;
	}

	/**
	 * Returns the status.
	 * @return the status
	 */
	public int status() {
		table();
		return this.status;
	}

	/**
	 * Changes the status; the reason phrase becomes the usual one.
	 * @param status the status, 100 to 999
	 * @throws IllegalArgumentException if it is out of range
	 */
	public void setStatus(int status) {
		table();
		if (status < 100 || status > 999) {
			throw new IllegalArgumentException("status: " + status + " (expected: 100..999)");
		}
		this.status = status;
		this.statusEdited = true;
	}

	/**
	 * Returns the reason phrase: the received one, or the usual one where code has set
	 * the status.
	 * @return the phrase, which may be empty
	 */
	public String reason() {
		HeadTable table = table();
		return (table != null && !this.statusEdited) ? table.second() : ReasonPhrase.of(this.status);
	}

	/**
	 * Returns the version in which the server spoke.
	 * @return the version
	 */
	public HttpVersion version() {
		table();
		return this.version;
	}

	/**
	 * Returns the header fields, to read and edit.
	 * @return the fields
	 */
	public Headers headers() {
		table();
		return this.headers;
	}

	/**
	 * Returns whether a header field is there.
	 * @param name its name, in any case
	 * @return whether there is at least one such field
	 */
	public boolean hasHeader(String name) {
		return this.headers.contains(name);
	}

	/**
	 * Returns the first value of a header field.
	 * @param name its name, in any case
	 * @return the value, or {@code null}
	 */
	public @Nullable String header(String name) {
		return this.headers.first(name);
	}

	/**
	 * Copies this header into memory of its own, which outlives the request.
	 * @return the copy
	 */
	public ResponseHeader detach() {
		HeadTable table = table();
		HeadTable own = (table != null) ? table.detached() : null;
		ResponseHeader copy = new ResponseHeader(own, (own != null) ? own.generation() : 0, this.headers.detach(own),
				this.version);
		copy.status = this.status;
		copy.statusEdited = this.statusEdited;
		return copy;
	}

	/**
	 * Hands the reason phrase to a codec in the form in which it is at hand.
	 * @param visitor takes the phrase
	 */
	public void visitReason(LineVisitor visitor) {
		HeadTable table = table();
		if (table == null || this.statusEdited) {
			visitor.text(reason());
		}
		else {
			visitor.octets(table.bytes(), table.secondStart(), table.secondEnd());
		}
	}

	@Override
	public String toString() {
		return this.status + " " + reason();
	}

	@Nullable HeadTable tableOrNull() {
		return this.table;
	}

	private @Nullable HeadTable table() {
		return HeadTable.checked(this.table, this.generation);
	}

}
