package dev.pingora.http;

import dev.pingora.testkit.Octets;

/**
 * Fills head tables as a codec does.
 */
final class Tables {

	private Tables() {
	}

	static HeadTable request(String method, String target, String... fields) {
		HeadTable table = new HeadTable();
		fillRequest(table, method, target, fields);
		return table;
	}

	static void fillRequest(HeadTable table, String method, String target, String... fields) {
		int methodStart = append(table, method);
		int targetStart = append(table, target);
		table.requestLine(methodStart, targetStart, targetStart, table.length());
		table.version(HttpVersion.HTTP_1_1);
		fillFields(table, fields);
	}

	static HeadTable response(int status, String reason, String... fields) {
		HeadTable table = new HeadTable();
		int start = append(table, reason);
		table.statusLine(status, start, table.length());
		fillFields(table, fields);
		return table;
	}

	static HeadTable fields(String... fields) {
		HeadTable table = new HeadTable();
		fillFields(table, fields);
		return table;
	}

	private static void fillFields(HeadTable table, String... fields) {
		for (int i = 0; i < fields.length; i += 2) {
			int name = append(table, fields[i]);
			int value = append(table, fields[i + 1]);
			table.field(name, value, value, table.length());
		}
	}

	private static int append(HeadTable table, String text) {
		byte[] octets = Octets.latin1(text);
		int start = table.extend(octets.length);
		System.arraycopy(octets, 0, table.bytes(), start, octets.length);
		return start;
	}

}
