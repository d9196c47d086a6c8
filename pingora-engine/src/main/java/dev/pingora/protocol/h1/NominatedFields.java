package dev.pingora.protocol.h1;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

import dev.pingora.http.Ascii;
import dev.pingora.http.FieldVisitor;
import dev.pingora.http.HeadTable;
import dev.pingora.http.Headers;
import dev.pingora.http.KnownField;
import org.jspecify.annotations.Nullable;

/**
 * What the {@code Connection} fields of a message say: which other fields are meant for
 * one hop only, and whether the connection is to end (RFC 9110 section 7.6.1).
 * <p>
 * Fields that are meant for everybody can't be nominated: the section forbids it, and a
 * client would take from the upstream what its answer, or whom it trusts, depends on.
 * Reused from message to message; owned by one event loop.
 */
final class NominatedFields implements FieldVisitor {

	// Fields that are known to the codec, such as Host, are never dropped either.
	private static final Set<String> FOR_EVERYBODY = Set.of("accept", "accept-encoding", "accept-language", "age",
			"allow", "authorization", "cache-control", "content-disposition", "content-encoding", "content-language",
			"content-location", "content-range", "content-security-policy", "content-type", "cookie", "date", "etag",
			"expires", "forwarded", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since",
			"last-modified", "location", "origin", "pragma", "proxy-authenticate", "proxy-authorization", "range",
			"referer", "retry-after", "set-cookie", "strict-transport-security", "user-agent", "vary", "via",
			"www-authenticate", "x-real-ip");

	// RFC 9112 section 9.6: an option of the connection, and never the name of a field
	private static final String CLOSE = "close";

	private static final String FORWARDED = "x-forwarded-";

	// In lower case. Made only for a message that nominates what could be dropped: a head
	// may hold as many names as fit in, and each is compared with each field.
	private @Nullable Set<String> names;

	// One bit for each length of a name, modulo 64: most fields need no closer look.
	private long lengths;

	private boolean closeByCode;

	/**
	 * Reads the fields of another message.
	 * @param headers the fields
	 */
	void read(Headers headers) {
		clear();
		this.closeByCode = false;
		// What the other side has named is of its hop, though a filter has removed the
		// field that says so, or set another.
		headers.visitReceived(KnownField.CONNECTION, this);
	}

	/**
	 * Gives back what was made for the message.
	 */
	void clear() {
		this.names = null;
		this.lengths = 0;
	}

	/**
	 * Removes the fields that are not to be forwarded.
	 * @param fields fields that the same message has besides
	 */
	void removeFrom(Headers fields) {
		if (this.names != null) {
			this.names.forEach(fields::remove);
		}
	}

	/**
	 * Returns how many names are kept.
	 * @return the number of names, each counted once
	 */
	int size() {
		return (this.names != null) ? this.names.size() : 0;
	}

	/**
	 * Returns whether code, not the other side, wants the connection to end.
	 * @return whether a {@code Connection} field that was added says {@code close}
	 */
	boolean isCloseByCode() {
		return this.closeByCode;
	}

	/**
	 * Returns whether a received field is not to be forwarded.
	 * @param table where it is
	 * @param field its number
	 * @return whether it is nominated
	 */
	boolean contains(HeadTable table, int field) {
		if (this.names == null) {
			return false;
		}
		int start = table.nameStart(field);
		int end = table.nameEnd(field);
		return (this.lengths & bit(end - start)) != 0 && this.names.contains(lowerCase(table.bytes(), start, end));
	}

	@Override
	public void octets(HeadTable table, int field) {
		byte[] bytes = table.bytes();
		int end = table.valueEnd(field);
		int start = table.valueStart(field);
		while (start < end) {
			int comma = H1List.elementEnd(bytes, start, end);
			int from = H1List.skipBlanks(bytes, start, comma);
			int to = H1List.trimBlanks(bytes, from, comma);
			// No string is made of what connections say usually: keep-alive and Upgrade
			// are known, and close is no field.
			if (from < to && KnownField.of(bytes, from, to) == KnownField.OTHER
					&& !Ascii.equalsIgnoreCase(CLOSE, bytes, from, to)) {
				nominate(lowerCase(bytes, from, to));
			}
			start = comma + 1;
		}
	}

	@Override
	public void text(int known, String name, String value) {
		for (String element : value.split(",")) {
			String token = element.trim().toLowerCase(Locale.ROOT);
			if (token.equals(CLOSE)) {
				this.closeByCode = true;
			}
			else if (!token.isEmpty() && KnownField.of(token) == KnownField.OTHER) {
				nominate(token);
			}
		}
	}

	private void nominate(String name) {
		if (FOR_EVERYBODY.contains(name) || name.startsWith(FORWARDED)) {
			return;
		}
		if (this.names == null) {
			this.names = new HashSet<>();
		}
		this.names.add(name);
		this.lengths |= bit(name.length());
	}

	private static long bit(int length) {
		return 1L << length; // modulo 64
	}

	private static String lowerCase(byte[] bytes, int start, int end) {
		return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
	}

}
