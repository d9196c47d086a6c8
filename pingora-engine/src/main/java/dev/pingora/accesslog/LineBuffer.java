package dev.pingora.accesslog;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * Lines in the making, as octets. A value can never end a line or leave its quotes: it is
 * escaped as the format wants it. Owned by the writer's thread.
 */
final class LineBuffer {

	private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

	private final boolean json;

	private final Timestamps times;

	private byte[] bytes = new byte[16 * 1024];

	private int size;

	/**
	 * Makes an empty buffer.
	 * @param json whether values are written as in JSON, or else as nginx does
	 * @param times writes times
	 */
	LineBuffer(boolean json, Timestamps times) {
		this.json = json;
		this.times = times;
	}

	Timestamps times() {
		return this.times;
	}

	byte[] bytes() {
		return this.bytes;
	}

	int size() {
		return this.size;
	}

	void truncate(int size) {
		this.size = size;
	}

	/**
	 * Drops octets at the front.
	 * @param count how many
	 */
	void discard(int count) {
		System.arraycopy(this.bytes, count, this.bytes, 0, this.size - count);
		this.size -= count;
	}

	/**
	 * Returns where the line begins to which an octet belongs.
	 * @param index the octet
	 * @return the index of the line's first octet
	 */
	int lineStart(int index) {
		int start = index;
		while (start > 0 && this.bytes[start - 1] != '\n') {
			start--;
		}
		return start;
	}

	int lines(int from, int to) {
		int lines = 0;
		for (int i = from; i < to; i++) {
			lines += (this.bytes[i] == '\n') ? 1 : 0;
		}
		return lines;
	}

	void raw(int octet) {
		ensure(1);
		this.bytes[this.size++] = (byte) octet;
	}

	void raw(byte[] octets) {
		ensure(octets.length);
		System.arraycopy(octets, 0, this.bytes, this.size, octets.length);
		this.size += octets.length;
	}

	/**
	 * Appends a value that needs no escaping.
	 * @param value the value
	 * @return true
	 */
	boolean plain(byte[] value) {
		quote();
		raw(value);
		quote();
		return true;
	}

	/**
	 * Appends a value, escaped; a character is an octet, as in header fields.
	 * @param value the value, or {@code null} if there is none
	 * @return whether there is one
	 */
	boolean text(@Nullable String value) {
		if (value == null || (value.isEmpty() && !this.json)) {
			return false;
		}
		quote();
		part(value);
		quote();
		return true;
	}

	/**
	 * Appends a part of a value, escaped.
	 * @param value the part
	 */
	void part(String value) {
		ensure(6 * value.length());
		if (this.json) {
			for (int i = 0; i < value.length(); i++) {
				jsonChar(value.charAt(i));
			}
		}
		else {
			octets(value);
		}
	}

	void quote() {
		if (this.json) {
			raw('"');
		}
	}

	// Ids and names that aren't of the wire may have any character.
	private void octets(String value) {
		for (int i = 0; i < value.length(); i++) {
			if (value.charAt(i) > 0xff) {
				byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
				octets(new String(utf8, StandardCharsets.ISO_8859_1));
				return;
			}
		}
		ensure(4 * value.length());
		for (int i = 0; i < value.length(); i++) {
			char c = value.charAt(i);
			if (c < 0x20 || c > 0x7e || c == '"' || c == '\\') {
				this.bytes[this.size++] = '\\';
				this.bytes[this.size++] = 'x';
				hex(c, 4);
			}
			else {
				this.bytes[this.size++] = (byte) c;
			}
		}
	}

	// RFC 8259 section 7; all beyond ASCII is escaped too, so that a line is ASCII.
	private void jsonChar(char c) {
		if (c == '"' || c == '\\') {
			this.bytes[this.size++] = '\\';
			this.bytes[this.size++] = (byte) c;
		}
		else if (c < 0x20 || c > 0x7e) {
			this.bytes[this.size++] = '\\';
			this.bytes[this.size++] = 'u';
			hex(c, 12);
		}
		else {
			this.bytes[this.size++] = (byte) c;
		}
	}

	private void hex(int value, int highest) {
		for (int shift = highest; shift >= 0; shift -= 4) {
			this.bytes[this.size++] = HEX[(value >> shift) & 0xf];
		}
	}

	/**
	 * Appends a number.
	 * @param value the number
	 * @return true
	 */
	boolean number(long value) {
		ensure(20);
		if (value < 0) {
			raw(Long.toString(value).getBytes(StandardCharsets.US_ASCII));
			return true;
		}
		int digits = 1;
		for (long rest = value / 10; rest > 0; rest /= 10) {
			digits++;
		}
		long rest = value;
		for (int i = this.size + digits - 1; i >= this.size; i--) {
			this.bytes[i] = (byte) ('0' + rest % 10);
			rest /= 10;
		}
		this.size += digits;
		return true;
	}

	/**
	 * Appends a number for which 0 or less stands for none.
	 * @param value the number
	 * @return whether there is one
	 */
	boolean positive(long value) {
		return value > 0 && number(value);
	}

	/**
	 * Appends a number with three decimals.
	 * @param thousandths the number's thousandths, or less than 0 if there is none
	 * @return whether there is one
	 */
	boolean decimal(long thousandths) {
		if (thousandths < 0) {
			return false;
		}
		number(thousandths / 1000);
		raw('.');
		digits(thousandths % 1000, 100);
		return true;
	}

	void digits(long value, int highest) {
		ensure(20);
		for (long unit = highest; unit > 0; unit /= 10) {
			this.bytes[this.size++] = (byte) ('0' + (value / unit) % 10);
		}
	}

	private void ensure(int more) {
		if (this.size + more > this.bytes.length) {
			this.bytes = Arrays.copyOf(this.bytes, Math.max(this.bytes.length * 2, this.size + more));
		}
	}

	@Override
	public String toString() {
		return new String(this.bytes, 0, this.size, StandardCharsets.ISO_8859_1);
	}

}
