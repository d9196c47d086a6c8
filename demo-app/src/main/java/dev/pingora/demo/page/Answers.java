package dev.pingora.demo.page;

import java.nio.charset.StandardCharsets;

import dev.pingora.http.ResponseHeader;

/**
 * Heads of the page's answers. Nothing is stored anywhere, and a browser takes nothing
 * from elsewhere into this page, nor this page into another.
 */
final class Answers {

	static final String TEXT = "text/plain; charset=utf-8";

	static final String JSON = "application/json";

	private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
			+ "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

	private Answers() {
	}

	static ResponseHeader head(int status, String contentType) {
		ResponseHeader header = ResponseHeader.of(status);
		header.headers()
			.set("Content-Type", contentType)
			.set("Cache-Control", "no-store")
			.set("Content-Security-Policy", POLICY)
			.set("X-Content-Type-Options", "nosniff")
			.set("Referrer-Policy", "no-referrer");
		return header;
	}

	static byte[] octets(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
