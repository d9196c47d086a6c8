package dev.pingora.protocol.h1;

import java.nio.charset.StandardCharsets;
import java.util.List;

import dev.pingora.http.Ascii;
import dev.pingora.http.HeadTable;
import dev.pingora.http.HttpVersion;
import dev.pingora.http.KnownField;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What heads say about another protocol (RFC 9110 section 7.8). {@code Upgrade} is of one
 * hop: what a client sends of it is never passed on, but read here, and written anew.
 */
final class H1Upgrade {

	private static final byte[] FIELDS = "Connection: Upgrade\r\nUpgrade: ".getBytes(StandardCharsets.US_ASCII);

	private static final byte[] END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

	private H1Upgrade() {
	}

	/**
	 * Reads what a request without a body asks for.
	 * @param head the head
	 * @param allowed the protocols that may be asked for
	 * @return the allowed protocol, as it is spelt there, or {@code null} if the request
	 * is to go on as it is
	 */
	static @Nullable String requested(HeadTable head, List<String> allowed) {
		// "A server MUST ignore an Upgrade header field that is received in an HTTP/1.0
		// request."
		if (head.version() != HttpVersion.HTTP_1_1 || isMethod(head, "HEAD") || isMethod(head, "CONNECT")) {
			return null;
		}
		int field = onlyUpgrade(head);
		for (int i = 0; field >= 0 && i < allowed.size(); i++) {
			if (isValue(head, field, allowed.get(i))) {
				return allowed.get(i);
			}
		}
		return null;
	}

	/**
	 * Returns whether a 101 says that the protocol is what was asked for.
	 * @param head the response's head
	 * @param protocol what was asked for, or {@code null} for nothing
	 * @return whether the two sides agree
	 */
	static boolean isAgreed(HeadTable head, @Nullable String protocol) {
		int field = (protocol != null) ? onlyUpgrade(head) : -1;
		return protocol != null && field >= 0 && isValue(head, field, protocol);
	}

	// One field with one protocol, and nominated as of this hop; a list is a matter for
	// negotiation, which a tunnel has no part in.
	private static int onlyUpgrade(HeadTable head) {
		int found = -1;
		boolean nominated = false;
		for (int i = 0; i < head.fields(); i++) {
			int known = head.known(i);
			if (known == KnownField.UPGRADE) {
				if (found >= 0) {
					return -1;
				}
				found = i;
			}
			nominated |= known == KnownField.CONNECTION && lists(head, i, "upgrade");
		}
		return nominated ? found : -1;
	}

	private static boolean lists(HeadTable head, int field, String token) {
		byte[] bytes = head.bytes();
		int end = head.valueEnd(field);
		int start = head.valueStart(field);
		while (start < end) {
			int comma = H1List.elementEnd(bytes, start, end);
			if (H1List.isElement(token, bytes, start, comma)) {
				return true;
			}
			start = comma + 1;
		}
		return false;
	}

	private static boolean isMethod(HeadTable head, String method) {
		int start = head.firstStart();
		boolean same = head.firstEnd() - start == method.length();
		for (int i = 0; same && i < method.length(); i++) {
			same = head.bytes()[start + i] == method.charAt(i);
		}
		return same;
	}

	private static boolean isValue(HeadTable head, int field, String value) {
		return Ascii.equalsIgnoreCase(value, head.bytes(), head.valueStart(field), head.valueEnd(field));
	}

	/**
	 * Adds the fields that ask for a protocol, or agree to it.
	 * @param head a head that was written whole, up to its empty line; released if this
	 * throws, since it may have to grow
	 * @param protocol the protocol
	 */
	static void add(ByteBuf head, String protocol) {
		boolean sound = false;
		try {
			head.writerIndex(head.writerIndex() - 2); // the empty line
			head.writeBytes(FIELDS);
			head.writeCharSequence(protocol, StandardCharsets.US_ASCII);
			head.writeBytes(END);
			sound = true;
		}
		finally {
			if (!sound) {
				head.release();
			}
		}
	}

}
