package dev.pingora.http;

/**
 * The usual methods (RFC 9110 section 9.3, RFC 5789), of which no new strings are made.
 */
final class Methods {

	private static final String[] USUAL = { "GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH" };

	private Methods() {
	}

	static String string(byte[] bytes, int start, int end) {
		for (String method : USUAL) {
			if (equals(method, bytes, start, end)) {
				return method;
			}
		}
		return Ascii.string(bytes, start, end);
	}

	// Methods are case-sensitive.
	private static boolean equals(String method, byte[] bytes, int start, int end) {
		if (method.length() != end - start) {
			return false;
		}
		for (int i = 0; i < method.length(); i++) {
			if (method.charAt(i) != bytes[start + i]) {
				return false;
			}
		}
		return true;
	}

}
