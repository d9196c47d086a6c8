package dev.pingora.protocol.h1;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.Ascii;
import dev.pingora.http.HeadTable;
import dev.pingora.http.HttpVersion;

/**
 * Where a request goes: its target's form (RFC 9112 section 3.2) and its {@code Host}.
 */
final class H1Target {

	private H1Target() {
	}

	/**
	 * Checks a request.
	 * @param head the head
	 * @param hosts how many {@code Host} fields there are
	 * @param hostField the number of the last of them
	 * @throws ProxyException if it must be refused
	 */
	static void check(HeadTable head, int hosts, int hostField) throws ProxyException {
		byte[] bytes = head.bytes();
		int start = head.secondStart();
		int end = head.secondEnd();
		if (Ascii.equalsIgnoreCase("CONNECT", bytes, head.firstStart(), head.firstEnd())) {
			throw ProxyException.downstream(ErrorType.httpStatus(405), "request: CONNECT is not served");
		}
		checkHost(head, hosts, hostField);
		if (bytes[start] == '/') {
			return; // origin form, the usual one
		}
		if (bytes[start] == '*' && end - start == 1 && head.request().method().equals("OPTIONS")) {
			return; // section 3.2.4
		}
		checkAbsolute(head, hosts, hostField);
	}

	// Section 3.2: exactly one in HTTP/1.1, and a valid one
	private static void checkHost(HeadTable head, int hosts, int hostField) throws ProxyException {
		if (hosts == 0 && head.version() == HttpVersion.HTTP_1_0) {
			return;
		}
		if (hosts != 1) {
			throw refused((hosts == 0) ? "no Host" : "more than one Host");
		}
		int start = head.valueStart(hostField);
		int end = head.valueEnd(hostField);
		for (int i = start; i < end; i++) {
			if (!isAuthorityChar(head.bytes()[i])) {
				throw refused("bad Host");
			}
		}
		if (start == end) {
			throw refused("empty Host");
		}
	}

	// RFC 3986 section 3.2 without user information: nobody sends it in Host
	private static boolean isAuthorityChar(byte octet) {
		return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') || (octet >= '0' && octet <= '9')
				|| "-._~:[]!$&'()*+;=%".indexOf(octet) >= 0;
	}

	// Section 3.2.2: the target's authority, which must be what Host says
	private static void checkAbsolute(HeadTable head, int hosts, int hostField) throws ProxyException {
		byte[] bytes = head.bytes();
		int start = head.secondStart();
		int end = head.secondEnd();
		int authority = -1;
		for (String scheme : new String[] { "http://", "https://" }) {
			if (end - start > scheme.length()
					&& Ascii.equalsIgnoreCase(scheme, bytes, start, start + scheme.length())) {
				authority = start + scheme.length();
			}
		}
		if (authority < 0) {
			throw refused("bad target");
		}
		int authorityEnd = authority;
		while (authorityEnd < end && bytes[authorityEnd] != '/' && bytes[authorityEnd] != '?') {
			authorityEnd++;
		}
		boolean same = hosts == 1 && authorityEnd - authority == head.valueEnd(hostField) - head.valueStart(hostField);
		for (int i = authority; same && i < authorityEnd; i++) {
			same = isAuthorityChar(bytes[i])
					&& (bytes[i] | 0x20) == (bytes[head.valueStart(hostField) + i - authority] | 0x20);
		}
		if (!same) {
			throw refused("the target's authority is not that of Host");
		}
	}

	private static ProxyException refused(String what) {
		return ProxyException.downstream(ErrorType.INVALID_HTTP_HEADER, "request: " + what);
	}

}
