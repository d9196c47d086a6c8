package dev.pingora.http;

/**
 * The header fields that the engine itself looks for, by a small number: a codec marks
 * each field as it parses it, so that nobody compares names again.
 */
public final class KnownField {

	/** Any field that is not listed here. */
	public static final int OTHER = 0;

	/** {@code Connection}, RFC 9110 section 7.6.1. */
	public static final int CONNECTION = 1;

	/** {@code Content-Length}, RFC 9110 section 8.6. */
	public static final int CONTENT_LENGTH = 2;

	/** {@code Transfer-Encoding}, RFC 9112 section 6.1. */
	public static final int TRANSFER_ENCODING = 3;

	/** {@code Host}, RFC 9110 section 7.2. */
	public static final int HOST = 4;

	/** {@code Expect}, RFC 9110 section 10.1.1. */
	public static final int EXPECT = 5;

	/** {@code Upgrade}, RFC 9110 section 7.8. */
	public static final int UPGRADE = 6;

	/** {@code Keep-Alive}, hop-by-hop since RFC 2068. */
	public static final int KEEP_ALIVE = 7;

	/** {@code TE}, RFC 9110 section 10.1.4. */
	public static final int TE = 8;

	/** {@code Trailer}, RFC 9110 section 6.6.2. */
	public static final int TRAILER = 9;

	/** {@code Proxy-Connection}, RFC 9110 appendix B. */
	public static final int PROXY_CONNECTION = 10;

	private static final String[] NAMES = { "", "connection", "content-length", "transfer-encoding", "host", "expect",
			"upgrade", "keep-alive", "te", "trailer", "proxy-connection" };

	private KnownField() {
	}

	/**
	 * Looks a name up.
	 * @param bytes where the name is
	 * @param start its first byte
	 * @param end the byte after its last
	 * @return the field, or {@link #OTHER}
	 */
	public static int of(byte[] bytes, int start, int end) {
		int candidate = candidate(end - start, bytes[start] | 0x20);
		return (candidate != OTHER && Ascii.equalsIgnoreCase(NAMES[candidate], bytes, start, end)) ? candidate : OTHER;
	}

	/**
	 * Looks a name up.
	 * @param name the name, in any case
	 * @return the field, or {@link #OTHER}
	 */
	public static int of(String name) {
		if (name.isEmpty()) {
			return OTHER;
		}
		int candidate = candidate(name.length(), name.charAt(0) | 0x20);
		return (candidate != OTHER && Ascii.equalsIgnoreCase(NAMES[candidate], name)) ? candidate : OTHER;
	}

	// No two known names share length and first letter.
	private static int candidate(int length, int first) {
		return switch (length) {
			case 2 -> TE;
			case 4 -> HOST;
			case 6 -> EXPECT;
			case 7 -> (first == 'u') ? UPGRADE : TRAILER;
			case 10 -> (first == 'c') ? CONNECTION : KEEP_ALIVE;
			case 14 -> CONTENT_LENGTH;
			case 16 -> PROXY_CONNECTION;
			case 17 -> TRANSFER_ENCODING;
			default -> OTHER;
		};
	}

}
