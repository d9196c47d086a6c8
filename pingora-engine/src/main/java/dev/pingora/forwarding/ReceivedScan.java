package dev.pingora.forwarding;

import java.nio.charset.StandardCharsets;

import dev.pingora.http.FieldVisitor;
import dev.pingora.http.HeadTable;
import dev.pingora.http.Headers;
import dev.pingora.http.KnownField;
import org.jspecify.annotations.Nullable;

/**
 * Looks once through the fields of a request: which of those that speak of the client are
 * there, and which {@code Host} the client sent, whatever filters have made of it. Makes
 * no string while the host is the same as in the request before. Reused from request to
 * request; owned by the event loop of the connection.
 */
final class ReceivedScan implements FieldVisitor {

	static final int FOR = 1;

	static final int PROTO = 2;

	static final int HOST = 4;

	static final int PORT = 8;

	static final int FORWARDED = 16;

	private static final String[] NAMES = { Names.FOR, Names.PROTO, Names.HOST, Names.PORT, Names.FORWARDED };

	private final ClientFacts client;

	private boolean found;

	private boolean hostFound;

	private int added;

	private @Nullable String lastHost;

	private @Nullable HostTexts host;

	private @Nullable HostTexts noHost;

	/**
	 * The names as they are written.
	 */
	static final class Names {

		static final String FOR = "X-Forwarded-For";

		static final String PROTO = "X-Forwarded-Proto";

		static final String HOST = "X-Forwarded-Host";

		static final String PORT = "X-Forwarded-Port";

		static final String FORWARDED = "Forwarded";

		private Names() {
		}

	}

	ReceivedScan(ClientFacts client) {
		this.client = client;
	}

	ReceivedScan of(Headers headers) {
		this.found = false;
		this.hostFound = false;
		this.added = 0;
		headers.visitReceived(this);
		return this;
	}

	@Override
	public void octets(HeadTable table, int field) {
		if (table.known(field) == KnownField.HOST) {
			host(table.bytes(), table.valueStart(field), table.valueEnd(field));
		}
		else {
			this.found |= FieldNames.isAny(table.bytes(), table.nameStart(field), table.nameEnd(field));
		}
	}

	private void host(byte[] octets, int start, int end) {
		this.hostFound = true;
		String last = this.lastHost;
		boolean same = last != null && last.length() == end - start;
		for (int i = start; same && last != null && i < end; i++) {
			same = last.charAt(i - start) == (octets[i] & 0xff);
		}
		if (!same) {
			String host = new String(octets, start, end - start, StandardCharsets.ISO_8859_1);
			this.lastHost = host;
			this.host = HostTexts.of(host, this.client);
		}
	}

	@Override
	public void text(int known, String name, String value) {
		for (int i = 0; i < NAMES.length; i++) {
			this.added |= name.equalsIgnoreCase(NAMES[i]) ? 1 << i : 0;
		}
	}

	/**
	 * Returns whether the client sent any of the fields that speak of it.
	 */
	boolean hasFound() {
		return this.found;
	}

	/**
	 * Returns whether a filter has set a field: then it stays as it is.
	 */
	boolean isAdded(int field) {
		return (this.added & field) != 0;
	}

	boolean hasAdded() {
		return this.added != 0;
	}

	HostTexts host() {
		HostTexts texts = this.hostFound ? this.host : this.noHost;
		if (texts == null) { // HTTP/1.0
			texts = HostTexts.of(null, this.client);
			this.noHost = texts;
		}
		return texts;
	}

}
