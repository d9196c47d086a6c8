package dev.pingora.http;

/**
 * Takes the fields of {@link Headers} one by one, in order, in the form in which they are
 * at hand. For codecs.
 */
public interface FieldVisitor {

	/**
	 * Takes a field that came from the network and that nobody has touched.
	 * @param known what {@link KnownField} says of its name
	 * @param bytes where the octets are; valid during this call
	 * @param nameStart where the name starts
	 * @param nameEnd after the name's last octet
	 * @param valueStart where the value starts
	 * @param valueEnd after the value's last octet
	 */
	void octets(int known, byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd);

	/**
	 * Takes a field that was added by code.
	 * @param known what {@link KnownField} says of its name
	 * @param name the name
	 * @param value the value
	 */
	void text(int known, String name, String value);

}
