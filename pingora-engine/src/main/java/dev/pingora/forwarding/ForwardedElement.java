package dev.pingora.forwarding;

import java.net.InetSocketAddress;

import dev.pingora.http.Ascii;
import org.jspecify.annotations.Nullable;

/**
 * Reads one element of {@code Forwarded} (RFC 7239 section 4):
 * {@code for="[::1]:80";proto=https;host=a}. White space around the semicolons is
 * tolerated.
 */
final class ForwardedElement {

	private final String text;

	private int at;

	private @Nullable InetSocketAddress node;

	private ForwardedElement(String text) {
		this.text = text;
	}

	/**
	 * Reads an element.
	 * @param text the element
	 * @return the address of its {@code for}, {@link Node#UNKNOWN} if it tells none, or
	 * {@code null} if the element is malformed
	 */
	static @Nullable InetSocketAddress parse(String text) {
		ForwardedElement element = new ForwardedElement(text);
		if (!element.read()) {
			return null;
		}
		return (element.node != null) ? element.node : Node.UNKNOWN;
	}

	private boolean read() {
		while (true) {
			if (!pair()) {
				return false;
			}
			skipBlanks();
			if (this.at == this.text.length()) {
				return true;
			}
			if (this.text.charAt(this.at++) != ';') {
				return false;
			}
			skipBlanks();
		}
	}

	private boolean pair() {
		String name = token();
		if (name.isEmpty() || this.at == this.text.length() || this.text.charAt(this.at++) != '=') {
			return false;
		}
		String value = value();
		if (value == null) {
			return false;
		}
		if (name.equalsIgnoreCase("for")) {
			boolean first = this.node == null; // section 4: each parameter once
			this.node = Node.parse(value, false);
			return first && this.node != null;
		}
		return true;
	}

	private @Nullable String value() {
		if (this.at < this.text.length() && this.text.charAt(this.at) == '"') {
			return quotedString();
		}
		String token = token();
		return token.isEmpty() ? null : token;
	}

	private String token() {
		int start = this.at;
		while (this.at < this.text.length() && this.text.charAt(this.at) < 0x80
				&& Ascii.isTokenChar(this.text.charAt(this.at))) {
			this.at++;
		}
		return this.text.substring(start, this.at);
	}

	// RFC 9110 section 5.6.4
	private @Nullable String quotedString() {
		StringBuilder value = new StringBuilder();
		for (int i = this.at + 1; i < this.text.length(); i++) {
			char c = this.text.charAt(i);
			if (c == '"') {
				this.at = i + 1;
				return value.toString();
			}
			if (c == '\\') {
				i++;
				if (i == this.text.length()) {
					return null;
				}
				c = this.text.charAt(i);
			}
			value.append(c);
		}
		return null;
	}

	private void skipBlanks() {
		while (this.at < this.text.length() && Hops.isBlank(this.text.charAt(this.at))) {
			this.at++;
		}
	}

}
