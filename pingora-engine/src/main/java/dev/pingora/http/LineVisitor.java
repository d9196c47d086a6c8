package dev.pingora.http;

/**
 * Takes the parts of a start line in the form in which they are at hand. For codecs.
 */
public interface LineVisitor {

	/**
	 * Takes a part that came from the network and that nobody has touched.
	 * @param bytes where the octets are; valid during this call
	 * @param start the first octet
	 * @param end the octet after the last
	 */
	void octets(byte[] bytes, int start, int end);

	/**
	 * Takes a part that was set by code.
	 * @param text the text, ISO-8859-1
	 */
	void text(String text);

}
