package dev.pingora.protocol.h1;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.Ascii;
import dev.pingora.http.HeadTable;
import dev.pingora.http.HttpVersion;
import dev.pingora.http.KnownField;

/**
 * How long a message is and whether its connection goes on (RFC 9112 sections 6 and 9).
 * Everything that leaves room for two opinions about a message's length is refused: it is
 * what request smuggling is made of. Reused from message to message; owned by one event
 * loop.
 */
final class H1Framing {

	/** How the end of a body is told. */
	enum Body {

		NONE, LENGTH, CHUNKED, UNTIL_CLOSE

	}

	private final ErrorSource source;

	private Body body = Body.NONE;

	private long length;

	private boolean keepAlive;

	// What the fields said.

	private int lengths;

	private int codings;

	private int expectations;

	private boolean expectsContinue;

	private int hosts;

	private int hostField;

	private boolean unknownCoding;

	private boolean close;

	private boolean keep;

	private boolean upgrade;

	H1Framing(ErrorSource source) {
		this.source = source;
	}

	Body body() {
		return this.body;
	}

	long length() {
		return this.length;
	}

	boolean isKeepAlive() {
		return this.keepAlive;
	}

	/**
	 * Returns whether the client of a request may wait for 100 (Continue) before it sends
	 * the body.
	 * @return whether it says so
	 */
	boolean expectsContinue() {
		return this.expectsContinue;
	}

	/**
	 * Returns whether there is an {@code Upgrade}, whatever it says.
	 * @return whether it is worth to look at
	 */
	boolean hasUpgrade() {
		return this.upgrade;
	}

	/**
	 * Reads a request's head.
	 * @param head the head
	 * @throws ProxyException if it must be refused
	 */
	void request(HeadTable head) throws ProxyException {
		scan(head);
		H1Target.check(head, this.hosts, this.hostField);
		if (this.expectations > 0 && head.version() == HttpVersion.HTTP_1_0) {
			dropExpectations(head);
			this.expectsContinue = false;
		}
		// Whatever the method is: RFC 9112 section 6, RFC 9110 section 9.3.1.
		if (this.codings > 0) {
			this.body = Body.CHUNKED;
		}
		else { // neither field, no body: RFC 9112 section 6.3, rule 7
			this.body = (this.lengths > 0 && this.length > 0) ? Body.LENGTH : Body.NONE;
		}
	}

	/**
	 * Reads a response's head.
	 * @param head the head
	 * @param toHead whether the request's method was HEAD
	 * @throws ProxyException if it must be refused
	 */
	void response(HeadTable head, boolean toHead) throws ProxyException {
		scan(head);
		int status = head.status();
		if (toHead || status < 200 || status == 204 || status == 304) {
			this.body = Body.NONE; // RFC 9112 section 6.3, rule 1
			if (status < 200 || status == 204) {
				// RFC 9110 section 8.6, RFC 9112 section 6.1: neither field may be there,
				// and
				// who sends one may send a body behind it.
				this.keepAlive &= this.codings == 0 && this.length == 0;
			}
		}
		else if (this.codings > 0) {
			this.body = Body.CHUNKED;
		}
		else if (this.lengths > 0) {
			this.body = (this.length > 0) ? Body.LENGTH : Body.NONE;
		}
		else { // rule 8
			this.body = Body.UNTIL_CLOSE;
			this.keepAlive = false;
		}
	}

	private void forget() {
		this.lengths = 0;
		this.codings = 0;
		this.expectations = 0;
		this.expectsContinue = false;
		this.hosts = 0;
		this.length = 0;
		this.unknownCoding = false;
		this.close = false;
		this.keep = false;
		this.upgrade = false;
	}

