package dev.pingora.http;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * The octets of one message head and a table of where its parts are: the storage beneath
 * {@link RequestHeader} and {@link ResponseHeader}. For codecs, not for filters.
 * <p>
 * A codec fills the table, makes a header of it, and {@link #recycle() recycles} it when
 * the message's task has ended. From then on every use of the header throws
 * {@code IllegalStateException}, for ever: headers remember the table's generation, and
 * the table may serve another message meanwhile.
 * <p>
 * Octets are copied here once from the network's buffer. A head is a few hundred octets;
 * in exchange nothing pins a network buffer while a request lasts, and parsing and
 * forwarding work on a plain array. Used by one thread at a time.
 */
public final class HeadTable {

	private static final int NAME_START = 0;

	private static final int NAME_END = 1;

	private static final int VALUE_START = 2;

	private static final int VALUE_END = 3;

	private static final int KNOWN = 4;

	private static final int SLOTS = 5;

	// A table that grew for one large head gives the memory back when it is recycled.
	private static final int KEPT_BYTES = 8 * 1024;

	private byte[] bytes = new byte[1024];

	private int length;

	private int[] spans = new int[24 * SLOTS];

	private int fields;

	private int generation;

	// The start line: method and target, or nothing and reason.
	private int firstStart;

	private int firstEnd;

	private int secondStart;

	private int secondEnd;

	private int status;

	private HttpVersion version = HttpVersion.HTTP_1_1;

	private final LastText lastSecond = new LastText();

	private boolean pinned;

	/**
	 * Makes an empty table.
	 */
	public HeadTable() {
	}

	/**
	 * Forgets the head. Headers that were made of it can't be used any more, unless it is
	 * pinned: then the head stays, and the table must not be used again.
	 * @return whether the table may be used for another message
	 */
	public boolean recycle() {
		if (this.pinned) {
			return false;
		}
		this.generation++;
		this.length = 0;
		this.fields = 0;
		this.status = 0;
		requestLine(0, 0, 0, 0);
		if (this.bytes.length > KEPT_BYTES) {
			this.bytes = new byte[1024];
			this.spans = new int[24 * SLOTS];
		}
		return true;
	}

	void pin() {
		this.pinned = true;
	}

	void unpin() {
		if (this.pinned) {
			this.pinned = false;
			this.generation++;
		}
	}

	/**
	 * Returns the octets; they move when the table grows.
	 * @return the array; {@link #length()} says how much of it is filled
	 */
	public byte[] bytes() {
		return this.bytes;
	}

	/**
	 * Returns how many octets are filled.
	 * @return the number of octets
	 */
	public int length() {
		return this.length;
	}

	/**
	 * Makes room behind the octets, to be filled by the caller.
	 * @param count how many octets are added
	 * @return where the first of them belongs in {@link #bytes()}
	 */
	public int extend(int count) {
		int start = this.length;
		if (start + count > this.bytes.length) {
			this.bytes = Arrays.copyOf(this.bytes, Math.max(this.bytes.length * 2, start + count));
		}
		this.length = start + count;
		return start;
	}

	/**
	 * Sets the length: drops octets that turned out to belong to what follows the head.
	 * @param length the new length, not above the present one
	 */
	public void truncate(int length) {
		if (length < 0 || length > this.length) {
			throw new IllegalArgumentException("length: " + length + " (expected: 0.." + this.length + ")");
		}
		this.length = length;
	}

	/**
	 * Describes a request line.
	 * @param methodStart where the method starts
	 * @param methodEnd after its last octet
	 * @param targetStart where the target starts
	 * @param targetEnd after its last octet
	 */
	public void requestLine(int methodStart, int methodEnd, int targetStart, int targetEnd) {
		this.firstStart = methodStart;
		this.firstEnd = methodEnd;
		this.secondStart = targetStart;
		this.secondEnd = targetEnd;
	}

	/**
	 * Describes a status line.
	 * @param status the status
	 * @param reasonStart where the reason phrase starts
	 * @param reasonEnd after its last octet
	 */
	public void statusLine(int status, int reasonStart, int reasonEnd) {
		this.status = status;
		this.secondStart = reasonStart;
		this.secondEnd = reasonEnd;
	}

	/**
	 * Sets the version of the message.
	 * @param version the version
	 */
	public void version(HttpVersion version) {
		this.version = version;
	}

	/**
	 * Adds a field.
	 * @param nameStart where its name starts
	 * @param nameEnd after the name's last octet
	 * @param valueStart where its value starts
	 * @param valueEnd after the value's last octet
	 */
	public void field(int nameStart, int nameEnd, int valueStart, int valueEnd) {
		int at = this.fields * SLOTS;
		if (at == this.spans.length) {
			this.spans = Arrays.copyOf(this.spans, at * 2);
		}
		this.spans[at + NAME_START] = nameStart;
		this.spans[at + NAME_END] = nameEnd;
		this.spans[at + VALUE_START] = valueStart;
		this.spans[at + VALUE_END] = valueEnd;
		this.spans[at + KNOWN] = KnownField.of(this.bytes, nameStart, nameEnd);
		this.fields++;
	}

	/**
	 * Takes a field away; those behind it move up.
	 * @param field the field's number, from 0
	 */
	public void removeField(int field) {
		this.fields--;
		System.arraycopy(this.spans, (field + 1) * SLOTS, this.spans, field * SLOTS, (this.fields - field) * SLOTS);
	}

	/**
	 * Returns how many fields there are.
	 * @return the number of fields
	 */
	public int fields() {
		return this.fields;
	}

	/**
	 * Makes a request header of what was parsed.
	 * @return a header that lives until this table is recycled
	 */
	public RequestHeader request() {
		return new RequestHeader(this);
	}

	/**
	 * Makes a response header of what was parsed.
	 * @return a header that lives until this table is recycled
	 */
	public ResponseHeader response() {
		return new ResponseHeader(this);
	}

	/**
	 * Makes the fields alone, such as trailers.
	 * @return fields that live until this table is recycled
	 */
	public Headers headers() {
		return new Headers(this);
	}

	/**
	 * Copies the head into a table of its own, which nobody recycles.
	 * @return the copy
	 */
	HeadTable detached() {
		HeadTable copy = new HeadTable();
		copy.bytes = Arrays.copyOf(this.bytes, this.length);
		copy.length = this.length;
		copy.spans = Arrays.copyOf(this.spans, Math.max(1, this.fields) * SLOTS);
		copy.fields = this.fields;
		copy.requestLine(this.firstStart, this.firstEnd, this.secondStart, this.secondEnd);
		copy.status = this.status;
		copy.version = this.version;
		return copy;
	}

	int generation() {
		return this.generation;
	}

	/**
	 * Returns where a field's name starts.
	 * @param field the field's number, from 0
	 * @return the index of its first octet
	 */
	public int nameStart(int field) {
		return this.spans[field * SLOTS + NAME_START];
	}

	/**
	 * Returns where a field's name ends.
	 * @param field the field's number, from 0
	 * @return the index after its last octet
	 */
	public int nameEnd(int field) {
		return this.spans[field * SLOTS + NAME_END];
	}

	/**
	 * Returns where a field's value starts.
	 * @param field the field's number, from 0
	 * @return the index of its first octet
	 */
	public int valueStart(int field) {
		return this.spans[field * SLOTS + VALUE_START];
	}

	/**
	 * Returns where a field's value ends.
	 * @param field the field's number, from 0
	 * @return the index after its last octet
	 */
	public int valueEnd(int field) {
		return this.spans[field * SLOTS + VALUE_END];
	}

	/**
	 * Returns what {@link KnownField} says of a field's name.
	 * @param field the field's number, from 0
	 * @return the known field
	 */
	public int known(int field) {
		return this.spans[field * SLOTS + KNOWN];
	}

	String name(int field) {
		return Ascii.string(this.bytes, nameStart(field), nameEnd(field));
	}

	String value(int field) {
		return Ascii.string(this.bytes, valueStart(field), valueEnd(field));
	}

	boolean isNamed(int field, int known, String name) {
		return (known != KnownField.OTHER) ? known(field) == known : known(field) == KnownField.OTHER
				&& Ascii.equalsIgnoreCase(name, this.bytes, nameStart(field), nameEnd(field));
	}

	String first() {
		return Methods.string(this.bytes, this.firstStart, this.firstEnd);
	}

	String second() {
		return this.lastSecond.of(this.bytes, this.secondStart, this.secondEnd);
	}

	/**
	 * Returns where the method starts.
	 * @return the index of its first octet
	 */
	public int firstStart() {
		return this.firstStart;
	}

	/**
	 * Returns where the method ends.
	 * @return the index after its last octet
	 */
	public int firstEnd() {
		return this.firstEnd;
	}

	/**
	 * Returns where the target or the reason phrase starts.
	 * @return the index of its first octet
	 */
	public int secondStart() {
		return this.secondStart;
	}

	/**
	 * Returns where the target or the reason phrase ends.
	 * @return the index after its last octet
	 */
	public int secondEnd() {
		return this.secondEnd;
	}

	/**
	 * Returns the status of a response.
	 * @return the status
	 */
	public int status() {
		return this.status;
	}

	/**
	 * Returns the version of the message.
	 * @return the version
	 */
	public HttpVersion version() {
		return this.version;
	}

	static @Nullable HeadTable checked(@Nullable HeadTable table, int generation) {
		if (table != null && table.generation != generation) {
			throw new IllegalStateException("the request has ended: its headers can't be used any more");
		}
		return table;
	}

}
