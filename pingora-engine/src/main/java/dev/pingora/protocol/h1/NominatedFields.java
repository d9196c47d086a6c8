package dev.pingora.protocol.h1;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import dev.pingora.http.Ascii;
import dev.pingora.http.FieldVisitor;
import dev.pingora.http.HeadTable;
import dev.pingora.http.Headers;
import dev.pingora.http.KnownField;

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

	private static final String FORWARDED = "x-forwarded-";

	private final List<String> names = new ArrayList<>(2);

	private boolean closeByCode;

	/**
	 * Reads the fields of another message.
	 * @param headers the fields
	 */
	void read(Headers headers) {
		this.names.clear();
		this.closeByCode = false;
		headers.visit(KnownField.CONNECTION, this);
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
		for (int i = 0; i < this.names.size(); i++) {
			if (Ascii.equalsIgnoreCase(this.names.get(i), table.bytes(), table.nameStart(field),
					table.nameEnd(field))) {
				return true;
			}
		}
		return false;
	}

	@Override
	public void octets(HeadTable table, int field) {
		byte[] bytes = table.bytes();
		int start = table.valueStart(field);
		int end = table.valueEnd(field);
		boolean usual = Ascii.equalsIgnoreCase("keep-alive", bytes, start, end)
				|| Ascii.equalsIgnoreCase("close", bytes, start, end);
		if (!usual) {
			nominate(new String(bytes, start, end - start, StandardCharsets.ISO_8859_1));
		}
	}

	@Override
	public void text(int known, String name, String value) {
		for (String token : value.split(",")) {
			this.closeByCode |= token.trim().equalsIgnoreCase("close");
		}
		nominate(value);
	}

	private void nominate(String list) {
		for (String token : list.split(",")) {
			String name = token.trim().toLowerCase(Locale.ROOT);
			boolean mayBeDropped = KnownField.of(name) == KnownField.OTHER && !FOR_EVERYBODY.contains(name)
					&& !name.startsWith(FORWARDED);
			if (mayBeDropped && !name.isEmpty()) {
				this.names.add(name);
			}
		}
	}

}
