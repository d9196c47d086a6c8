package dev.pingora.http;

/**
 * The versions of HTTP that the engine speaks.
 */
public enum HttpVersion {

	/** HTTP/1.0, without persistent connections unless asked for. */
	HTTP_1_0("HTTP/1.0"),

	/** HTTP/1.1 (RFC 9112). */
	HTTP_1_1("HTTP/1.1"),

	/** HTTP/2 (RFC 9113). */
	HTTP_2("HTTP/2");

	private final String text;

	HttpVersion(String text) {
		this.text = text;
	}

	/**
	 * Returns the version as logs show it.
	 * @return the text, such as {@code HTTP/1.1}
	 */
	@Override
	public String toString() {
		return this.text;
	}

}
