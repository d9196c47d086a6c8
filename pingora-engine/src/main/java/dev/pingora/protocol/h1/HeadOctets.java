package dev.pingora.protocol.h1;

import java.util.Arrays;

import io.netty.buffer.ByteBuf;

/**
 * A head while it is being written: a plain array, into which many small pieces go faster
 * than into a buffer of the network, to which it is copied at the end. Reused from head
 * to head; owned by one event loop.
 */
final class HeadOctets {

	// What grew for one large head is given back after it.
	private static final int KEPT = 8 * 1024;

	private byte[] bytes = new byte[1024];

	private int length;

	void add(byte[] octets) {
		add(octets, 0, octets.length);
	}

	void add(byte[] octets, int start, int end) {
		int size = end - start;
		System.arraycopy(octets, start, room(size), this.length, size);
		this.length += size;
	}

	void add(int octet) {
		room(1)[this.length++] = (byte) octet;
	}

	/**
	 * Adds text.
	 * @param text the text, ISO-8859-1
	 */
	@SuppressWarnings("deprecation") // it drops the high octets, of which there are none
	void add(String text) {
		int size = text.length();
		text.getBytes(0, size, room(size), this.length);
		this.length += size;
	}

	private byte[] room(int size) {
		if (this.bytes.length - this.length < size) {
			this.bytes = Arrays.copyOf(this.bytes, Math.max(this.bytes.length * 2, this.length + size));
		}
		return this.bytes;
	}

	/**
	 * Copies all of it into a buffer, and starts anew.
	 * @param out the buffer
	 */
	void moveTo(ByteBuf out) {
		out.writeBytes(this.bytes, 0, this.length);
		clear();
	}

	void clear() {
		this.length = 0;
		if (this.bytes.length > KEPT) {
			this.bytes = new byte[1024];
		}
	}

}
