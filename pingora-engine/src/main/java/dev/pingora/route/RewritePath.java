package dev.pingora.route;

import java.util.regex.Pattern;

import dev.pingora.error.ProxyException;
import dev.pingora.http.RequestHeader;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites the raw path that goes upstream by a regular expression: every match is
 * replaced, as by {@code Matcher.replaceAll}. An empty result becomes {@code /}. A result
 * that {@link PathSyntax} refuses fails the request with 400: matched pieces of a good
 * path can make up a bad one.
 */
final class RewritePath implements ProxyFilter {

	private final Pattern regexp;

	private final String replacement;

	RewritePath(String regexp, String replacement) {
		this.regexp = Regexp.compile(regexp);
		// In YAML and properties ${name} would be a placeholder.
		this.replacement = replacement.replace("$\\{", "${");
		checkReplacement(regexp);
	}

	private void checkReplacement(String regexp) {
		if (this.replacement.indexOf('?') >= 0 || this.replacement.indexOf('#') >= 0) {
			throw invalid("a path, without ? and #", null);
		}
		try {
			// An alternative that is empty always matches: all groups are asked for here.
			Regexp.compile("|" + regexp).matcher("").replaceFirst(this.replacement);
		}
		catch (IllegalArgumentException | IndexOutOfBoundsException ex) {
			throw invalid("groups of " + regexp + ", but: " + ex.getMessage(), ex);
		}
	}

	private IllegalArgumentException invalid(String expected, @Nullable Exception cause) {
		return new IllegalArgumentException(
				"RewritePath replacement: '" + this.replacement + "' (expected: " + expected + ")", cause);
	}

	@Override
	public void upstreamRequestFilter(Session session, RequestHeader upstreamRequest) throws ProxyException {
		String path = upstreamRequest.path();
		if (!path.startsWith("/")) {
			return;
		}
		String result = this.regexp.matcher(path).replaceAll(this.replacement);
		if (result.equals(path)) {
			return;
		}
		String rewritten = result.isEmpty() ? "/" : result;
		String flaw = (rewritten.indexOf('?') >= 0) ? "no ?" : PathSyntax.flaw(rewritten);
		if (flaw != null) {
			throw RequestTarget.refused("rewritten path", rewritten, flaw);
		}
		RequestTarget.rewritePath(upstreamRequest, rewritten);
	}

	@Override
	public String toString() {
		return "RewritePath=" + this.regexp + ", " + this.replacement;
	}

}
