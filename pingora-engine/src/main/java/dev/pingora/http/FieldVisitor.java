package dev.pingora.http;

/**
 * Takes the fields of {@link Headers} one by one, in order, in the form in which they are
 * at hand. For codecs.
 */
public interface FieldVisitor {

	/**
	 * Takes a field that came from the network and that nobody has touched.
	 * @param table where it is; valid during this call
	 * @param field its number in the table
	 */
	void octets(HeadTable table, int field);

	/**
	 * Takes a field that was added by code.
	 * @param known what {@link KnownField} says of its name
	 * @param name the name
	 * @param value the value
	 */
	void text(int known, String name, String value);

	/**
	 * Takes fields that were added as a block.
	 * @param block the fields
	 */
	default void block(FieldBlock block) {
		for (int i = 0; i < block.fields().size(); i += 2) {
			text(KnownField.OTHER, block.fields().get(i), block.fields().get(i + 1));
		}
	}

}
