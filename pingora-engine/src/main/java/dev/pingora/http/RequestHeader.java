package dev.pingora.http;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * The head of a request: method, target and header fields (RFC 9112 section 3).
 * <p>
 * Used by one thread at a time. After the request's end every method throws
 * {@code IllegalStateException}.
 */
public final class RequestHeader {

	private final @Nullable HeadTable table;

	private final int generation;

	private final Headers headers;

	private HttpVersion version;

	private @Nullable String method;

	private @Nullable String target;

	private boolean methodEdited;

	private boolean targetEdited;

	RequestHeader(HeadTable table) {
		this(table, table.generation(), new Headers(table), table.version());
	}

	private RequestHeader(@Nullable HeadTable table, int generation, Headers headers, HttpVersion version) {
		this.table = table;
		this.generation = generation;
		this.headers = headers;
		this.version = version;
	}

	/**
	 * Makes a request without fields.
	 * @param method the method, a token
	 * @param target the target, in origin form
	 * @return the request
	 * @throws IllegalArgumentException if method or target could not be sent
	 */
	public static RequestHeader of(String method, String target) {
		RequestHeader header = new RequestHeader(null, 0, Headers.create(), HttpVersion.HTTP_1_1);
		header.setMethod(method);
		header.setTarget(target);
		return header;
	}

	/**
	 * Returns the method, as it was sent: methods are case-sensitive.
	 * @return the method
	 */
	public String method() {
		HeadTable table = table();
		if (this.method == null) {
			this.method = Objects.requireNonNull(table).first();
		}
		return this.method;
	}

	/**
	 * Returns whether this is the request's method; cheaper than {@link #method()} where
	 * nobody else asks for it.
	 * @param method the method, whose case matters
	 * @return whether it is
	 */
	public boolean isMethod(String method) {
		HeadTable table = table();
		if (this.method != null || table == null) {
			return method.equals(method());
		}
		boolean same = method.length() == table.firstEnd() - table.firstStart();
		for (int i = 0; same && i < method.length(); i++) {
			same = method.charAt(i) == (table.bytes()[table.firstStart() + i] & 0xff);
		}
		return same;
	}

	/**
	 * Changes the method.
	 * @param method the method, a token
	 * @throws IllegalArgumentException if it is no token
	 */
	public void setMethod(String method) {
		table();
		this.method = Ascii.requireToken("method", method);
		this.methodEdited = true;
	}

	/**
	 * Returns the target as it was sent: path and query, an absolute URI, or {@code *}
	 * (RFC 9112 section 3.2).
	 * @return the raw target
	 */
	public String target() {
		HeadTable table = table();
		if (this.target == null) {
			this.target = Objects.requireNonNull(table).second();
		}
		return this.target;
	}

	/**
	 * Changes the target.
	 * @param target the target, visible characters without spaces
	 * @throws IllegalArgumentException if it could not be sent
	 */
	public void setTarget(String target) {
		table();
		boolean valid = !target.isEmpty();
		for (int i = 0; i < target.length(); i++) {
			char c = target.charAt(i);
			valid &= c > 0x20 && c <= 0xff && c != 0x7f && c != '#';
		}
		if (!valid) {
			throw new IllegalArgumentException(
					"target: '" + Ascii.printable(target) + "' (expected: visible characters, no spaces, no fragment)");
		}
		this.target = target;
		this.targetEdited = true;
	}

	/**
	 * Returns the path: raw, not decoded, without the query.
	 * @return the path; {@code *} for {@code OPTIONS *}
	 */
	public String path() {
		String originForm = originForm();
		int query = originForm.indexOf('?');
		return (query >= 0) ? originForm.substring(0, query) : originForm;
	}

