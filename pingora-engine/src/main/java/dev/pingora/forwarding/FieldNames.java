package dev.pingora.forwarding;

/**
 * Tells the fields that speak of the client by the octets of their names: {@code
 * Forwarded}, {@code X-Real-IP}, and all that begin with {@code X-Forwarded}.
 * <p>
 * Many origins read fields as CGI does (RFC 3875 section 4.1.18), where
 * {@code X_Forwarded_For}, or any other character in the hyphen's place, makes the same
 * variable: such names count as well.
 */
final class FieldNames {

	/** None of these fields. */
	static final int NONE = 0;

	/** {@code X-Forwarded-*}. */
	static final int X_FORWARDED = 1;

	/** {@code X-Real-IP}. */
	static final int REAL_IP = 2;

	/** {@code Forwarded}. */
	static final int FORWARDED = 3;

	/** As good as one of the others to some origins. No honest proxy sends it. */
	static final int LOOKALIKE = 4;

	private static final String[] NAMES = { "", "x-forwarded", "x-real-ip", "forwarded" };

	private FieldNames() {
	}

	/**
	 * Classifies a name.
	 * @param octets where it is
	 * @param start its first octet
	 * @param end the octet after its last
	 * @return which of the fields it is
	 */
	static int of(byte[] octets, int start, int end) {
		int length = end - start;
		int first = octets[start] | 0x20;
		if (first == 'f') {
			return (length == 9) ? check(FORWARDED, octets, start, end) : NONE;
		}
		if (first != 'x' || length < 9) {
			return NONE;
		}
		return check(((octets[start + 2] | 0x20) == 'f') ? X_FORWARDED : REAL_IP, octets, start, end);
	}

	private static int check(int kind, byte[] octets, int start, int end) {
		String name = NAMES[kind];
		int length = end - start;
		if (length < name.length() || (kind != X_FORWARDED && length > name.length())) {
			return NONE;
		}
		boolean strange = false;
		for (int i = 0; i < length; i++) {
			int octet = octets[start + i];
			boolean separates = !Node.isAlphanumeric(octet);
			if (i < name.length() && (separates ? '-' : octet | 0x20) != name.charAt(i)) {
				return NONE;
			}
			strange |= separates && octet != '-';
		}
		return strange ? LOOKALIKE : kind;
	}

	static boolean isAny(byte[] octets, int start, int end) {
		return of(octets, start, end) != NONE;
	}

	/**
	 * Tells what is dropped although a trusted proxy sent it, if {@code X-Forwarded-*}
	 * are in use.
	 */
	static boolean isBesideXForwarded(byte[] octets, int start, int end) {
		int kind = of(octets, start, end);
		return kind == FORWARDED || kind == LOOKALIKE;
	}

	/**
	 * Tells what is dropped although a trusted proxy sent it, if {@code Forwarded} is in
	 * use.
	 */
	static boolean isBesideForwarded(byte[] octets, int start, int end) {
		int kind = of(octets, start, end);
		return kind != NONE && kind != FORWARDED;
	}

	/**
	 * Tells what is dropped although a trusted proxy sent it, if both styles are in use.
	 */
	static boolean isLookalike(byte[] octets, int start, int end) {
		return of(octets, start, end) == LOOKALIKE;
	}

}
