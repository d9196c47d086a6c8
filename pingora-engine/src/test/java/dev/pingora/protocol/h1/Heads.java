package dev.pingora.protocol.h1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import dev.pingora.error.ProxyException;
import dev.pingora.http.HeadTable;
import dev.pingora.http.KnownField;
import dev.pingora.testkit.Octets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Parses heads for tests, and shows a table's content in a form that can be compared.
 */
final class Heads {

	static final HeadLimits LIMITS = new HeadLimits(64 * 1024, 200);

	private Heads() {
	}

	static ByteBuf buffer(String text) {
		return Unpooled.wrappedBuffer(Octets.latin1(text));
	}

	static HeadTable request(String head) throws ProxyException {
		return parse(H1HeadParser.Kind.REQUEST, head);
	}

	static HeadTable response(String head) throws ProxyException {
		return parse(H1HeadParser.Kind.RESPONSE, head);
	}

	static HeadTable trailers(String head) throws ProxyException {
		return parse(H1HeadParser.Kind.REQUEST_TRAILERS, head);
	}

	static HeadTable parse(H1HeadParser.Kind kind, String head) throws ProxyException {
		return parse(kind, List.of(head));
	}

	static HeadTable parse(H1HeadParser.Kind kind, List<String> pieces) throws ProxyException {
		H1HeadParser parser = new H1HeadParser(LIMITS);
		HeadTable table = new HeadTable();
		parser.start(kind, table);
		for (int i = 0; i < pieces.size(); i++) {
			ByteBuf in = buffer(pieces.get(i));
			boolean complete = parser.parse(in);
			if (complete != (i == pieces.size() - 1) || in.isReadable()) {
				throw new AssertionError(
						"piece " + i + " of " + pieces + ": complete " + complete + ", left " + in.readableBytes());
			}
		}
		return table;
	}

	/**
	 * Shows all that a table says.
	 * @param kind what it holds
	 * @param table the table
	 * @return the start line's parts, then name, value and known field of each field
	 */
	static List<String> show(H1HeadParser.Kind kind, HeadTable table) {
		List<String> shown = new ArrayList<>();
		if (kind.hasStartLine()) {
			shown.add(text(table, table.firstStart(), table.firstEnd()));
			shown.add(text(table, table.secondStart(), table.secondEnd()));
			shown.add(table.version() + " " + table.status());
		}
		for (int i = 0; i < table.fields(); i++) {
			shown.add(name(table, i) + "=" + value(table, i) + ((table.known(i) != KnownField.OTHER) ? "!" : ""));
		}
		shown.add("octets " + table.length());
		return shown;
	}

	static String method(HeadTable table) {
		return text(table, table.firstStart(), table.firstEnd());
	}

	static String target(HeadTable table) {
		return text(table, table.secondStart(), table.secondEnd());
	}

	static String name(HeadTable table, int field) {
		return text(table, table.nameStart(field), table.nameEnd(field));
	}

	static String value(HeadTable table, int field) {
		return text(table, table.valueStart(field), table.valueEnd(field));
	}

	private static String text(HeadTable table, int start, int end) {
		return Octets.latin1(Arrays.copyOfRange(table.bytes(), start, end));
	}

}
