package dev.pingora.testkit;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A response as it came over the wire.
 *
 * @param statusLine the whole first line
 * @param status the status code
 * @param headers the header fields
 * @param body the body without its framing
 * @param trailers the trailers of a chunked body
 * @param interim the 1xx responses that came before it, in order
 */
public record RawResponse(String statusLine, int status, Fields headers, byte[] body, Fields trailers,
		List<RawResponse> interim) {

	/**
	 * Returns a field's first value.
	 * @param name the name, in any case
	 * @return the value, or {@code null}
	 */
	public @Nullable String header(String name) {
		return this.headers.first(name);
	}

	/**
	 * Returns the body as text.
	 * @return one character per octet
	 */
	public String text() {
		return Octets.latin1(this.body);
	}

	@Override
	public String toString() {
		return this.statusLine + " " + this.headers.entries() + " " + Octets.show(this.body);
	}

}
