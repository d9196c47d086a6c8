package dev.pingora.route;

import dev.pingora.http.Headers;
import dev.pingora.http.KnownField;

/**
 * An edit of one header field. Fields that frame a message or name its host are not to be
 * edited: a wrong value would let two sides disagree about where a message ends (RFC 9112
 * section 11.2).
 *
 * @param kind what is done
 * @param name the field's name
 * @param value the field's value; empty where it is removed
 */
record HeaderEdit(Kind kind, String name, String value) {

	enum Kind {

		ADD, SET, REMOVE

	}

	HeaderEdit {
		Headers.create().add(name, value); // throws if it could not be sent
		int known = KnownField.of(name);
		if (known == KnownField.CONTENT_LENGTH || known == KnownField.TRANSFER_ENCODING
				|| known == KnownField.CONNECTION) {
			throw new IllegalArgumentException("header name: '" + name
					+ "' (expected: none of Connection, Content-Length, Transfer-Encoding: the engine sets them)");
		}
		if (known == KnownField.HOST) {
			throw new IllegalArgumentException(
					"header name: '" + name + "' (expected: not Host: SetRequestHostHeader sets it)");
		}
	}

	static HeaderEdit add(String name, String value) {
		return new HeaderEdit(Kind.ADD, name, value);
	}

	static HeaderEdit set(String name, String value) {
		return new HeaderEdit(Kind.SET, name, value);
	}

	static HeaderEdit remove(String name) {
		return new HeaderEdit(Kind.REMOVE, name, "");
	}

	void apply(Headers headers) {
		switch (this.kind) {
			case ADD -> headers.add(this.name, this.value);
			case SET -> headers.set(this.name, this.value);
			case REMOVE -> headers.remove(this.name);
		}
	}

	@Override
	public String toString() {
		return this.kind + " " + this.name; // values may be secrets
	}

}
