package dev.pingora.route;

import java.util.List;
import java.util.Objects;

import dev.pingora.http.RequestHeader;

/**
 * Makes the usual predicates, under Spring Cloud Gateway's names.
 * <p>
 * Regular expressions are {@link java.util.regex.Pattern}s, compiled here and matched
 * against a whole value on the event loop. Values come from strangers: keep expressions
 * simple, without nested repetition such as {@code (a+)+}, whose cost can explode.
 */
public final class RequestPredicates {

	private RequestPredicates() {
	}

	/**
	 * The path matches one of some patterns: {@code /orders/**} (any number of segments,
	 * {@code /orders} itself included; only at the end), {@code /orders/{id}} and
	 * {@code /a/*}{@code /b} (one segment that is not empty), {@code /img/*.png} (any
	 * number of octets), {@code /a?c} (one octet), {@code /files/{*rest}} (as
	 * {@code **}).
	 * <p>
	 * The raw path is split at its slashes and each segment is percent-decoded by itself;
	 * octets are compared, case-sensitively; a trailing slash counts. Patterns are
	 * decoded text, in UTF-8. Variables are not kept. {@code OPTIONS *} matches no
	 * pattern.
	 * @param patterns the patterns, at least one
	 * @return the predicate
	 * @throws IllegalArgumentException if there is none, or one is malformed
	 */
	public static RequestPredicate path(String... patterns) {
		return new PathPredicate(some("path pattern", patterns));
	}

	/**
	 * The host matches one of some patterns: {@code api.example.org},
	 * {@code *.example.org} (one more label), {@code **.example.org} (any number more,
	 * none included). Port, case and a trailing dot don't count. The host is that of a
	 * target in absolute form, else that of {@code Host}.
	 * @param patterns the patterns, at least one
	 * @return the predicate
	 * @throws IllegalArgumentException if there is none, or one is malformed
	 */
	public static RequestPredicate host(String... patterns) {
		return new HostPredicate(some("host pattern", patterns));
	}

	/**
	 * The method is one of some.
	 * @param methods the methods, case-sensitive, at least one
	 * @return the predicate
	 * @throws IllegalArgumentException if there is none, one is no token, or a standard
	 * method is not in upper case
	 */
	public static RequestPredicate method(String... methods) {
		return new MethodPredicate(some("method", methods));
	}

	/**
	 * A header field is there.
	 * @param name its name, in any case
	 * @return the predicate
	 * @throws IllegalArgumentException if the name is no token
	 */
	public static RequestPredicate header(String name) {
		return new HeaderPredicate(name, null);
	}

	/**
	 * A header field is there with a value that matches.
	 * @param name its name, in any case
	 * @param regexp a regular expression for one whole value
	 * @return the predicate
	 * @throws IllegalArgumentException if the name is no token or the expression
	 * malformed
	 */
	public static RequestPredicate header(String name, String regexp) {
		return new HeaderPredicate(name, Objects.requireNonNull(regexp, "regexp"));
	}

	/**
	 * The query has a parameter.
	 * @param param its decoded name, case-sensitive
	 * @return the predicate
	 * @throws IllegalArgumentException if the name is empty
	 */
	public static RequestPredicate query(String param) {
		return new QueryPredicate(param, null);
	}

	/**
	 * The query has a parameter with a value that matches.
	 * @param param its decoded name, case-sensitive
	 * @param regexp a regular expression for one whole decoded value
	 * @return the predicate
	 * @throws IllegalArgumentException if the name is empty or the expression malformed
	 */
	public static RequestPredicate query(String param, String regexp) {
		return new QueryPredicate(param, Objects.requireNonNull(regexp, "regexp"));
	}

	/**
	 * Gives a predicate a text for operators.
	 * @param text the text, without secrets
	 * @param predicate the predicate
	 * @return a predicate with that text as its {@code toString}
	 */
	public static RequestPredicate named(String text, RequestPredicate predicate) {
		return new Named(text, predicate);
	}

	private static List<String> some(String what, String... values) {
		if (values.length == 0) {
			throw new IllegalArgumentException(what + ": none (expected: at least one)");
		}
		return List.of(values);
	}

	private record Named(String text, RequestPredicate predicate) implements RequestPredicate {

		@Override
		public boolean test(RequestHeader request) {
			return this.predicate.test(request);
		}

		@Override
		public String toString() {
			return this.text;
		}

	}

}
