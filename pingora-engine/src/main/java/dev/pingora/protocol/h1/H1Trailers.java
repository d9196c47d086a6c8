package dev.pingora.protocol.h1;

import java.nio.charset.StandardCharsets;

import dev.pingora.http.Ascii;
import dev.pingora.http.HeadTable;
import dev.pingora.http.Headers;

/**
 * Which fields have no business in trailers (RFC 9110 section 6.5.1): those that say how
 * a message is framed, where it goes, who sends it or how its content is to be read. They
 * were needed before the content came; whoever merges such a trailer into the head
 * changes what the message means after the decisions were made. They are dropped: neither
 * merged nor forwarded.
 */
final class H1Trailers {

	private static final String[] FORBIDDEN = {
			// Framing, and what belongs to one connection
			"connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding",
			"upgrade",
			// Routing
			"host", "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-prefix",
			"x-forwarded-proto", "x-real-ip",
			// Modifiers of a request, controls of a response
			"age", "cache-control", "date", "expect", "expires", "if-match", "if-modified-since", "if-none-match",
			"if-range", "if-unmodified-since", "location", "max-forwards", "pragma", "range", "retry-after", "vary",
			"warning",
			// Authentication and state
			"authentication-info", "authorization", "cookie", "proxy-authenticate", "proxy-authentication-info",
			"proxy-authorization", "set-cookie", "www-authenticate",
			// How content is read
			"content-encoding", "content-range", "content-type" };

	private H1Trailers() {
	}

	/**
	 * Makes what was received into fields, without those that are meant for one hop as
	 * the head says (RFC 9110 section 7.6.1).
	 * @param trailers what was received
	 * @param head the head of the same message
	 * @return fields that live until the trailers' table is recycled
	 */
	static Headers of(HeadTable trailers, HeadTable head) {
		Headers fields = trailers.headers();
		NominatedFields nominated = new NominatedFields(); // few messages have trailers
		nominated.read(head.headers());
		nominated.removeFrom(fields);
		return fields;
	}

	/**
	 * Returns whether a trailer that code has added is dropped.
	 * @param name its name
	 * @return whether it is
	 */
	static boolean isForbidden(String name) {
		byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
		return isForbidden(bytes, 0, bytes.length);
	}

	/**
	 * Returns whether a trailer is dropped.
	 * @param bytes where its name is
	 * @param start the name's first octet
	 * @param end the octet after its last
	 * @return whether it is
	 */
	static boolean isForbidden(byte[] bytes, int start, int end) {
		for (String name : FORBIDDEN) {
			if (Ascii.equalsIgnoreCase(name, bytes, start, end)) {
				return true;
			}
		}
		return false;
	}

}
