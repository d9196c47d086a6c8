package dev.pingora.http;

/**
 * Says something of a field's name without making a string of it.
 */
@FunctionalInterface
public interface NameTest {

	/**
	 * Looks at a name.
	 * @param octets where the name is
	 * @param start its first octet
	 * @param end the octet after its last
	 * @return whether it is one of those
	 */
	boolean test(byte[] octets, int start, int end);

}
