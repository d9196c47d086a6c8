package dev.pingora.forwarding;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import dev.pingora.http.Ascii;
import dev.pingora.http.FieldVisitor;
import dev.pingora.http.HeadTable;
import dev.pingora.http.Headers;

/**
 * Collects the values of a field as they came from the network, whatever filters have
 * done since.
 */
final class ReceivedValues implements FieldVisitor {

	private final String name;

	private final List<String> values = new ArrayList<>(1);

	private ReceivedValues(String name) {
		this.name = name;
	}

	static List<String> of(Headers headers, String name) {
		ReceivedValues collector = new ReceivedValues(name);
		headers.visitReceived(collector);
		return collector.values;
	}

	@Override
	public void octets(HeadTable table, int field) {
		if (Ascii.equalsIgnoreCase(this.name, table.bytes(), table.nameStart(field), table.nameEnd(field))) {
			int start = table.valueStart(field);
			this.values
				.add(new String(table.bytes(), start, table.valueEnd(field) - start, StandardCharsets.ISO_8859_1));
		}
	}

	@Override
	public void text(int known, String name, String value) {
		// not received
	}

}
