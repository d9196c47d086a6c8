package dev.pingora.route;

import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Set;

import dev.pingora.error.ProxyException;
import dev.pingora.event.Phase;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class RouteFiltersTests {

	// These filters leave the session, and with it the client's request, alone.
	private static final Session UNTOUCHED = (Session) Proxy.newProxyInstance(Session.class.getClassLoader(),
			new Class<?>[] { Session.class }, (proxy, method, arguments) -> {
				throw new AssertionError("session." + method.getName() + " was called");
			});

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "StripPrefix=1 | /a/b | /b", "StripPrefix=1 | /a/b/?x=/y | /b/?x=/y",
					"StripPrefix=2 | /a/b/c/d | /c/d", "StripPrefix=1 | /a | /", "StripPrefix=1 | /a/ | /",
					"StripPrefix=3 | /a/b?q | /?q", "StripPrefix=1 | / | /", "StripPrefix=1 | //a/b | /a/b",
					"StripPrefix=1 | /a//evil.com/x | /evil.com/x", "StripPrefix=1 | /a%2Fb/c | /c",
					"StripPrefix=1 | * | *", "StripPrefix=1 | http://h:1/a/b?c | /b?c", "PrefixPath=/p | /a?b | /p/a?b",
					"PrefixPath=/p/%20q | / | /p/%20q/", "PrefixPath=/p | * | *",
					"'RewritePath=/red/(?<segment>.*), /$\\{segment}' | /red/blue?x=1 | /blue?x=1",
					"'RewritePath=/foo(?<segment>/?.*), $\\{segment}' | /foo | /",
					"'RewritePath=/foo(?<segment>/?.*), $\\{segment}' | /foo/a%2Fb | /a%2Fb",
					"'RewritePath=^/(\\d+)/x$, /items/$1' | /12/x | /items/12", "'RewritePath=/a, /b' | /c | /c",
					"'RewritePath=a, b' | /aXa?a | /bXb?a", "'RewritePath=.*, /x' | * | *" })
	void rewritesThePathAndKeepsTheQuery(String shortcut, String target, String expected) throws ProxyException {
		RequestHeader request = RequestHeader.of("GET", target);

		FilterCatalogue.builtIn().filter(Definition.parse(shortcut)).upstreamRequestFilter(UNTOUCHED, request);

		assertThat(request.target()).isEqualTo(expected);
	}

	@ParameterizedTest
	@ValueSource(strings = { "StripPrefix=1", "PrefixPath=/p", "RewritePath=/a, /b" })
	void aRewrittenAbsoluteTargetKeepsItsHost(String shortcut) throws ProxyException {
		RequestHeader request = RequestHeader.of("GET", "http://routed.org:81/a/b");
		request.headers().set("Host", "other.org");

		FilterCatalogue.builtIn().filter(Definition.parse(shortcut)).upstreamRequestFilter(UNTOUCHED, request);

		assertThat(request.target()).startsWith("/");
		assertThat(request.headers().all("Host")).containsExactly("routed.org:81");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "'/x(?<r>.*)' | '/$\\{r}' | /x../admin", "'/x(?<r>.*)' | '/$\\{r}' | /x%2e./admin",
					"'/x' | '%' | /x", "'/x' | 'y' | /x", "'%' | '%%' | /a%41", "'b' | '.' | '/a/b'",
					"'/x' | '/\\\\' | /x" })
	void aRewrittenPathThatIsNoGoodPathFailsTheRequest(String regexp, String replacement, String path) {
		ProxyFilter filter = RouteFilters.rewritePath(regexp, replacement).filter();
		RequestHeader request = RequestHeader.of("GET", path);

		assertThatExceptionOfType(ProxyException.class)
			.isThrownBy(() -> filter.upstreamRequestFilter(UNTOUCHED, request))
			.satisfies((error) -> assertThat(error.status()).isEqualTo(400))
			.withMessageContaining("rewritten path: '");
		assertThat(request.target()).isEqualTo(path);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "AddRequestHeader=X-A, a, b | 1;a, b", "SetRequestHeader=x-a, 2 | 2",
			"RemoveRequestHeader=X-a | ''", "AddRequestHeader=X-B, 1 | 1", "SetRequestHeader=X-A, {name} | {name}" })
	void editsTheRequestThatGoesUpstream(String shortcut, String expected) throws ProxyException {
		RequestHeader request = RequestHeader.of("GET", "/");
		request.headers().add("X-A", "1");

		FilterCatalogue.builtIn().filter(Definition.parse(shortcut)).upstreamRequestFilter(UNTOUCHED, request);

		assertThat(String.join(";", request.headers().all("X-A"))).isEqualTo(expected);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "AddResponseHeader=X-A, a, b | 1;a, b", "SetResponseHeader=x-a, 2 | 2",
			"RemoveResponseHeader=X-a | ''" })
	void editsTheResponseThatGoesToTheClient(String shortcut, String expected) throws ProxyException {
		ResponseHeader response = ResponseHeader.of(200);
		response.headers().add("X-A", "1");

		FilterCatalogue.builtIn().filter(Definition.parse(shortcut)).responseFilter(UNTOUCHED, response);

		assertThat(String.join(";", response.headers().all("X-A"))).isEqualTo(expected);
	}

	@ParameterizedTest
	@CsvSource({ "200,404", "500,404", "302,404", "204,204", "205,205", "304,304", "101,101", "103,103" })
	void setsTheStatusOfResponsesThatMayHaveABody(int status, int expected) throws ProxyException {
		ResponseHeader response = ResponseHeader.of(status);

		FilterCatalogue.builtIn().filter(Definition.parse("SetStatus=404")).responseFilter(UNTOUCHED, response);

		assertThat(response.status()).isEqualTo(expected);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/a?b", "http://client.org/a?b" })
	void setsTheHostWhereverTheTargetNamesIt(String target) throws ProxyException {
		RequestHeader request = RequestHeader.of("GET", target);
		request.headers().set("Host", "client.org");

		RouteFilters.setRequestHostHeader("origin.org:8080").filter().upstreamRequestFilter(UNTOUCHED, request);

		assertThat(request.target()).isEqualTo("/a?b");
		assertThat(request.headers().all("Host")).containsExactly("origin.org:8080");
	}

	@ParameterizedTest
	@CsvSource({ "Content-Length", "content-length", "Transfer-Encoding", "Connection", "Host", "HOST", "a b", ":path",
			"''" })
	void refusesToEditFieldsThatFrameAMessage(String field) {
		for (String name : FilterCatalogue.builtIn().names()) {
			if (name.endsWith("Header") && !name.equals("SetRequestHostHeader")) {
				Map<String, String> arguments = name.startsWith("Remove") ? Map.of("name", field)
						: Map.of("name", field, "value", "1");
				assertThatIllegalArgumentException()
					.isThrownBy(() -> FilterCatalogue.builtIn().filter(Definition.of(name, arguments)))
					.withMessageStartingWith("header name: '" + field + "' (expected: ");
			}
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"', value = { "StripPrefix=0 | 0 (expected: 1..100)",
			"StripPrefix | no parts", "StripPrefix=1,2 | '1,2'", "PrefixPath=p | 'p' (expected: a leading slash)",
			"PrefixPath=/p/ | no trailing slash", "PrefixPath=/p?x | without ?", "PrefixPath=/{p} | without ?",
			"PrefixPath=/a/../b | no dot segments", "PrefixPath=/% | hexadecimal", "PrefixPath=/caf\u00e9 | encoded",
			"RewritePath=/a | no replacement", "RewritePath=(, / | regexp: '('", "RewritePath=/(a), /$2 | No group 2",
			"RewritePath=/(?<a>.*), /$\\{b} | No group with name {b}", "RewritePath=/a, $ | replacement: '$'",
			"RewritePath=/a, /b?c=d | without ? and #", "SetStatus=OK | a whole number", "SetStatus=99 | 200..599",
			"SetStatus=204 | none of 204", "SetStatus=600 | 200..599", "SetRequestHostHeader=a/b | 'a/b'",
			"SetRequestHostHeader | no host", "SetRequestHostHeader=a@b | 'a@b'", "AddRequestHeader=X | no value",
			"AddRequestHeader=X, \u0100 | header X", "SetStatus=404,1 | '404,1'" })
	void refusesMalformedArguments(String shortcut, String message) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> FilterCatalogue.builtIn().filter(Definition.parse(shortcut)))
			.withMessageContaining(message)
			.withMessageContaining("(expected: ");
	}

	@Test
	void filtersImplementOnePhaseUnderTheirName() {
		NamedFilter request = RouteFilters.stripPrefix(1);
		NamedFilter response = RouteFilters.setStatus(404);

		assertThat(request.name()).isEqualTo("StripPrefix");
		assertThat(request.phases()).isEqualTo(Set.of(Phase.UPSTREAM_REQUEST_FILTER));
		assertThat(response.name()).isEqualTo("SetStatus");
		assertThat(response.phases()).isEqualTo(Set.of(Phase.RESPONSE_FILTER));
	}

	@Test
	void showNoHeaderValues() {
		assertThat(RouteFilters.addRequestHeader("Authorization", "secret").filter().toString())
			.contains("Authorization")
			.doesNotContain("secret");
	}

}