	/**
	 * Changes the path and keeps the query.
	 * @param path the raw path
	 * @throws IllegalArgumentException if it could not be sent
	 */
	public void setPath(String path) {
		if (path.indexOf('?') >= 0) {
			throw new IllegalArgumentException("path: '" + Ascii.printable(path) + "' (expected: no query)");
		}
		String query = query();
		setTarget((query != null) ? path + "?" + query : path);
	}

	/**
	 * Returns the query, raw, without its question mark.
	 * @return the query, or {@code null} if there is no question mark
	 */
	public @Nullable String query() {
		String originForm = originForm();
		int query = originForm.indexOf('?');
		return (query >= 0) ? originForm.substring(query + 1) : null;
	}

	private String originForm() {
		String target = target();
		if (target.startsWith("/") || target.indexOf("://") < 0) {
			return target;
		}
		int end = target.indexOf("://") + 3; // absolute form: what follows the authority
		while (end < target.length() && "/?".indexOf(target.charAt(end)) < 0) {
			end++;
		}
		String rest = target.substring(end);
		if (rest.isEmpty() && method().equals("OPTIONS")) {
			return "*"; // RFC 9112 section 3.2.4
		}
		return rest.startsWith("/") ? rest : "/" + rest;
	}

	/**
	 * Returns the version in which the client spoke.
	 * @return the version
	 */
	public HttpVersion version() {
		table();
		return this.version;
	}

	/**
	 * Returns the header fields, to read and edit.
	 * @return the fields
	 */
	public Headers headers() {
		table();
		return this.headers;
	}

	/**
	 * Returns whether a header field is there.
	 * @param name its name, in any case
	 * @return whether there is at least one such field
	 */
	public boolean hasHeader(String name) {
		return this.headers.contains(name);
	}

	/**
	 * Returns the first value of a header field.
	 * @param name its name, in any case
	 * @return the value, or {@code null}
	 */
	public @Nullable String header(String name) {
		return this.headers.first(name);
	}

	/**
	 * Copies this header; edits of one don't show in the other. The copy ends with the
	 * request, as the original does.
	 * @return the copy
	 */
	public RequestHeader copy() {
		RequestHeader copy = new RequestHeader(table(), this.generation, this.headers.copy(), this.version);
		copyEdits(copy);
		return copy;
	}

	/**
	 * Copies this header into memory of its own, which outlives the request.
	 * @return the copy
	 */
	public RequestHeader detach() {
		HeadTable table = table();
		HeadTable own = (table != null) ? table.detached() : null;
		RequestHeader copy = new RequestHeader(own, (own != null) ? own.generation() : 0, this.headers.detach(own),
				this.version);
		copyEdits(copy);
		return copy;
	}

	private void copyEdits(RequestHeader copy) {
		copy.method = this.method;
		copy.target = this.target;
		copy.methodEdited = this.methodEdited;
		copy.targetEdited = this.targetEdited;
	}

	/**
	 * Hands the method to a codec in the form in which it is at hand.
	 * @param visitor takes the method
	 */
	public void visitMethod(LineVisitor visitor) {
		HeadTable table = table();
		if (table == null || this.methodEdited) {
			visitor.text(method());
		}
		else {
			visitor.octets(table.bytes(), table.firstStart(), table.firstEnd());
		}
	}

	/**
	 * Hands the target to a codec in the form in which it is at hand: in origin form, as
	 * it is sent to an origin server (RFC 9112 section 3.2.1), or {@code *}.
	 * @param visitor takes the target
	 */
	public void visitTarget(LineVisitor visitor) {
		HeadTable table = table();
		if (table == null || this.targetEdited || table.bytes()[table.secondStart()] != '/') {
			visitor.text(originForm());
		}
		else {
			visitor.octets(table.bytes(), table.secondStart(), table.secondEnd());
		}
	}

	@Override
	public String toString() {
		return method() + " " + path();
	}

	@Nullable HeadTable tableOrNull() {
		return this.table;
	}

	private @Nullable HeadTable table() {
		return HeadTable.checked(this.table, this.generation);
	}

}
