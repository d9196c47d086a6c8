package dev.pingora.forwarding;

import java.util.List;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.Headers;
import dev.pingora.http.HttpVersion;

/**
 * {@code Via}: which proxies a request has passed (RFC 9110 section 7.6.3).
 */
final class ViaField {

	private ViaField() {
	}

	/**
	 * Writes the entry of this proxy.
	 * @param version the version in which the request was received
	 * @param pseudonym the name of this proxy
	 * @return such as {@code 1.1 edge}
	 */
	static String entry(HttpVersion version, String pseudonym) {
		// The name of the protocol is left out if it is HTTP.
		return version.toString().substring("HTTP/".length()) + " " + pseudonym;
	}

	/**
	 * Refuses a request that has passed this proxy before. Sending it on could go on for
	 * ever, and each round would take a connection.
	 * @param headers the received fields
	 * @param pseudonym the name of this proxy
	 * @throws ProxyException if the name is there
	 */
	static void check(Headers headers, String pseudonym) throws ProxyException {
		List<String> values = ReceivedValues.of(headers, "via");
		for (String value : values) {
			if (names(value, pseudonym)) {
				throw ProxyException.downstream(ErrorType.LOOP_DETECTED,
						"request: it has passed " + pseudonym + " before, says its Via");
			}
		}
	}

	// A comment may hold commas; what they part is no protocol and name.
	private static boolean names(String list, String pseudonym) {
		int start = 0;
		while (start < list.length()) {
			int comma = list.indexOf(',', start);
			int end = (comma >= 0) ? comma : list.length();
			if (isBy(list, start, end, pseudonym)) {
				return true;
			}
			start = end + 1;
		}
		return false;
	}

	// The name is the second word.
	private static boolean isBy(String list, int start, int end, String pseudonym) {
		int protocol = skip(list, start, end, true);
		int name = skip(list, skip(list, protocol, end, false), end, true);
		int nameEnd = skip(list, name, end, false);
		return nameEnd - name == pseudonym.length() && list.regionMatches(true, name, pseudonym, 0, nameEnd - name);
	}

	private static int skip(String list, int start, int end, boolean blanks) {
		int at = start;
		while (at < end && (list.charAt(at) == ' ' || list.charAt(at) == '\t') == blanks) {
			at++;
		}
		return at;
	}

}
