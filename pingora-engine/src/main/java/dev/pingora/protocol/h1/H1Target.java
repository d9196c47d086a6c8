package dev.pingora.protocol.h1;

import java.util.Arrays;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.Ascii;
import dev.pingora.http.HeadTable;
import dev.pingora.http.HttpVersion;

/**
 * Where a request goes: its target's form (RFC 9112 section 3.2) and its {@code Host}.
 */
final class H1Target {

	private static final byte[] HOST = { 'H', 'o', 's', 't', ':', ' ' };

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
		checkMethod(head);
		checkHost(head, hosts, hostField);
		if (bytes[start] == '/') {
			return; // RFC 9112 section 3.2.1: origin form, the usual one
		}
		if (bytes[start] == '*' && end - start == 1 && head.request().isMethod("OPTIONS")) {
			return; // section 3.2.4
		}
		checkAbsolute(head, hosts, hostField);
	}

	// RFC 9110 section 9.3.6: a tunnel to anywhere is a forward proxy's business. Section
	// 9.3.8: a TRACE shows the client what was sent to the origin, the secrets that
	// filters have added included.
	private static void checkMethod(HeadTable head) throws ProxyException {
		if (isMethod(head, "CONNECT") || isMethod(head, "TRACE")) {
			throw ProxyException.downstream(ErrorType.METHOD_NOT_ALLOWED, "request: CONNECT and TRACE are not served");
		}
	}

	// Methods have a case (section 9.1), but not every origin cares.
	private static boolean isMethod(HeadTable head, String method) {
		return Ascii.equalsIgnoreCase(method, head.bytes(), head.firstStart(), head.firstEnd());
	}

	// RFC 9112 section 3.2: exactly one in HTTP/1.1, and a valid one
	private static void checkHost(HeadTable head, int hosts, int hostField) throws ProxyException {
		if (hosts == 0 && head.version() == HttpVersion.HTTP_1_0) {
			return;
		}
		if (hosts != 1) {
			throw refused((hosts == 0) ? "no Host" : "more than one Host");
		}
		if (!H1Authority.isValid(head.bytes(), head.valueStart(hostField), head.valueEnd(hostField))) {
			throw refused("bad Host");
		}
	}

	// RFC 9112 section 3.2.2: the target's authority is the request's host, whatever
	// Host says.
	private static void checkAbsolute(HeadTable head, int hosts, int hostField) throws ProxyException {
		byte[] bytes = head.bytes();
		int start = head.secondStart();
		int end = head.secondEnd();
		if (startsWith("https://", bytes, start, end)) { // RFC 9110 section 7.4
			throw ProxyException.downstream(ErrorType.MISDIRECTED_REQUEST, "request: https over a plain connection");
		}
		if (!startsWith("http://", bytes, start, end)) {
			throw refused("bad target");
		}
		int authority = start + "http://".length();
		int authorityEnd = authority;
		while (authorityEnd < end && bytes[authorityEnd] != '/' && bytes[authorityEnd] != '?') {
			authorityEnd++;
		}
		// RFC 9110 sections 4.2.1 and 4.2.4: no empty host, no user information
		if (!H1Authority.isValid(bytes, authority, authorityEnd)) {
			throw refused("bad authority");
		}
		if (hosts == 0 || !Arrays.equals(bytes, authority, authorityEnd, bytes, head.valueStart(hostField),
				head.valueEnd(hostField))) {
			if (hosts > 0) {
				head.removeField(hostField);
			}
			addHost(head, authority, authorityEnd);
		}
	}

	private static boolean startsWith(String scheme, byte[] bytes, int start, int end) {
		return end - start >= scheme.length() && Ascii.equalsIgnoreCase(scheme, bytes, start, start + scheme.length());
	}

	// Behind the other octets: all who look at the head afterwards see this Host only.
	private static void addHost(HeadTable head, int authority, int authorityEnd) {
		int length = authorityEnd - authority;
		int start = head.extend(HOST.length + length);
		int valueStart = start + HOST.length;
		System.arraycopy(HOST, 0, head.bytes(), start, HOST.length);
		System.arraycopy(head.bytes(), authority, head.bytes(), valueStart, length);
		head.field(start, start + 4, valueStart, valueStart + length);
	}

	private static ProxyException refused(String what) {
		return ProxyException.downstream(ErrorType.INVALID_TARGET, "request: " + what);
	}

}
