package dev.pingora.route;

import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.ProxyFilter;

/**
 * Makes the usual filters, under Spring Cloud Gateway's names, for routes built in code.
 * <p>
 * Those for requests edit what goes upstream, in {@code upstreamRequestFilter}:
 * {@code session.request()} stays what the client sent, in logs too. Those for responses
 * edit what goes to the client, in {@code responseFilter}. Values are literal: a
 * {@code {name}} in them is no template. {@code Connection}, {@code Content-Length},
 * {@code Transfer-Encoding} and {@code Host} can't be added, set or removed.
 */
public final class RouteFilters {

	private RouteFilters() {
	}

	/**
	 * Drops the first segments of the path; the empty ones behind them too, so that no
	 * path comes to start with two slashes.
	 * @param parts how many segments, 1 to 100
	 * @return the filter
	 * @throws IllegalArgumentException if the number is out of range
	 */
	public static NamedFilter stripPrefix(int parts) {
		return named("StripPrefix", new StripPrefix(parts));
	}

	/**
	 * Puts a prefix before the path.
	 * @param prefix the prefix, percent-encoded, with a leading slash and no trailing one
	 * @return the filter
	 * @throws IllegalArgumentException if the prefix is no such path
	 */
	public static NamedFilter prefixPath(String prefix) {
		return named("PrefixPath", new PrefixPath(prefix));
	}

	/**
	 * Replaces every match of a regular expression in the raw path. Keep the expression
	 * simple: see {@link RequestPredicates}. A result that is no valid path, or has a dot
	 * segment, fails the request with 400; an empty one becomes {@code /}.
	 * @param regexp the expression
	 * @param replacement the replacement, with <code>$1</code> or <code>${name}</code>;
	 * <code>$\{name}</code> is the same
	 * @return the filter
	 * @throws IllegalArgumentException if either is malformed, or a group does not exist
	 */
	public static NamedFilter rewritePath(String regexp, String replacement) {
		return named("RewritePath", new RewritePath(regexp, replacement));
	}

	/**
	 * Adds a request header field behind those of the same name.
	 * @param name its name
	 * @param value its value
	 * @return the filter
	 * @throws IllegalArgumentException if name or value could not be sent, or the field
	 * is the engine's
	 */
	public static NamedFilter addRequestHeader(String name, String value) {
		return named("AddRequestHeader", new RequestHeaderFilter(HeaderEdit.add(name, value)));
	}

	/**
	 * Sets a request header field in place of all of the same name.
	 * @param name its name
	 * @param value its value
	 * @return the filter
	 * @throws IllegalArgumentException if name or value could not be sent, or the field
	 * is the engine's
	 */
	public static NamedFilter setRequestHeader(String name, String value) {
		return named("SetRequestHeader", new RequestHeaderFilter(HeaderEdit.set(name, value)));
	}

	/**
	 * Removes all request header fields of a name.
	 * @param name their name
	 * @return the filter
	 * @throws IllegalArgumentException if the name is no token, or the field is the
	 * engine's
	 */
	public static NamedFilter removeRequestHeader(String name) {
		return named("RemoveRequestHeader", new RequestHeaderFilter(HeaderEdit.remove(name)));
	}

	/**
	 * Sets the request's host, which otherwise is the client's.
	 * @param host the host, with its port where it is not the default one
	 * @return the filter
	 * @throws IllegalArgumentException if it is no host
	 */
	public static NamedFilter setRequestHostHeader(String host) {
		return named("SetRequestHostHeader", new SetRequestHostHeader(host));
	}

	/**
	 * Adds a response header field behind those of the same name.
	 * @param name its name
	 * @param value its value
	 * @return the filter
	 * @throws IllegalArgumentException if name or value could not be sent, or the field
	 * is the engine's
	 */
	public static NamedFilter addResponseHeader(String name, String value) {
		return named("AddResponseHeader", new ResponseHeaderFilter(HeaderEdit.add(name, value)));
	}

	/**
	 * Sets a response header field in place of all of the same name.
	 * @param name its name
	 * @param value its value
	 * @return the filter
	 * @throws IllegalArgumentException if name or value could not be sent, or the field
	 * is the engine's
	 */
	public static NamedFilter setResponseHeader(String name, String value) {
		return named("SetResponseHeader", new ResponseHeaderFilter(HeaderEdit.set(name, value)));
	}

	/**
	 * Removes all response header fields of a name.
	 * @param name their name
	 * @return the filter
	 * @throws IllegalArgumentException if the name is no token, or the field is the
	 * engine's
	 */
	public static NamedFilter removeResponseHeader(String name) {
		return named("RemoveResponseHeader", new ResponseHeaderFilter(HeaderEdit.remove(name)));
	}

	/**
	 * Changes the response's status, unless it says that there is no body: 1xx, 204, 205
	 * and 304 stay.
	 * @param status the status, 200 to 599, but none of 204, 205 and 304
	 * @return the filter
	 * @throws IllegalArgumentException if the status is another one
	 */
	public static NamedFilter setStatus(int status) {
		return named("SetStatus", new SetStatus(status));
	}

	private static NamedFilter named(String name, ProxyFilter filter) {
		return NamedFilter.of(name, filter);
	}

}
