package dev.pingora.proxy;

/**
 * The key of a typed value that one filter leaves on the session for another. Keys are
 * compared by identity: keep one in a constant.
 *
 * @param <T> the type of the value
 */
public final class Attribute<T> {

	private final String name;

	private Attribute(String name) {
		this.name = name;
	}

	/**
	 * Makes a key.
	 * @param <T> the type of the value
	 * @param name a name, for people
	 * @return the key
	 */
	public static <T> Attribute<T> named(String name) {
		return new Attribute<>(name);
	}

	@Override
	public String toString() {
		return this.name;
	}

}
