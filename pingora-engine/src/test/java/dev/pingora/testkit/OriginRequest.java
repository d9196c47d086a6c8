package dev.pingora.testkit;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A request as the origin has received it.
 *
 * @param connection the number of its connection, from 1 in the order of acceptance
 * @param order its number on that connection, from 1
 * @param headOctets the head as it came, line ends included
 * @param method the method
 * @param target the request target as it came
 * @param headers the header fields
 * @param content its body, which fills as the behaviour reads it
 */
public record OriginRequest(int connection, int order, byte[] headOctets, String method, String target, Fields headers,
		OriginBody content) {

	static OriginRequest parse(int connection, int order, byte[] headOctets) {
		String[] lines = Octets.latin1(headOctets).split("\r?\n");
		String[] parts = lines[0].split(" ");
		if (parts.length != 3) {
			throw new AssertionError("Not a request line: \"" + lines[0] + "\"");
		}
		Fields headers = Fields.parse(List.of(lines).subList(1, lines.length));
		return new OriginRequest(connection, order, headOctets, parts[0], parts[1], headers, new OriginBody());
	}

	/**
	 * Returns the head as it came.
	 * @return one character per octet
	 */
	public String head() {
		return Octets.latin1(this.headOctets);
	}

	/**
	 * Returns the path.
	 * @return the target without its query
	 */
	public String path() {
		return this.target.split("\\?", 2)[0];
	}

	/**
	 * Returns a numeric parameter of the query.
	 * @param name the name
	 * @param otherwise the value if it is missing
	 * @return the value
	 */
	public long parameter(String name, long otherwise) {
		String[] parts = this.target.split("\\?", 2);
		for (String pair : (parts.length == 2) ? parts[1].split("&") : new String[0]) {
			if (pair.startsWith(name + "=")) {
				return Long.parseLong(pair.substring(name.length() + 1));
			}
		}
		return otherwise;
	}

	/**
	 * Returns a field's first value.
	 * @param name the name, in any case
	 * @return the value, or {@code null}
	 */
	public @Nullable String header(String name) {
		return this.headers.first(name);
	}

	/**
	 * Returns the body, waiting for its end.
	 * @return the octets without their framing
	 * @throws AssertionError if it does not come whole within {@link Await#PATIENCE}
	 */
	public byte[] body() {
		Await.until("the whole body of " + this, this.content::isComplete);
		return this.content.octets();
	}

	@Override
	public String toString() {
		return this.method + " " + this.target + " (" + this.connection + "." + this.order + ")";
	}

}
