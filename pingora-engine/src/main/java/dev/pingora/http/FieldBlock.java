package dev.pingora.http;

import java.util.List;

/**
 * Fields that are added to many messages alike: checked and put into octets once, and
 * copied from then on. Immutable.
 */
public final class FieldBlock {

	// Name, value, name, value.
	private final List<String> fields;

	private final byte[] octets;

	private FieldBlock(List<String> fields) {
		this.fields = fields;
		this.octets = octets(fields);
	}

	// getBytes drops the high octets, of which there are none
	@SuppressWarnings("deprecation")
	private static byte[] octets(List<String> fields) {
		int length = 0;
		for (String text : fields) {
			length += text.length() + 2; // each is followed by two octets
		}
		byte[] octets = new byte[length];
		int end = 0;
		for (int i = 0; i < fields.size(); i++) {
			String text = fields.get(i);
			text.getBytes(0, text.length(), octets, end);
			end += text.length();
			boolean isName = i % 2 == 0;
			octets[end++] = (byte) (isName ? ':' : '\r');
			octets[end++] = (byte) (isName ? ' ' : '\n');
		}
		return octets;
	}

	/**
	 * Makes a block.
	 * @param fields name, value, name, value; no field that {@link KnownField} lists,
	 * since codecs look at those
	 * @return the block
	 * @throws IllegalArgumentException if a name or value could not be sent, or may not
	 * stand in a block
	 */
	public static FieldBlock of(List<String> fields) {
		for (int i = 0; i < fields.size(); i += 2) {
			String name = Ascii.requireToken("header name", fields.get(i));
			Ascii.requireFieldValue(name, fields.get(i + 1));
			if (KnownField.of(name) != KnownField.OTHER) {
				throw new IllegalArgumentException("header name: " + name + " (expected: none that a codec looks at)");
			}
		}
		return new FieldBlock(List.copyOf(fields));
	}

	/**
	 * Returns the fields as they are sent. For codecs.
	 * @return lines, each with its end; not to be changed
	 */
	public byte[] octets() {
		return this.octets;
	}

	List<String> fields() {
		return this.fields;
	}

}