	private void scan(HeadTable head) throws ProxyException {
		forget();
		for (int i = 0; i < head.fields(); i++) {
			switch (head.known(i)) {
				case KnownField.CONTENT_LENGTH -> contentLength(head, i);
				case KnownField.TRANSFER_ENCODING -> transferEncoding(head, i);
				case KnownField.CONNECTION -> connection(head, i);
				case KnownField.EXPECT -> {
					if (this.source == ErrorSource.DOWNSTREAM) {
						expect(head, i);
					}
				}
				case KnownField.UPGRADE -> this.upgrade = true;
				case KnownField.HOST -> {
					this.hosts++;
					this.hostField = i;
				}
				default -> {
				}
			}
		}
		if (this.lengths > 0 && this.codings > 0) { // RFC 9112 section 6.1
			throw refused("both Content-Length and Transfer-Encoding");
		}
		if (this.codings > 0 && head.version() == HttpVersion.HTTP_1_0) { // section 6.1
			throw refused("Transfer-Encoding in HTTP/1.0");
		}
		if (this.unknownCoding) {
			throw error(this.source, ErrorType.UNSUPPORTED_CODING, "a transfer coding beside chunked");
		}
		// Section 9.3
		this.keepAlive = !this.close && (head.version() == HttpVersion.HTTP_1_1 || this.keep);
	}

	// RFC 9110 section 8.6: 1*DIGIT, once. Lists of equal values may be repaired; not
	// here.
	private void contentLength(HeadTable head, int field) throws ProxyException {
		if (++this.lengths > 1) {
			throw refused("more than one Content-Length");
		}
		this.length = Ascii.number(head.bytes(), head.valueStart(field), head.valueEnd(field));
		if (this.length == Ascii.NO_NUMBER) {
			throw refused("bad Content-Length");
		}
	}

	// RFC 9112 section 6.1: chunked, last and once. Other codings before it are well
	// framed but not spoken here; whatever else there is has no length to rely on.
	private void transferEncoding(HeadTable head, int field) throws ProxyException {
		byte[] bytes = head.bytes();
		int start = head.valueStart(field);
		int end = head.valueEnd(field);
		if (++this.codings > 1) {
			throw refused("more than one Transfer-Encoding");
		}
		if (Ascii.equalsIgnoreCase("chunked", bytes, start, end)) {
			return;
		}
		int comma = H1List.elementEnd(bytes, start, end);
		while (comma < end && H1List.isToken(bytes, start, comma)
				&& !H1List.isElement("chunked", bytes, start, comma)) {
			start = comma + 1;
			comma = H1List.elementEnd(bytes, start, end);
		}
		if (comma < end || !H1List.isElement("chunked", bytes, start, end)) { // 6.3
			throw refused("Transfer-Encoding of which chunked is not the end");
		}
		this.unknownCoding = true;
	}

	// RFC 9110 section 10.1.1: one who expects more than this is refused, since nobody
	// here could promise it.
	private void expect(HeadTable head, int field) throws ProxyException {
		this.expectations++;
		byte[] bytes = head.bytes();
		int end = head.valueEnd(field);
		int start = head.valueStart(field);
		while (start < end) {
			int comma = H1List.elementEnd(bytes, start, end);
			boolean toContinue = H1List.isElement("100-continue", bytes, start, comma);
			this.expectsContinue |= toContinue;
			if (!toContinue && !H1List.isElement("", bytes, start, comma)) {
				throw error(this.source, ErrorType.EXPECTATION_FAILED, "an expectation other than 100-continue");
			}
			start = comma + 1;
		}
	}

	// RFC 9110 section 10.1.1: ignored in HTTP/1.0, and the request goes on as HTTP/1.1.
	private static void dropExpectations(HeadTable head) {
		for (int i = head.fields() - 1; i >= 0; i--) {
			if (head.known(i) == KnownField.EXPECT) {
				head.removeField(i);
			}
		}
	}

	// RFC 9110 section 7.6.1
	private void connection(HeadTable head, int field) {
		byte[] bytes = head.bytes();
		int end = head.valueEnd(field);
		int start = head.valueStart(field);
		while (start < end) {
			int comma = H1List.elementEnd(bytes, start, end);
			this.close |= H1List.isElement("close", bytes, start, comma);
			this.keep |= H1List.isElement("keep-alive", bytes, start, comma);
			start = comma + 1;
		}
	}

	private ProxyException refused(String what) {
		return error(this.source, ErrorType.INVALID_FRAMING, what);
	}

	static ProxyException error(ErrorSource source, ErrorType type, String what) {
		return (source == ErrorSource.UPSTREAM) ? ProxyException.upstream(type, "response: " + what)
				: ProxyException.downstream(type, "request: " + what);
	}

}
